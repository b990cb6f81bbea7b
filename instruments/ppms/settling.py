"""Our own judgement of "settled".

Neither the status nor the reading is enough: the status is late after a set, vendor waits count
failures as settled and take 0.5 % of the field for equal. Settled is a good status *and* a reading
within our tolerance of *our* target, without interruption for the dwell, *and* not before a delay
after the set.
"""

import math
from dataclasses import dataclass

from instruments.ppms.status import Judgement

STALE = 10.0
"""Five missed polls in s."""


@dataclass(frozen=True, slots=True)
class SettleRule:
    """When a quantity counts as settled.

    Parameters
    ----------
    absolute
        Smallest tolerance, in the unit of the quantity.
    relative
        Tolerance as a fraction of the target; the wider of the two counts.
    dwell
        How long the reading must stay inside in s.
    delay
        Shortest time in s after a set; a status before it may still be the old one.
    cold_relative
        The fraction below `cold`; as `relative` if omitted.
    cold
        Target below which `cold_relative` counts.
    leave
        What has settled is called unsettled again when it is this many tolerances away, so that the
        noise of the readings does not flicker.
    """

    absolute: float
    relative: float = 0.0
    dwell: float = 0.0
    delay: float = 0.0
    cold_relative: float | None = None
    cold: float = 0.0
    leave: float = 3.0

    def tolerance(self, target: float) -> float:
        """Return the tolerance at `target`, in its unit."""
        fraction = self.relative
        if self.cold_relative is not None and abs(target) < self.cold:
            fraction = self.cold_relative
        return max(self.absolute, fraction * abs(target))


TEMPERATURE_RULE = SettleRule(
    0.010, relative=2e-4, dwell=10.0, delay=10.0, cold_relative=2e-3, cold=10.0
)
FIELD_RULE = SettleRule(0.5e-3, relative=1e-4, dwell=2.0, delay=5.0)
ANGLE_RULE = SettleRule(0.1, dwell=1.0, delay=2.0)


class SettleWatch:
    """Follow the samples of one quantity towards its target.

    Parameters
    ----------
    rule
        When it counts as settled.
    stale
        Samples further apart than this, in s, say nothing about the time between them.
    """

    def __init__(self, rule: SettleRule, stale: float = STALE) -> None:
        self.rule = rule
        self._stale = stale
        self.set_at = -math.inf
        self._target: float | None = None
        self._inside_since: float | None = None
        self._last = -math.inf

    def aim(self, target: float | None, now: float) -> None:
        """Begin anew: `target` has been sent at `now` s; None if the target is not known."""
        self._target = target
        self.set_at = now
        self._inside_since = None
        self._last = -math.inf

    def inside(self, value: float) -> bool:
        """Tell whether `value` lies within the tolerance of the target."""
        if self._target is None:
            return True
        return abs(value - self._target) < self.rule.tolerance(self._target)

    def sample(self, time: float, value: float, judgement: Judgement) -> None:
        """Take a sample; one whose status is unknown says nothing, neither good nor bad."""
        if time < self.set_at or judgement == "unknown":
            return
        if time - self._last > self._stale:
            self._inside_since = None
        self._last = time
        if judgement != "good" or not self._stays(value):
            self._inside_since = None
        elif self._inside_since is None:
            self._inside_since = time

    def _stays(self, value: float) -> bool:
        """Tell whether `value` is inside, or not far outside once the quantity has settled."""
        if self._target is None:
            return True
        begun = self._inside_since
        arrived = begun is not None and self._last - begun >= self.rule.dwell
        factor = self.rule.leave if arrived else 1.0
        return abs(value - self._target) < factor * self.rule.tolerance(self._target)

    def settled(self, now: float) -> bool:
        """Tell whether the quantity has settled, from the samples up to `now` s."""
        if self._inside_since is None or now - self._last > self._stale:
            return False
        stayed = self._last - self._inside_since
        return stayed >= self.rule.dwell and self._last >= self.set_at + self.rule.delay
