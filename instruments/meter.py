"""One lock-in beside the main one: what it takes over, and what it reads."""

import math
from dataclasses import dataclass, replace

from instruments.averaging import AverageStatus, mean_of_correlated
from instruments.bias import HEADROOM
from instruments.clock import Clock
from instruments.excitation import COUNTS
from instruments.lockin import LockIn, LockinReading, flags_of, less_sensitive
from instruments.reference_frequency import Detection
from instruments.status import Status

FINEST = 0.1
"""Most sensitive full scale that is chosen, as a fraction of the main lock-in's."""
STRONG = 0.05
"""Signal over the full scale of the main lock-in from which a phase can be found in it."""
LARGEST_TURN = 10.0
"""Degrees by which that phase may differ from the main one's; beyond, it is no error of phase."""


@dataclass(frozen=True, slots=True)
class MeterReading:
    """What one lock-in read.

    Parameters
    ----------
    x, y
        In-phase signal and quadrature, rms in V.
    status
        What is wrong with it.
    x_error
        One standard error of X in V; not a number for a single reading.
    """

    x: float
    y: float
    status: Status
    x_error: float = math.nan


@dataclass(frozen=True, slots=True)
class _Sample:
    time: float
    reading: LockinReading


class Meter:
    """One lock-in beside the main one.

    Parameters
    ----------
    role
        Such as ``lockin_yx``.
    lockin
        Its driver.
    """

    def __init__(self, role: str, lockin: LockIn) -> None:
        self.role = role
        self.lockin = lockin
        self.samples: list[_Sample] = []
        self._sensitivity = math.nan
        self._phase: tuple[float, float] | None = None

    def prepare(self, main: LockIn, detection: Detection) -> None:
        """Take over the settings of the main lock-in.

        Parameters
        ----------
        main
            Configured by the bias.
        detection
            How it is set.
        """
        lockin = self.lockin
        lockin.voltage = 0.0
        lockin.imode = "voltage mode"
        lockin.vmode = "A-B"
        lockin.coupling = 0
        lockin.auto_gain = True
        lockin.reference = "external rear"
        lockin.harmonic = detection.harmonic
        lockin.time_constant = detection.time_constant
        lockin.slope = detection.slope
        known = self._phase is not None and self._phase[0] == detection.frequency
        if not known:
            self._phase = None
        lockin.reference_phase = self._phase[1] if self._phase else main.reference_phase
        self.set_sensitivity(main.sensitivity)

    def choose(self, reading: LockinReading, largest: float) -> bool:
        """Take the best sensitivity for what was read; tell whether it is another one.

        Parameters
        ----------
        reading
            Not overloaded.
        largest
            Full scale of the main lock-in in V.

        Returns
        -------
        bool
            Whether the lock-in must settle anew.
        """
        wanted = max(HEADROOM * math.hypot(reading.x, reading.y), FINEST * largest)
        better = next(full for full in self.lockin.sensitivities() if full >= wanted)
        if better >= self._sensitivity * (1.0 - 1e-9):
            return False
        self.set_sensitivity(better)
        return True

    def find_phase(self, reading: LockinReading, frequency: float, largest: float) -> None:
        """Turn the phase so that the quadrature vanishes, once; the sign of X is kept.

        Parameters
        ----------
        reading
            A weak one leaves the phase alone, as does one that is mostly quadrature.
        frequency
            Of the reference in Hz.
        largest
            Full scale of the main lock-in in V.
        """
        if self._phase is not None or math.hypot(reading.x, reading.y) < STRONG * largest:
            return
        turn = math.degrees(math.atan2(reading.y, reading.x))
        turn = (turn + 90.0) % 180.0 - 90.0
        if abs(turn) <= LARGEST_TURN:
            self._phase = (frequency, self.lockin.reference_phase + turn)
            self.lockin.reference_phase = self._phase[1]

    def forget(self) -> None:
        """Forget the phase that was found on a contact."""
        self._phase = None

    def set_sensitivity(self, full_scale: float) -> None:
        """Set the full scale in V."""
        self.lockin.sensitivity = full_scale
        self._sensitivity = full_scale

    def desensitise(self) -> bool:
        """Take the next less sensitive range; tell whether there was one."""
        wider = less_sensitive(self.lockin, self._sensitivity)
        if wider is not None:
            self.set_sensitivity(wider)
        return wider is not None

    def sample(self, clock: Clock) -> LockinReading:
        """Read, and keep the reading with its time."""
        time = clock.now()
        reading = self.lockin.read_xy()
        self.samples.append(_Sample(time, reading))
        return reading

    def result(self, detection: Detection, *, averaged: bool) -> MeterReading:
        """Return the mean of the samples if they are to be averaged, else the last of them.

        Parameters
        ----------
        detection
            How the main lock-in is set.
        averaged
            Whether to average.

        Returns
        -------
        MeterReading
            With the flags of any sample of it.
        """
        said = [sample.reading.status for sample in self.samples]
        if not averaged:
            last = self.samples[-1].reading
            return MeterReading(last.x, last.y, flags_of(last.status))
        mean = mean_of_correlated(
            [sample.time for sample in self.samples],
            [complex(sample.reading.x, sample.reading.y) for sample in self.samples],
            replace(
                detection,
                line_frequency=self.lockin.line_frequency,
                quantum=self._sensitivity / COUNTS,
            ),
            AverageStatus(
                any(status.overload for status in said),
                any(status.reference_unlocked for status in said),
            ),
        )
        return MeterReading(mean.x, mean.y, flags_of(mean.status), mean.x_error)
