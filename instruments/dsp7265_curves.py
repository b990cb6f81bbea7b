"""The curve buffer of a 7265: up to 32768 points, shared by the outputs that are stored."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from instruments.declared import OutOfRangeError
from instruments.dsp7265_conversation import BAD_PARAMETER, COMPLETE, DATA, POLL
from instruments.dsp7265_input import LockinInput
from instruments.dsp7265_settings import full_scales
from instruments.errors import CommunicationError, InstrumentError, NotSettledError, RefusedError

CAPACITY = 32768
GRID = 5
"""Grid of the interval in ms."""
SILENCE = 10.0
"""Longest time in s without a value in a dump."""
RUNNING = frozenset({1, 2})
WORD = 1 << 16

Curve = NDArray[np.int64]
Values = NDArray[np.float64]


class CurveBuffer(LockinInput):
    """A 7265 that stores its outputs."""

    def set_buffer(
        self, points: int, quantities: Sequence[str] | None = None, interval: float = 10.0e-3
    ) -> None:
        """Prepare the buffer.

        Parameters
        ----------
        points
            Per quantity; all quantities share 32768.
        quantities
            Of `CURVE_BITS`, or ``frequency`` for both of its words; X and Y if omitted.
        interval
            In s, rounded up to 5 ms; 0 stores X and Y every 1.25 ms.

        Raises
        ------
        LimitError
            Too many points, an unknown quantity, or more than X and Y at interval 0.
        """
        chosen = {name.lower() for name in (quantities or ("x", "y"))}
        if "frequency" in chosen:
            chosen = (chosen - {"frequency"}) | {"frequency part 1", "frequency part 2"}
        self._check_buffer(points, chosen, interval)
        milliseconds = GRID * math.ceil(interval * 1000.0 / GRID - 1e-9)
        with self.lock:
            # the mask first: it may shorten the length
            self.curve_buffer_bits = sum(1 << self.CURVE_BITS.index(name) for name in chosen)
            self.curve_buffer_length = points
            self.curve_buffer_interval = milliseconds
            self.init_curve_buffer()

    def init_curve_buffer(self) -> None:
        """Clear the buffer."""
        self.write("NC")

    def start_buffer(self) -> None:
        """Store points until the buffer is full."""
        self.write("TD")

    def start_buffer_endlessly(self) -> None:
        """Store points round and round until `halt_buffer`."""
        self.write("TDC")

    def start_buffer_on_trigger(self) -> None:
        """Store points from the next external trigger on."""
        self.write("TDT")

    def halt_buffer(self) -> None:
        """Stop storing."""
        self.write("HC")

    def wait_for_buffer(self, timeout: float | None = None, delay: float = 0.1) -> None:
        """Wait on the clock until nothing is being stored.

        Parameters
        ----------
        timeout
            In s; for ever if omitted.
        delay
            Between two polls in s.

        Raises
        ------
        NotSettledError
            Storing has not ended in time.
        """
        began = self.clock.now()
        while True:
            state, _sweeps, _status, points = self.curve_buffer_status
            if state not in RUNNING:
                return
            if timeout is not None and self.clock.now() - began >= timeout:
                raise NotSettledError(
                    f"{self.name}: the buffer is not full after {timeout:g} s, it holds {points}"
                    " points; wait longer or halt_buffer()"
                )
            self.clock.sleep(delay)

    def get_buffer(
        self,
        quantity: str | None = None,
        convert_to_float: bool = True,  # noqa: FBT002 (pymeasure's signature)
        wait_for_buffer: bool = True,  # noqa: FBT002 (pymeasure's signature)
    ) -> Any:
        """Read the buffer.

        Parameters
        ----------
        quantity
            One of the stored quantities; all of them if omitted.
        convert_to_float
            Whether to convert to V, A, degrees, Hz.
        wait_for_buffer
            Whether to wait for the end of storing.

        Returns
        -------
        Any
            An array for one quantity, otherwise a dict of arrays.

        Raises
        ------
        KeyError
            The quantity is not stored.
        RefusedError
            Points are still being stored, and `wait_for_buffer` is false.
        """
        with self.lock:
            if wait_for_buffer:
                self.wait_for_buffer()
            elif self.curve_buffer_status[0] in RUNNING:
                raise RefusedError(
                    f"{self.name}: the buffer is not full yet; wait or halt_buffer()"
                )
            bits = self.curve_buffer_bits
            stored = [name for place, name in enumerate(self.CURVE_BITS) if bits >> place & 1]
            if quantity is not None and quantity not in stored:
                raise KeyError(f"{quantity!r} is not stored; stored are {', '.join(stored)}")
            chosen = stored if quantity is None else [quantity]
            data = {name: self._dump(self.CURVE_BITS.index(name)) for name in chosen}
            sensitivity = None
            if convert_to_float and "sensitivity" not in data:
                sensitivity = self.sensitivity if _SCALED & set(data) else None
        if convert_to_float:
            data = self.buffer_to_float(data, sensitivity=sensitivity, raise_error=quantity is None)
        return data if quantity is None else data[quantity]

    def buffer_to_float(
        self,
        buffer_data: dict[str, Any],
        sensitivity: float | Values | None = None,
        sensitivity2: float | Values | None = None,
        raise_error: bool = True,  # noqa: FBT002 (pymeasure's signature)
    ) -> dict[str, Any]:
        """Convert the whole numbers of the buffer.

        Parameters
        ----------
        buffer_data
            Arrays by quantity, as `get_buffer` reads them.
        sensitivity
            Full scale in V or A, one or one per point; goes before a stored one.
        sensitivity2
            The same for the second detector.
        raise_error
            Whether to raise for what cannot be converted, instead of leaving it out.

        Returns
        -------
        dict[str, Any]
            Arrays by quantity.

        Raises
        ------
        ValueError
            Something cannot be converted.
        """
        data: dict[str, Any] = {}
        for number, given in (("", sensitivity), ("2", sensitivity2)):
            stored = buffer_data.get(f"sensitivity{number}")
            if stored is not None:
                data[f"sensitivity{number}"] = _full_scale(stored)
            scale = data.get(f"sensitivity{number}") if given is None else given
            scaled = [name + number for name in ("x", "y", "magnitude")]
            present = [name for name in (*scaled, *["noise"][len(number) :]) if name in buffer_data]
            if scale is not None:
                data |= {name: buffer_data[name] * (scale / 10000) for name in present}
            elif present and raise_error:
                raise ValueError(f"{present} cannot be converted without the sensitivity{number}")
        for name, factor in _FACTORS.items():
            if name in buffer_data:
                data[name] = buffer_data[name] * factor
        if "adc3" in buffer_data:
            data["adc3"] = buffer_data["adc3"] / (50000 * self.adc3_time)
        self._add_frequency(buffer_data, data, raise_error=raise_error)
        return data

    def _add_frequency(
        self, buffer_data: dict[str, Any], data: dict[str, Any], *, raise_error: bool
    ) -> None:
        words = [buffer_data.get(f"frequency part {part}") for part in (1, 2)]
        low, high = words
        if low is not None and high is not None:
            unsigned = np.asarray(low, dtype=np.int64) % WORD
            data["frequency"] = (np.asarray(high, dtype=np.int64) % WORD * WORD + unsigned) / 1000
        elif raise_error and (low is not None or high is not None):
            raise ValueError("a frequency takes both of its parts")

    def _check_buffer(self, points: int, chosen: set[str], interval: float) -> None:
        unknown = chosen - set(self.CURVE_BITS)
        if unknown:
            problem = f"there is no quantity {sorted(unknown)}"
        elif not 1 <= points * len(chosen) <= CAPACITY:
            problem = f"{points} points of {len(chosen)} quantities do not fit into {CAPACITY}"
        elif not 0.0 <= interval <= 1e6:
            problem = f"an interval of {interval:g} s is outside 0 to 1e6 s"
        elif interval == 0.0 and not chosen <= {"x", "y"}:
            problem = "an interval of 0 stores X and Y only"
        else:
            return
        raise OutOfRangeError(f"{self.name}: {problem}; nothing was sent")

    def _dump(self, place: int) -> Curve:
        command = f"DC {place}"
        with self.lock:
            count = int(self.curve_buffer_status[3])
            self._say(command)
            if self.adapter.serial_poll() is None:
                lines = [self._receive(command) for _ in range(count)]
                self._check(command, self._completed(command))
            else:
                lines = self._dump_by_polling(command)
            self._owed = False
            try:
                return np.array([int(line) for line in lines], dtype=np.int64)
            except ValueError:
                self.disown(command, " ".join(lines), "whole numbers, one per line")

    def _dump_by_polling(self, command: str) -> list[str]:
        lines: list[str] = []
        silent_since = self.clock.now()
        while True:
            status = self.status_byte()
            if status & BAD_PARAMETER:
                raise InstrumentError(f"{self.name}: {command!r} was refused: parameter error")
            if status & COMPLETE:
                return lines
            if status & DATA:
                lines.append(self._receive(command))
                silent_since = self.clock.now()
            elif self.clock.now() - silent_since > SILENCE:
                self.resynchronise()
                raise CommunicationError(f"{self.name}: {command!r} fell silent; ask again")
            else:
                self.clock.elapse(POLL)


def _full_scale(codes: Any) -> Values:
    scales = [full_scales(mode) for mode in range(3)]
    return np.array([scales[code // 32][code % 32] for code in np.asarray(codes).tolist()])


_SCALED = {"x", "y", "magnitude", "noise"}
_FACTORS = {
    **dict.fromkeys(("phase", "phase2"), 1 / 100),
    **dict.fromkeys(("adc1", "adc2", "dac1", "dac2", "ratio", "log ratio"), 1 / 1000),
    "event": 1,
}
