"""The one poller of a cryostat, and how it speaks of a broken link."""

import logging
from collections.abc import Callable

from instruments.clock import Clock, Timer
from instruments.errors import ConfigurationError, InstrumentError

PATIENCE = 3
"""Failures in a row that are trouble; one is a hiccup."""

log = logging.getLogger(__name__)


class Poller:
    """Take a sample per period; a failure is counted and never ends the polling.

    Parameters
    ----------
    clock
        Calls back.
    take
        Takes one sample and keeps it; raises if it is not good.
    """

    def __init__(self, clock: Clock, take: Callable[[], object]) -> None:
        self.failures = 0
        self.last = ""
        """What went wrong last, in one line."""
        self._clock = clock
        self._take = take
        self._timer: Timer | None = None

    @property
    def running(self) -> bool:
        """Tell whether samples are taken by themselves."""
        return self._timer is not None

    @property
    def trouble(self) -> str | None:
        """Return why there are no new samples; None while there are."""
        if self.failures < PATIENCE:
            return None
        return f"{self.failures} polls of the cryostat failed in a row; the last: {self.last}"

    def start(self, period: float) -> None:
        """Begin; a poller that runs changes its period."""
        if not period > 0.0:
            raise ConfigurationError(f"cannot poll every {period} s; give a period above 0")
        self.stop()
        self._timer = self._clock.every(period, self._tick)

    def stop(self) -> None:
        """End; what was sampled stays."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def succeeded(self) -> None:
        """Forget the failures."""
        self.failures = 0

    def _tick(self) -> None:
        try:
            self._take()
        except InstrumentError as failure:
            self.failures += 1
            self.last = str(failure)
            log.warning("poll %d in a row failed: %s", self.failures, failure)
