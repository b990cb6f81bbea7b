"""A scanner that a converter of the lock-in moves along one direction."""

import math
from collections.abc import Generator
from typing import Any

from instruments.clock import Clock
from instruments.errors import LimitError
from instruments.tunnel_wiring import CONVERTER_STEP
from instruments.waiting import Event, wait

STEP_TIME = 0.05
"""Time between two steps of a motion in s."""


class Scanner:
    """A piezo behind a converter: so many nm per V, from 0 m at 0 V.

    It stays where it is when a run ends, and when the station is made safe: a jump of the tip would
    be worse than any place. Creep and hysteresis of the piezo are not corrected.

    Parameters
    ----------
    lockin
        Whose converter moves it.
    clock
        The clock of the station.
    per_volt
        In m/V.
    dac
        Number of the converter, 1 to 4.
    limits
        Lowest and highest position in m.
    rate
        Of every motion in m/s.
    """

    def __init__(
        self,
        lockin: Any,
        clock: Clock,
        *,
        per_volt: float,
        dac: int,
        limits: tuple[float, float],
        rate: float,
    ) -> None:
        self._lockin = lockin
        self._clock = clock
        self._per_volt = per_volt
        self._name = f"dac{dac}"
        self._limits = limits
        self._rate = rate
        self._target: float | None = None

    @property
    def target(self) -> float | None:
        """Return where the tip was sent last in m; None if it was not moved yet."""
        return self._target

    @property
    def position(self) -> float:
        """Return where the tip stands in m, as the converter says."""
        return self._per_volt * float(getattr(self._lockin, self._name))

    def move(self, to: float) -> Generator[Event, None, None]:
        """Move at the rate of the scanner.

        Parameters
        ----------
        to
            In m; the nearest step of the converter is taken.

        Yields
        ------
        Event
            A wait per step.

        Raises
        ------
        LimitError
            It lies outside the limits; nothing was sent.
        """
        low, high = self._limits
        slack = 1e-9 * max(abs(low), abs(high))
        if not low - slack <= to <= high + slack:
            raise LimitError(
                f"scanner: a position of {to:g} m lies outside {low:g} to {high:g} m; nothing was"
                " sent, choose another or change the limits of the scanner"
            )
        target = round(to / self._per_volt, 3)
        self._target = to
        volts = float(getattr(self._lockin, self._name))
        step = max(CONVERTER_STEP, abs(self._rate * STEP_TIME / self._per_volt))
        while abs(target - volts) > step:
            volts = round(volts + math.copysign(step, target - volts), 3)
            setattr(self._lockin, self._name, volts)
            yield from wait(self._clock, STEP_TIME, "the scanner to move")
        setattr(self._lockin, self._name, target)

    def snapshot(self) -> dict[str, Any]:
        """Return wiring and position."""
        return {
            "per_volt_m_per_V": self._per_volt,
            "dac": int(self._name[-1]),
            "position_m": self.position,
        }
