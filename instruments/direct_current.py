"""The dc half of a bias: a current source that ramps at the rate of the station."""

import math
from collections.abc import Callable

from instruments.biasing import CurrentSource
from instruments.clock import Clock
from instruments.errors import InstrumentError
from instruments.excitation import RAMP_STEP
from instruments.limits import StationLimits
from instruments.waiting import Steps, wait

LOWEST_COMPLIANCE = 0.1
COMPLIANCE_STEP = 0.0051
"""By which the compliance that a source holds may differ from the one that was sent, in V."""


class DirectCurrent:
    """A current source within the limits of a station.

    Parameters
    ----------
    source
        The current source.
    clock
        The clock of the station.
    limits
        Rate and compliance matter here.
    changed
        Called whenever another current has been sent.
    """

    def __init__(
        self,
        source: CurrentSource,
        clock: Clock,
        limits: StationLimits,
        changed: Callable[[], None],
    ) -> None:
        self.current = 0.0
        self._source = source
        self._clock = clock
        self._limits = limits
        self._changed = changed

    def park(self) -> Steps[None]:
        """Go to 0 A from wherever the source stands."""
        self.current = self._source.source_current
        yield from self._approach(0.0, "the bias to ramp to zero")
        self._send(0.0)

    def prepare(self, largest: float) -> None:
        """Choose range and compliance, and switch the output on.

        Parameters
        ----------
        largest
            Magnitude of the largest current that will be set, in A.

        Raises
        ------
        InstrumentError
            The source holds another compliance.
        """
        source = self._source
        source.source_compliance = LOWEST_COMPLIANCE
        source.source_range = largest
        if not source.source_enabled:
            source.source_enabled = True
        wanted = self.compliance
        source.source_compliance = wanted
        held = source.source_compliance
        if not abs(held - wanted) <= COMPLIANCE_STEP:
            raise InstrumentError(
                f"bias: the source holds a compliance of {held:g} V instead of {wanted:g} V;"
                " nothing was applied"
            )
        source.compliance_tripped()

    @property
    def compliance(self) -> float:
        """Return the compliance to program in V."""
        return self._source.compliance_within(self._limits.compliance)

    def tripped(self) -> bool:
        """Tell whether the compliance has held the source since this was last asked."""
        return self._source.compliance_tripped()

    def ramp(self, current: float) -> Steps[None]:
        """Go to a current in A; nothing is sent if it stands."""
        yield from self._approach(current, "the bias to ramp")
        if current != self.current:
            self._send(current)

    def ramp_down(self) -> None:
        """Go to 0 A, waiting on the clock."""
        self._source.ramp_current(0.0, self._limits.current_rate, RAMP_STEP)
        self.current = 0.0

    def switch_off(self) -> None:
        """Lower the compliance and switch the output off; the current has been ramped down."""
        self._source.source_compliance = LOWEST_COMPLIANCE
        self._source.source_enabled = False

    def shown(self) -> tuple[float, bool]:
        """Return the current in A that the source shows, and whether its output is on."""
        return self._source.source_current, self._source.source_enabled

    def _approach(self, current: float, why: str) -> Steps[None]:
        """Come within one step of a current."""
        step = self._limits.current_rate * RAMP_STEP
        while abs(current - self.current) > step:
            self._send(self.current + math.copysign(step, current - self.current))
            yield from wait(self._clock, RAMP_STEP, why)

    def _send(self, current: float) -> None:
        self._source.source_current = current
        self.current = current
        self._changed()
