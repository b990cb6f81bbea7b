"""Quantities that move on known curves, so that any moment can be asked for exactly and at once.

A command lays down the whole future of a quantity as a list of pieces. Nothing is integrated: the
value at a time does not depend on how often it was asked for. The past is kept for a while, so that
a bench that lags behind a command still sees what was.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, inf
from typing import Generic, Protocol, TypeVar

KEPT = 400
"""Pieces of the past that are kept."""


class Starting(Protocol):
    """Anything that holds from a time on."""

    @property
    def start(self) -> float:
        """Return the time in s from which it holds."""
        ...


P = TypeVar("P", bound=Starting)


@dataclass(frozen=True, slots=True)
class Piece:
    """A line plus a decaying part: base + slope s + (amount + bump s) exp(-s/tau), s = t - start.

    Parameters
    ----------
    start
        Time in s from which the piece holds.
    base
        In the unit of the quantity.
    slope
        Per second.
    amount
        Decays with `tau`.
    bump
        Per second; with `amount` zero the part rises to bump tau/e at s = tau and falls again.
    tau
        In s.
    code
        Status that belongs to the piece; 0 when it is judged otherwise.
    """

    start: float
    base: float
    slope: float = 0.0
    amount: float = 0.0
    bump: float = 0.0
    tau: float = 1.0
    code: int = 0

    def value(self, now: float) -> float:
        """Return the value at `now` s; before the piece that with which it begins."""
        since = max(0.0, now - self.start)
        value = self.base + self.slope * since
        if self.amount or self.bump:
            value += (self.amount + self.bump * since) * exp(-since / self.tau)
        return value


class Trajectory(Generic[P]):
    """Pieces in order of time; the last one holds for ever.

    Parameters
    ----------
    first
        Holds from the beginning, and for all time before it.
    """

    def __init__(self, first: P) -> None:
        self._pieces = [first]
        self._starts = [first.start]

    @property
    def last_start(self) -> float:
        """Return the time in s at which the last piece begins."""
        return self._starts[-1]

    def at(self, now: float) -> P:
        """Return the piece that holds at `now` s."""
        if now >= self._starts[-1]:
            return self._pieces[-1]
        return self._pieces[max(0, bisect_right(self._starts, now) - 1)]

    def end(self, now: float) -> float:
        """Return the time in s at which the piece of `now` ends; infinite for the last."""
        following = bisect_right(self._starts, now)
        return self._starts[following] if following < len(self._starts) else inf

    def follow(self, pieces: Sequence[P]) -> None:
        """Replace everything from the start of the first of `pieces` on."""
        cut = bisect_left(self._starts, pieces[0].start)
        del self._pieces[cut:], self._starts[cut:]
        self._pieces.extend(pieces)
        self._starts.extend(piece.start for piece in pieces)
        surplus = len(self._pieces) - len(pieces) - KEPT
        if surplus > 0:
            del self._pieces[:surplus], self._starts[:surplus]

    def spans(self, start: float, end: float) -> Iterator[tuple[P, float, float]]:
        """Yield every piece between two times in s with the part of them during which it holds."""
        while start < end:
            stop = min(end, self.end(start))
            yield self.at(start), start, stop
            start = stop


@dataclass(slots=True)
class Lateness:
    """A status word that comes late after a command: first the old code, perhaps 0 for a moment."""

    _old: int = 0
    _until: float = -inf
    _unknown_until: float = -inf

    def hold(self, code: int, until: float, unknown: float = 0.0) -> None:
        """Show `code` until a time in s, and 0 for `unknown` s after that."""
        self._old = code
        self._until = until
        self._unknown_until = until + unknown

    def show(self, now: float, actual: int) -> int:
        """Return the code that is shown at `now` s while the real one is `actual`."""
        if now < self._until:
            return self._old
        return 0 if now < self._unknown_until else actual


@dataclass(frozen=True, slots=True)
class Latency:
    """How late a subsystem follows a command (assumed: 2 to 10 s for temperature and magnet).

    Parameters
    ----------
    shortest
        In s.
    longest
        In s; motion begins half-way.
    unknown_chance
        Probability that status 0 is shown between the old and the new code.
    unknown_for
        How long it is shown, in s.
    """

    shortest: float = 2.0
    longest: float = 10.0
    unknown_chance: float = 0.1
    unknown_for: float = 0.5

    def draw(self, uniform: float, chance: float) -> tuple[float, float]:
        """Return in s how late to be and how long to show 0, for two random numbers."""
        late = self.shortest + (self.longest - self.shortest) * float(uniform)
        return late, self.unknown_for if chance < self.unknown_chance else 0.0
