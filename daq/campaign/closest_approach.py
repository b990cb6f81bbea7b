"""How near a rehearsal comes to every limit: the truth of the bench, for the bench is our own."""

from dataclasses import dataclass, fields
from typing import Any

from daq.campaign.plan import LIMIT_UNITS
from daq.simulation import SimulatedBench
from instruments.excitation import RAMP_STEP
from instruments.limits import Limit, StationLimits
from instruments.simulated.bench import Peaks
from instruments.simulated.ppms import TESLA
from instruments.waiting import Event

_OF_VOLTAGE = frozenset({"voltage", "voltage_rate"})
ROUNDING = 1e-3
"""By which a limit may be exceeded because the instrument rounds or because ac has tolerances."""


@dataclass(frozen=True, slots=True)
class Approach:
    """How near something came to a limit.

    Parameters
    ----------
    limit
        In SI units; lowest and highest for a range.
    reached
        Largest magnitude, or lowest and highest; None if it was never set.
    unit
        Of both.
    """

    limit: Limit
    reached: Limit | None
    unit: str

    @property
    def fraction(self) -> float:
        """Return how much of the limit was used: 1 is all; of a range at its nearer end."""
        if self.reached is None:
            return 0.0
        if isinstance(self.limit, tuple) and isinstance(self.reached, tuple):
            return max(self.reached[1] / self.limit[1], self.limit[0] / self.reached[0])
        assert not isinstance(self.limit, tuple)  # noqa: S101 (both are ranges or neither is)
        assert not isinstance(self.reached, tuple)  # noqa: S101 (as above)
        return self.reached / self.limit

    @property
    def broken(self) -> bool:
        """Tell whether the limit was exceeded by more than rounding."""
        return self.fraction > 1.0 + ROUNDING


class ClosestApproach:
    """Watch a simulated bench, step by step; a follower of events.

    The setpoints of the cryostat are judged, not its overshoots: so the limits are meant. What
    happens between steps, such as the landing at the end, is not judged.

    Parameters
    ----------
    bench
        The bench of the rehearsal.
    limits
        What must not be exceeded.
    """

    def __init__(self, bench: SimulatedBench, limits: StationLimits) -> None:
        self._bench = bench
        self._limits = limits
        self._reached: dict[str, float] = {}
        self._coldest: float | None = None
        self._pulse = False
        self._last = (0.0, 0.0)
        twin = bench.cryostat
        self._seen: tuple[Any, Any] = (None, None)
        if twin is not None:
            self._seen = (twin.block.setpoint, twin.magnet.setpoint)
            twin.before_change = self._before_change

    def begin(self, *, pulse: bool) -> None:
        """Begin a step; a pulse has limits of its own."""
        self._pulse = pulse
        self._bench.bench.sync()
        self._bench.bench.peaks = Peaks()
        self._last = (self._bench.clock.now(), self._current())

    def offer(self, event: Event, rows: int) -> None:  # noqa: ARG002 (a follower's signature)
        """Look how fast the current of the source has changed since the event before."""
        now, current = self._bench.clock.now(), self._current()
        before, standing = self._last
        self._last = (now, current)
        if not self._pulse and current != standing:
            self._note("current_rate", abs(current - standing) / max(now - before, RAMP_STEP))

    def end(self) -> None:
        """End a step: what it has done counts."""
        self._note_setpoints()
        self._bench.bench.sync()
        peaks = self._bench.bench.peaks
        if self._bench.bench.wiring.voltage is not None:
            self._note("voltage", peaks.voltage)
            return
        self._note("pulse_voltage" if self._pulse else "compliance", peaks.voltage)
        self._note("pulse_current" if self._pulse else "current", peaks.current)

    def result(self) -> dict[str, Approach]:
        """Return how near everything came, by name of the limit."""
        found = {}
        for name in (field.name for field in fields(self._limits)):
            limit: Limit = getattr(self._limits, name)
            if name == "position" or (name in _OF_VOLTAGE and not limit):
                continue  # judged before the start, or of no use at this station
            reached: Limit | None = self._reached.get(name)
            if isinstance(limit, tuple) and self._coldest is not None:
                reached = (self._coldest, self._reached[name])
            found[name] = Approach(limit, reached, LIMIT_UNITS[name])
        return found

    def _before_change(self) -> None:
        self._bench.bench.sync()
        self._note_setpoints()

    def _note_setpoints(self) -> None:
        """Note what the cryostat was told last; what it stood at in the beginning is nobody's."""
        twin = self._bench.cryostat
        if twin is None:
            return
        temperature, field = twin.block.setpoint, twin.magnet.setpoint
        if temperature is not self._seen[0]:
            self._note("temperature", temperature[0])
            self._note("temperature_rate", temperature[1] / 60.0)
            coldest = temperature[0] if self._coldest is None else self._coldest
            self._coldest = min(coldest, temperature[0])
        if field is not self._seen[1]:
            self._note("field", abs(field[0]) * TESLA)
            self._note("field_rate", field[1] * TESLA)

    def _note(self, name: str, value: float) -> None:
        self._reached[name] = max(value, self._reached.get(name, 0.0))

    def _current(self) -> float:
        source = self._bench.bench.source
        if source is None:
            return 0.0
        output = source.output(self._bench.clock.now())
        return output.current if output.connected else 0.0
