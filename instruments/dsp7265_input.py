"""Input of a 7265: sensitivity by input mode, line filter by line frequency, ADC3."""

from instruments.declared import OutOfRangeError
from instruments.domains import numbers
from instruments.dsp7265_conversation import LockinConversation
from instruments.dsp7265_settings import IMODES, TIME_CONSTANTS, full_scales

LINE_FILTERS = ("off", "f", "2f", "both")


class LockinInput(LockinConversation):
    """A 7265 with its input."""

    @property
    def sensitivity(self) -> float:
        """Control the full scale in V, or in A in a current mode (float).

        The smallest full scale that holds the value is taken; a value above the largest raises.
        """
        reading: float = self.decoded("SEN.", _full_scale, "a full scale")
        return reading

    @sensitivity.setter
    def sensitivity(self, value: float) -> None:
        with self.lock:
            self._imode = None
            for index, scale in full_scales(self._input_mode()).items():
                if 0.0 < value <= scale * (1.0 + 1e-6):
                    self.write(f"SEN {index}")
                    return
            largest = self.sensitivities()[-1]
        raise OutOfRangeError(
            f"{self.name}: sensitivity = {value!r} is not above 0 and up to {largest:g}; nothing"
            " was sent, choose a value inside"
        )

    def sensitivities(self) -> list[float]:
        """Return the full scales of the present input, the most sensitive first."""
        with self.lock:
            return list(full_scales(self._input_mode()).values())

    def time_constants(self) -> list[float]:
        """Return the time constants in s, the shortest first."""
        return list(TIME_CONSTANTS)

    def sensitivity_up(self) -> float:
        """Take the next larger full scale, unless there is none, and return what is set."""
        return self._step_sensitivity(1)

    def sensitivity_down(self) -> float:
        """Take the next smaller full scale, unless there is none, and return what is set."""
        return self._step_sensitivity(-1)

    @property
    def line_filter(self) -> str:
        """Control the line filter (str, strictly 'off', 'f', '2f' or 'both')."""
        chosen: str = self.decoded("LF", _line_filter, "the state of the line filter")
        return chosen

    @line_filter.setter
    def line_filter(self, value: str) -> None:
        if value not in LINE_FILTERS:
            raise OutOfRangeError(
                f"{self.name}: line_filter = {value!r} is not one of {', '.join(LINE_FILTERS)}"
            )
        self.write(f"LF {LINE_FILTERS.index(value)} {1 if self.line_frequency == 50.0 else 0}")

    @property
    def adc3_time(self) -> float:
        """Control the sample time of ADC3 in s (float strictly from 0.01 to 2, assumed)."""
        milliseconds: float = self.decoded("ADC3TIME", _one, "a time in ms")
        return milliseconds / 1000.0

    @adc3_time.setter
    def adc3_time(self, value: float) -> None:
        if not 0.01 <= value <= 2.0:
            raise OutOfRangeError(f"{self.name}: adc3_time = {value!r} is not 0.01 to 2 s")
        self.write(f"ADC3TIME {round(1000 * value)}")
        self.clock.sleep(1.2 * value)

    @property
    def adc3(self) -> float:
        """Measure the voltage at the integrating ADC3 in V."""
        with self.lock:
            counts: float = self.decoded("ADC 3", _one, "one number")
            return counts / (50000.0 * self.adc3_time)

    def set_voltage_mode(self) -> None:
        """Measure a voltage."""
        self.imode = IMODES[0]

    def setDifferentialMode(self, lineFiltering: bool | None = None) -> None:  # noqa: N802, N803 (pymeasure's names)
        """Measure A-B; the line filter stays as it is unless `lineFiltering` says otherwise."""
        with self.lock:
            self.vmode = "A-B"
            if lineFiltering is not None:
                self.line_filter = "both" if lineFiltering else "off"

    def setChannelAMode(self) -> None:  # noqa: N802 (pymeasure's name)
        """Measure A."""
        self.vmode = "A"

    def _input_mode(self) -> int:
        if self._imode is None:
            self._imode = IMODES.index(self.imode)
        return self._imode

    def _step_sensitivity(self, step: int) -> float:
        with self.lock:
            self._imode = None
            scales = full_scales(self._input_mode())
            index: int = self.decoded("SEN", _whole, "the index of a sensitivity")
            if index + step in scales:
                index += step
                self.write(f"SEN {index}")
            return scales[index]


def _one(reply: str) -> float:
    (value,) = numbers(reply, 1)
    return value


def _whole(reply: str) -> int:
    value = _one(reply)
    if value not in range(1, 28):
        raise ValueError(f"{value:g} is no index")
    return int(value)


def _full_scale(reply: str) -> float:
    """Return the exact full scale nearest to a reply, which must be within one per cent."""
    value = _one(reply)
    scales = {scale for mode in range(3) for scale in full_scales(mode).values()}
    nearest = min(scales, key=lambda scale: abs(scale - value))
    if abs(nearest - value) > 0.01 * nearest:
        raise ValueError(f"{value:g} is no full scale")
    return nearest


def _line_filter(reply: str) -> str:
    chosen = numbers(reply.replace(" ", ","))
    if len(chosen) > 2 or chosen[0] not in range(4):
        raise ValueError(reply)
    return LINE_FILTERS[int(chosen[0])]
