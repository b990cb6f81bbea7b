"""The reference channel of a 7265: its own oscillator, or an external one that it locks to."""

import math
from collections.abc import Callable

from instruments.simulated.dsp7265_settings import HIGHEST_DETECTION

LOCK_TIME = 0.05
LOCK_CYCLES = 2.0
"""An external reference locks within that many cycles and `LOCK_TIME` s."""
FREE_RUNNING = 0.97
"""Where an unlocked reference runs, relative to where it was locked last (assumed)."""
LOCK_RANGE = 0.1
"""Relative change of frequency that the loop follows without losing its lock (assumed)."""

ExternalReference = Callable[[float], float | None]


class Reference:
    """Follow the reference, and know whether it is locked.

    Parameters
    ----------
    external
        Frequency in Hz at the reference input at a time in s, or None when nothing arrives.
    frequency
        Where the reference runs at first, in Hz.
    """

    def __init__(self, external: ExternalReference | None, frequency: float) -> None:
        self.locks_at = math.inf
        self._external = external
        self._followed = frequency

    @property
    def free_running(self) -> float:
        """Return the frequency in Hz of a reference that is not locked."""
        return FREE_RUNNING * self._followed

    def lose(self) -> None:
        """Search anew."""
        self.locks_at = math.inf

    def frequency(self, now: float, source: int, internal: float) -> float | None:
        """Return the frequency of the reference, or None while it is not locked.

        Parameters
        ----------
        now
            Time in s; never goes back.
        source
            0 is internal, and always locked.
        internal
            Frequency of the oscillator in Hz.

        Returns
        -------
        float or None
            In Hz.
        """
        if source == 0:
            self._followed = internal
            return internal
        found = None if self._external is None else self._external(now)
        if found is None or not 0.0 < found <= HIGHEST_DETECTION:
            self.lose()
            return None
        strayed = abs(found - self._followed) > LOCK_RANGE * self._followed
        if math.isinf(self.locks_at) or strayed:
            self.locks_at = now + LOCK_CYCLES / found + LOCK_TIME
        self._followed = found
        return found if now >= self.locks_at else None
