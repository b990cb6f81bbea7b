"""A lock-in that is read point by point: it settles, finds its range, and averages."""

import cmath
import math

from instruments.averaging import Average, average
from instruments.clock import Clock
from instruments.errors import LimitError
from instruments.excitation import COUNTS, OUTPUT_REFRESH, RETAKES, Excitation, settling_time
from instruments.lockin import LockIn, LockinReading, less_sensitive
from instruments.reference_frequency import Detection
from instruments.status import Status
from instruments.waiting import Steps, wait

SIGNIFICANT = 20.0
"""Signal over its error above which its phase is taken, to 3 degrees then."""
FAINT = 1e-6
"""Signal in V below which a single reading may be all noise."""
REPEATS = 5


class Detector:
    """The receiving half of a lock-in.

    Parameters
    ----------
    lockin
        The lock-in.
    clock
        The clock of the station.
    excitation
        Time constant, slope, harmonic, dwell and sensitivity matter here.
    headroom
        Full scale over the signal where the sensitivity is chosen.
    slow
        Time in s that the circuit takes to settle besides the filter.
    """

    def __init__(
        self,
        lockin: LockIn,
        clock: Clock,
        excitation: Excitation,
        *,
        headroom: float,
        slow: float = 0.0,
    ) -> None:
        self.sensitivity = math.nan
        self._lockin = lockin
        self._clock = clock
        self._excitation = excitation
        self._headroom = headroom
        self._slow = slow
        self.time_constant = _not_shorter(lockin.time_constants(), excitation.time_constant)
        self._changed = -math.inf

    def prepare(self, input_mode: str, phase: float = 0.0) -> None:
        """Set input, filter and frequency; the oscillator stays as it is.

        Parameters
        ----------
        input_mode
            ``A``, ``-B`` or ``A-B``.
        phase
            Of the reference in degrees.
        """
        lockin, excitation = self._lockin, self._excitation
        lockin.imode = "voltage mode"
        lockin.vmode = input_mode
        lockin.coupling = 0
        lockin.reference = "internal"
        lockin.auto_gain = True
        lockin.frequency = excitation.frequency
        lockin.harmonic = 1
        lockin.time_constant = self.time_constant
        lockin.slope = excitation.slope
        lockin.reference_phase = phase
        self.touch()

    def touch(self) -> None:
        """Note that something has changed: the filter begins to settle now."""
        self._changed = self._clock.now()

    def settling(self) -> float:
        """Return the time in s from a change to a reading that may be kept."""
        excitation = self._excitation
        times = settling_time(excitation.slope // 6, excitation.settle_fraction)
        return times * self.time_constant + self._slow + OUTPUT_REFRESH

    def single(self) -> Steps[LockinReading]:
        """Wait until the filter has settled, and read once."""
        left = self._changed + self.settling() - self._clock.now()
        yield from wait(self._clock, max(0.0, left), "the lock-in to settle")
        return self._lockin.read_xy()

    def averaged(self) -> Steps[Average]:
        """Wait until the filter has settled, and average over the dwell."""
        left = self._changed + self.settling() - self._clock.now()
        yield from wait(self._clock, max(0.0, left), "the lock-in to settle")
        excitation = self._excitation
        detection = Detection(
            excitation.frequency,
            self.time_constant,
            excitation.slope,
            excitation.harmonic,
            self._lockin.line_frequency,
            self.sensitivity / COUNTS,
        )
        mean = yield from average(self._lockin, self._clock, excitation.dwell, detection)
        return mean

    def kept(self) -> Steps[tuple[LockinReading, float]]:
        """Return a settled reading, averaged if there is a dwell, and the error of X in V."""
        if not self._excitation.dwell:
            single = yield from self.single()
            return single, math.nan
        mean = yield from self.averaged()
        return mean, mean.x_error

    def in_range(
        self, reading: LockinReading, error: float
    ) -> Steps[tuple[LockinReading, float, Status]]:
        """Take an overloaded reading again less sensitively.

        Parameters
        ----------
        reading
            As it was kept.
        error
            Of X in V.

        Returns
        -------
        tuple
            Reading, its error, and whether the sensitivity was changed for it.
        """
        changed = Status(0)
        for _ in range(RETAKES):
            if not reading.status.overload or not self.desensitise():
                break
            changed = Status.SENSITIVITY_CHANGED
            reading, error = yield from self.kept()
        return reading, error, changed

    def choose_sensitivity(self) -> Steps[LockinReading]:
        """Go to the most sensitive range with headroom, or to the one asked for, and read there."""
        ranges = self._lockin.sensitivities()
        wanted = self._excitation.sensitivity
        if wanted is not None:
            ranges = [full for full in ranges if full >= wanted * (1.0 - 1e-9)][:1] or ranges[-1:]
        self._set_sensitivity(ranges[-1])
        while True:
            reading = yield from self.single()
            if reading.status.overload:
                while reading.status.overload and self.desensitise():
                    reading = yield from self.single()
                return reading
            magnitude = self._headroom * math.hypot(reading.x, reading.y)
            least = min(max(magnitude, self.sensitivity / 100.0), ranges[-1])
            better = next(full for full in ranges if full >= least)
            if better >= self.sensitivity:
                return reading
            self._set_sensitivity(better)

    def desensitise(self) -> bool:
        """Take the next less sensitive range; tell whether there was one."""
        wider = less_sensitive(self._lockin, self.sensitivity)
        if wider is None:
            return False
        self._set_sensitivity(wider)
        return True

    def find_phase(self, nominal: float) -> Steps[float | None]:
        """Turn the reference until the quadrature vanishes.

        Parameters
        ----------
        nominal
            Phase in degrees to be taken if the signal is lost in noise, as that of a
            superconductor, and has none.

        Returns
        -------
        float or None
            The reference phase in degrees, or None if the nominal one was taken.
        """
        if self._excitation.dwell:
            mean = yield from self.averaged()
            signal, error = complex(mean.x, mean.y), math.hypot(mean.x_error, mean.y_error)
        else:
            signal, error = yield from self._scatter()
        found = None
        if abs(signal) > SIGNIFICANT * max(error, self.sensitivity / COUNTS):
            found = math.degrees(cmath.phase(signal))
        self._lockin.reference_phase = nominal if found is None else found
        self.touch()
        return found

    def change_harmonic(self) -> Steps[LockinReading]:
        """Go over to the harmonic of the excitation, and choose the sensitivity anew."""
        self._lockin.harmonic = self._excitation.harmonic
        # what is left of the first harmonic would be more than the whole of the second
        yield from wait(self._clock, 2.0 * self.settling(), "the filter to lose the first")
        self.touch()
        reading = yield from self.choose_sensitivity()
        return reading

    def _scatter(self) -> Steps[tuple[complex, float]]:
        """Return a single settled signal in V and its error; only a faint one is read again."""
        reading = yield from self.single()
        signals = [complex(reading.x, reading.y)]
        while abs(signals[0]) < FAINT and len(signals) < REPEATS:
            yield from wait(self._clock, self.settling(), "an independent reading")
            reading = self._lockin.read_xy()
            signals.append(complex(reading.x, reading.y))
        mean = sum(signals) / len(signals)
        squares = sum(abs(signal - mean) ** 2 for signal in signals)
        return mean, math.sqrt(squares / (len(signals) * max(1, len(signals) - 1)))

    def _set_sensitivity(self, full_scale: float) -> None:
        self._lockin.sensitivity = full_scale
        self.sensitivity = full_scale
        self.touch()


def _not_shorter(offered: list[float], wanted: float) -> float:
    """Return the shortest time constant in s that is not shorter than the one asked for."""
    longer = [value for value in offered if value >= wanted * (1.0 - 1e-9)]
    if not longer:
        raise LimitError(
            f"lock-in: a time constant of {wanted:g} s is longer than the longest,"
            f" {offered[-1]:g} s; choose a shorter one"
        )
    return longer[0]
