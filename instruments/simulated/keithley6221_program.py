"""What a source puts out in time: a programme of steps or a tone, known to its end."""

import cmath
import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from instruments.simulated.circuit import SourceOutput, Tone

MOST_STEPS = 1000
"""Longest finite wave, in steps, that is put out edge by edge."""
SLOW = 1.0
"""Frequency in Hz up to which a wave is put out edge by edge however long it lasts, if it has no
more than the above steps in a second."""
RAMP_STEPS = 64
Shape = tuple[tuple[float, float], ...]
"""One cycle of a wave in steps: (fraction of the cycle at which it begins, value from -1 to 1)."""


@dataclass(frozen=True, slots=True)
class Program:
    """Outputs one after the other, from a start on; the times are exact.

    Parameters
    ----------
    start
        Time of the first output in s.
    offsets
        Begin of each output in s after the start, rising from 0.
    outputs
        One for each offset.
    period
        Time in s after which the outputs come round again.
    end
        Time in s at which `after` takes over.
    after
        What is put out from the end on.
    """

    start: float
    offsets: tuple[float, ...]
    outputs: tuple[SourceOutput, ...]
    period: float = math.inf
    end: float = math.inf
    after: SourceOutput = SourceOutput()  # noqa: RUF009 (frozen)

    @classmethod
    def steady(cls, output: SourceOutput) -> "Program":
        """Return the programme that never changes."""
        return cls(0.0, (0.0,), (output,))

    @classmethod
    def through(
        cls, dip: SourceOutput, now: float, seconds: float, output: SourceOutput
    ) -> "Program":
        """Return the programme that puts out `dip` for a while and `output` ever after."""
        return cls(now, (0.0, seconds), (dip, output))

    def output(self, now: float) -> SourceOutput:
        """Return what is put out at `now` s."""
        if now >= self.end:
            return self.after
        if len(self.outputs) == 1:
            return self.outputs[0]
        return self.outputs[self.index(now)]

    def index(self, now: float) -> int:
        """Return which of the outputs is put out at `now` s; the last one after the end."""
        if now >= self.end:
            return len(self.outputs) - 1
        return max(0, self._place(now, self._pass(now)) - 1)

    def next_change(self, now: float) -> float:
        """Return the first time after `now` at which another output begins, or infinity."""
        if now >= self.end:
            return math.inf
        if len(self.outputs) == 1:
            return self.end
        begin = self._pass(now)
        place = self._place(now, begin)
        if place < len(self.offsets):
            return min(begin + self.offsets[place], self.end)
        return min(self._begin(self._count(now) + 1), self.end)

    def altered(self, change: Callable[[SourceOutput], SourceOutput]) -> "Program":
        """Return the programme with every output changed."""
        return replace(self, outputs=tuple(map(change, self.outputs)), after=change(self.after))

    def _begin(self, count: int) -> float:
        return self.start + count * self.period if count else self.start

    def _count(self, now: float) -> int:
        """Return the number of whole passes before `now`; their begins are what _begin says."""
        if math.isinf(self.period):
            return 0
        count = max(0, int((now - self.start) // self.period))
        while self._begin(count + 1) <= now:
            count += 1
        while count > 0 and self._begin(count) > now:
            count -= 1
        return count

    def _pass(self, now: float) -> float:
        return self._begin(self._count(now))

    def _place(self, now: float, begin: float) -> int:
        # the times compared are sums, computed as next_change computes them: never a difference
        return bisect_right(self.offsets, now, key=lambda offset: begin + offset)


def square(duty: float) -> Shape:
    """Return a square that is high for the fraction `duty` of the cycle."""
    if duty <= 0.0 or duty >= 1.0:
        return ((0.0, 1.0 if duty >= 1.0 else -1.0),)
    return ((0.0, 1.0), (duty, -1.0))


def ramp(rising: float) -> Shape:
    """Return a ramp in steps; it rises from the minimum for the fraction `rising` of the cycle."""
    steps = []
    for step in range(RAMP_STEPS):
        middle = (step + 0.5) / RAMP_STEPS
        up = middle < rising
        part = middle / rising if up else (1.0 - middle) / (1.0 - rising)
        steps.append((step / RAMP_STEPS, 2.0 * part - 1.0))
    return tuple(steps)


def points(values: Sequence[float]) -> Shape:
    """Return an arbitrary wave; neighbours that are equal become one step."""
    count = len(values)
    steps = [(0.0, values[0])]
    steps += [
        (number / count, value)
        for number, (before, value) in enumerate(pairwise(values), start=1)
        if value != before
    ]
    return tuple(steps)


def mean(shape: Shape) -> float:
    """Return the mean of a wave over its cycle."""
    return _coefficient(shape, 0).real


def fundamental(shape: Shape) -> complex:
    """Return the complex peak amplitude of the fundamental, relative to a cosine from the start."""
    return 2.0 * _coefficient(shape, 1)


def is_stepped(shape: Shape, frequency: float, seconds: float) -> bool:
    """Tell whether a wave is put out edge by edge: it is finite and short, or slow."""
    slow = frequency <= SLOW and frequency * len(shape) <= MOST_STEPS
    return slow or seconds * frequency * len(shape) <= MOST_STEPS


def tone(amplitude: complex, frequency: float, origin: float) -> Tone:
    """Return a tone that began at `origin` s, with the phase of a cosine of the clock's time."""
    turns = math.fmod(frequency * origin, 1.0)
    return Tone(frequency, abs(amplitude), cmath.phase(amplitude) - 2.0 * math.pi * turns)


def _coefficient(shape: Shape, order: int) -> complex:
    bounds = [begin for begin, _ in shape] + [1.0]
    total = 0.0 + 0.0j
    for (_, value), (low, high) in zip(shape, pairwise(bounds), strict=True):
        if order == 0:
            total += value * (high - low)
        else:
            total += value * (_turned(order, high) - _turned(order, low))
    return total if order == 0 else total / (-2j * math.pi * order)


def _turned(order: int, fraction: float) -> complex:
    return cmath.exp(-2j * math.pi * order * fraction)
