"""One quantity under command: what we want, what the PPMS has adopted, and whether it is there."""

import logging
import math
from collections.abc import Callable
from typing import Generic, Protocol, Self, TypeVar

from instruments.clock import Clock
from instruments.errors import CommunicationError, InstrumentError
from instruments.ppms.reading import CryostatReading
from instruments.ppms.settling import STALE, SettleRule, SettleWatch
from instruments.ppms.status import Judgement

ADOPTION = 30.0
"""Longest time in s until the PPMS must report our setpoint as its own."""
SAME_RATE = 0.01
"""Relative difference from which an adopted rate is worth a warning."""

SHORTEST_LIFE = 0.5
"""On a fast clock no deadline is shorter than this, in s of life: the wire is no faster."""

log = logging.getLogger(__name__)


class Setpoint(Protocol):
    """A target with a rate."""

    @property
    def target(self) -> float:
        """Return where to go."""
        ...

    @property
    def rate(self) -> float:
        """Return how fast."""
        ...

    def agrees(self, other: Self) -> bool:
        """Tell whether both mean the same, apart from rounding."""
        ...


S = TypeVar("S", bound=Setpoint)


class Axis(Generic[S]):
    """Command one quantity and judge when it has arrived.

    Parameters
    ----------
    name
        Of the quantity, for messages.
    unit
        Of the quantity, for messages.
    rule
        When it counts as settled.
    send
        Sends a setpoint.
    ask
        Returns the setpoint that the PPMS has now; None if it does not know.
    value
        Picks the quantity out of a sample.
    judge
        Judges the status in a sample, given our setpoint and the time since the set in s.
    clock
        The clock of the station.
    late
        Time in s after a set from which a quantity at rest away from its target is sent there
        again.
    """

    def __init__(
        self,
        name: str,
        unit: str,
        rule: SettleRule,
        *,
        send: Callable[[S], None],
        ask: Callable[[], S | None],
        value: Callable[[CryostatReading], float],
        judge: Callable[[CryostatReading, S | None, float], Judgement],
        clock: Clock,
        late: float,
    ) -> None:
        self.name = name
        self.ours: S | None = None
        self.actual: S | None = None
        self.pending = False
        self._adoption = max(ADOPTION, _life(clock))
        self.watch = SettleWatch(rule, stale=max(STALE, _life(clock)))
        self._unit = unit
        self._send = send
        self._ask = ask
        self._value = value
        self._judge = judge
        self._clock = clock
        self._late = late
        self._origin: float | None = None

    def adopt(self) -> None:
        """Take what somebody has set as our own setpoint; nothing is sent."""
        self.actual = self._ask()
        self.ours = self.actual
        self.pending = False
        self._origin = None
        self.watch.aim(self._target(), self._clock.now())

    def command(self, wanted: S, latest: CryostatReading) -> bool:
        """Send a setpoint unless it would change nothing; tell whether it was sent.

        A send that fails on the way may have arrived or not: the PPMS is asked before it is sent
        again.
        """
        if self._changes_nothing(wanted, latest):
            self.confirm()  # somebody may have set another one since we last asked
            if self._changes_nothing(wanted, latest):
                return False
        before = self.ours
        resting = before is not None and self.at_rest(latest)
        origin = before.target if before is not None and resting else self._value(latest)
        self._aim(wanted, pending=True)
        try:
            self._deliver(wanted)
        except InstrumentError:
            self._aim(before, pending=False)
            raise
        self._origin = origin
        return True

    def confirm(self) -> str | None:
        """Compare the setpoint of the PPMS with ours; return a foreign one in words.

        Where the PPMS cannot be asked, ours is taken for adopted.
        """
        found = self._ask()
        if self.ours is None and found is not None:
            self._aim(found, pending=False)
        self.actual = self.ours if found is None else found
        if self.actual is None or self.ours is None:
            return None
        if self.actual.agrees(self.ours):
            if self.pending:
                self._compare_rates(self.actual, self.ours)
            self.pending = False
            return None
        if self.pending:
            return None
        return (
            f"{self.name} setpoint of the PPMS is {self.actual.target:g} {self._unit}, "
            f"ours is {self.ours.target:g} {self._unit}"
        )

    def sample(self, reading: CryostatReading) -> None:
        """Take a sample into account."""
        self.watch.sample(reading.time, self._value(reading), self._judged(reading))

    def settled(self, latest: CryostatReading) -> bool:
        """Tell whether the quantity has settled at our setpoint.

        Parameters
        ----------
        latest
            The last sample.

        Returns
        -------
        bool
            False also while nothing is known.

        Raises
        ------
        InstrumentError
            The PPMS reports a failure, is in standby, or has not adopted our setpoint.
        """
        since = latest.time - self.watch.set_at
        if since < 0.0:
            return False
        judgement = self._judged(latest)
        if judgement == "failed" or (judgement == "idle" and since >= self.watch.rule.delay):
            raise InstrumentError(
                f"PPMS: {self.name} cannot settle: status {latest.raw!r} at "
                f"{self._value(latest):g} {self._unit}; look at the cryostat, then set it again"
            )
        if self.pending:
            self._refuse_unadopted()
            return False
        return self.watch.settled(self._clock.now())

    def at_rest(self, latest: CryostatReading) -> bool:
        """Tell whether the last sample shows the quantity steady at our setpoint."""
        return self._judged(latest) == "good" and self.watch.inside(self._value(latest))

    def must_stop(self, latest: CryostatReading) -> bool:
        """Tell whether the quantity is, or soon will be, on its way somewhere."""
        if self._judged(latest) in {"idle", "failed"}:
            return False
        known = self.actual is None or self.ours is None or self.actual.agrees(self.ours)
        return not (known and self.watch.inside(self._value(latest)))

    def stopping_target(self, latest: CryostatReading) -> float:
        """Return the present value, clamped between where we came from and where we were going."""
        value = self._value(latest)
        if self._origin is None or self.ours is None:
            return value
        ends = [self._origin, self.ours.target]
        if self.actual is not None:
            ends.append(self.actual.target)
        return min(max(value, min(ends)), max(ends))

    def _deliver(self, wanted: S) -> None:
        try:
            self._send(wanted)
        except CommunicationError as lost:
            log.warning("PPMS: %s may not have arrived: %s", self.name, lost)
            found = self._ask()
            if found is None or not found.agrees(wanted):
                self._send(wanted)
        try:
            self.confirm()
        except CommunicationError as lost:
            log.warning("PPMS: %s is not confirmed yet: %s", self.name, lost)

    def _changes_nothing(self, wanted: S, latest: CryostatReading) -> bool:
        judged = self._judged(latest)
        if not self._known_end(wanted) or judged in {"idle", "failed"}:
            return False
        arrived = latest.time >= self.watch.set_at and self.at_rest(latest)
        if wanted != self.ours:
            return arrived  # another rate or approach matters only on the way
        waiting = self._clock.now() - self.watch.set_at <= self._late
        return arrived or waiting or judged != "good"

    def _known_end(self, wanted: S) -> bool:
        """Tell whether the PPMS is on its way to, or at, exactly what is wanted."""
        ours, actual = self.ours, self.actual
        if ours is None or actual is None or not wanted.agrees(ours):
            return False
        return wanted.target == ours.target and (actual.agrees(ours) or self._may_be_adopted())

    def _may_be_adopted(self) -> bool:
        return self.pending and self._clock.now() - self.watch.set_at <= self._adoption

    def _refuse_unadopted(self) -> None:
        if self._may_be_adopted() or self.ours is None:
            return
        waited = self._clock.now() - self.watch.set_at
        found = "nothing" if self.actual is None else f"{self.actual.target:g} {self._unit}"
        raise InstrumentError(
            f"PPMS: {self.name} of {self.ours.target:g} {self._unit} was not adopted within "
            f"{waited:.0f} s, its setpoint is {found}; look at MultiVu, then set it again"
        )

    def _compare_rates(self, actual: S, ours: S) -> None:
        if abs(actual.rate - ours.rate) > SAME_RATE * ours.rate:
            log.warning(
                "PPMS: %s goes at %.4g %s/s, not at the %.4g that were asked for",
                self.name,
                actual.rate,
                self._unit,
                ours.rate,
            )

    def _judged(self, reading: CryostatReading) -> Judgement:
        return self._judge(reading, self.ours, reading.time - self.watch.set_at)

    def _aim(self, setpoint: S | None, *, pending: bool) -> None:
        self.ours = setpoint
        self.pending = pending
        self.actual = None
        self.watch.aim(self._target(), self._clock.now())

    def _target(self) -> float | None:
        return None if self.ours is None else self.ours.target


def _life(clock: Clock) -> float:
    scaled = clock.slice(SHORTEST_LIFE)
    return scaled if math.isfinite(scaled) else 0.0
