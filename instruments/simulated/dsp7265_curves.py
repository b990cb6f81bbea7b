"""The curve buffer of a 7265: rows of fixed-point numbers, stored at an even pace."""

import math
from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum

from instruments.simulated.dsp7265_settings import (
    CURRENT_SCALE,
    FIXED_FULL_SCALE,
    ParameterError,
    Settings,
    full_scale,
)

X, Y, MAGNITUDE, PHASE, SENSITIVITY = range(5)
ADC1, ADC2, ADC3, DAC1, DAC2, NOISE, RATIO, LOG_RATIO, EVENT, LOW_WORD, HIGH_WORD = range(5, 16)
_OF_FULL_SCALE = (X, Y, MAGNITUDE, NOISE)
_DIVISORS = {PHASE: 100.0, **dict.fromkeys((ADC1, ADC2, DAC1, DAC2, RATIO, LOG_RATIO), 1000.0)}
FASTEST = 1.25e-3
"""Storage interval in s that STR 0 stands for."""


class Acquisition(IntEnum):
    """What the first value of M says."""

    IDLE = 0
    FILLING = 1
    CIRCULAR = 2
    FILLING_HALTED = 5
    CIRCULAR_HALTED = 6


@dataclass(slots=True)
class CurveBuffer:
    """What has been stored, and when the next row is due.

    Parameters
    ----------
    state
        Of the acquisition.
    sweeps
        How often the buffer has been filled.
    rows
        One value per stored curve, oldest first.
    due
        Time of the next row in s; infinite when nothing is stored.
    """

    state: Acquisition = Acquisition.IDLE
    sweeps: int = 0
    rows: deque[tuple[int, ...]] = field(default_factory=deque)
    due: float = math.inf
    _capacity: int = 0
    _interval: float = 0.0
    _filled: int = 0

    @property
    def running(self) -> bool:
        """Tell whether rows are being stored."""
        return self.state in {Acquisition.FILLING, Acquisition.CIRCULAR}

    def clear(self) -> None:
        """Forget everything and stop, as NC does."""
        self.state = Acquisition.IDLE
        self.sweeps = self._filled = 0
        self.rows = deque()
        self.due = math.inf

    def start(self, now: float, settings: Settings, *, circular: bool) -> None:
        """Begin at `now` s; the first row comes one interval later (assumed)."""
        self._capacity = settings.length
        self._interval = settings.interval * 1e-3 or FASTEST
        if not circular and len(self.rows) >= self._capacity:
            return
        self.state = Acquisition.CIRCULAR if circular else Acquisition.FILLING
        self.due = now + self._interval

    def halt(self) -> None:
        """Stop and keep what has been stored."""
        if self.running:
            self.state = Acquisition(self.state + 4)
        self.due = math.inf

    def store(self, row: tuple[int, ...]) -> None:
        """Take the row that was due."""
        if len(self.rows) >= self._capacity:
            self.rows.popleft()
        self.rows.append(row)
        self._filled += 1
        self.due += self._interval
        if self._filled < self._capacity:
            return
        self.sweeps += 1
        self._filled = 0
        if self.state is Acquisition.FILLING:
            self.state = Acquisition.IDLE
            self.due = math.inf

    def column(self, curve: int, stored: int) -> list[int]:
        """Return one curve.

        Parameters
        ----------
        curve
            Its bit in CBD.
        stored
            The CBD under which the rows were stored.

        Returns
        -------
        list of int
            Fixed-point values, oldest first.

        Raises
        ------
        ParameterError
            The curve is not stored.
        """
        if not 0 <= curve <= HIGH_WORD or not stored >> curve & 1:
            raise ParameterError
        place = (stored & ((1 << curve) - 1)).bit_count()
        return [row[place] for row in self.rows]

    def floating(self, curve: int, stored: int) -> list[float]:
        """Return one curve in V, A, degrees or without a unit; the sensitivity must be stored too.

        Parameters
        ----------
        curve
            Its bit in CBD.
        stored
            The CBD under which the rows were stored.

        Returns
        -------
        list of float
            Values, oldest first.

        Raises
        ------
        ParameterError
            The curve or the sensitivity is not stored.
        """
        values = self.column(curve, stored)
        codes = self.column(SENSITIVITY, stored)
        if curve in _OF_FULL_SCALE:
            scales = [_full_scale(code) for code in codes]
            return [v * s / FIXED_FULL_SCALE for v, s in zip(values, scales, strict=True)]
        if curve == SENSITIVITY:
            return [_full_scale(code) for code in codes]
        return [value / _DIVISORS.get(curve, 1.0) for value in values]

    def table(self, mask: int, stored: int) -> list[tuple[int, ...]]:
        """Return the curves of `mask` side by side, one row per point."""
        chosen = [curve for curve in range(mask.bit_length()) if mask >> curve & 1]
        columns = [self.column(curve, stored) for curve in chosen]
        return list(zip(*columns, strict=True))


def sensitivity_code(settings: Settings) -> int:
    """Return what bit 4 of CBD stores: the SEN number plus 32 times IMODE."""
    return settings.sensitivity + 32 * settings.imode


def _full_scale(code: int) -> float:
    return full_scale(code % 32) * CURRENT_SCALE[code // 32]
