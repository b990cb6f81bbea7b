"""Draw a million points as a thousand: the extremes of blocks, kept up while the points arrive.

The points that are kept are measured ones, so that a single spike stays where it is. Blocks of 16
points are joined four by four; a picture takes the largest blocks that are finer than its pixels,
and costs the same whatever lies below them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from daq.analysis.result import FloatArray

IntArray = NDArray[np.intp]
FINEST = 16
"""Points in a block of the lowest level."""
JOINED = 4
"""Blocks of one level in a block of the next."""


class Extremes:
    """Where the smallest and the largest value of every block of a growing column are.

    Parameters
    ----------
    positive
        Whether values that are not positive are left out, as a logarithmic axis does.
    """

    def __init__(self, *, positive: bool = False) -> None:
        self._positive = positive
        self._levels: list[_Level] = [_Level()]

    def update(self, values: FloatArray) -> None:
        """Take the blocks that have become whole; what was there before must not have changed.

        Parameters
        ----------
        values
            The whole column, shape (n,).
        """
        first = self._levels[0].blocks
        last = len(values) // FINEST
        if last > first:
            rows = np.arange(first * FINEST, last * FINEST).reshape(-1, FINEST)
            self._levels[0].append(*self._picked(values, rows, rows))
        level = 0
        while self._levels[level].blocks >= JOINED:
            if level + 1 == len(self._levels):
                self._levels.append(_Level())
            lower, upper = self._levels[level], self._levels[level + 1]
            first, last = upper.blocks, lower.blocks // JOINED
            if last > first:
                part = slice(first * JOINED, last * JOINED)
                lowest = lower.lowest[part].reshape(-1, JOINED)
                highest = lower.highest[part].reshape(-1, JOINED)
                upper.append(*self._picked(values, lowest, highest))
            level += 1

    def level_for(self, points: int, most: int) -> int:
        """Return the finest level at which so many points give at most so many blocks."""
        level = 0
        while level + 1 < len(self._levels) and points > most * block_size(level):
            level += 1
        return level

    def blocks(self, level: int) -> int:
        """Return how many whole blocks a level has."""
        return self._levels[level].blocks if level < len(self._levels) else 0

    def at(self, level: int, first: int, last: int) -> tuple[IntArray, IntArray]:
        """Return the indices of the smallest and the largest value of some blocks of a level."""
        found = self._levels[level]
        return found.lowest[first:last], found.highest[first:last]

    def _picked(
        self, values: FloatArray, lowest: IntArray, highest: IntArray
    ) -> tuple[IntArray, IntArray]:
        low, high = values[lowest], values[highest]
        low = np.where(self._left_out(low), np.inf, low)
        high = np.where(self._left_out(high), -np.inf, high)
        every = np.arange(len(low))
        return (
            lowest[every, np.argmin(low, axis=1)],
            highest[every, np.argmax(high, axis=1)],
        )

    def _left_out(self, values: FloatArray) -> NDArray[np.bool_]:
        return ~(values > 0.0) if self._positive else np.isnan(values)


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a curve is seen, and how finely.

    Parameters
    ----------
    low, high
        Ends of the part of the x axis that is seen.
    most
        About how many points are drawn.
    """

    low: float = -np.inf
    high: float = np.inf
    most: int = 4000


class DecimatedCurve:
    """A growing curve of one column over another, ready to be drawn at any scale.

    Parameters
    ----------
    positive_x
        Whether the horizontal axis is logarithmic.
    positive_y
        Whether the vertical axis is logarithmic.
    """

    def __init__(self, *, positive_x: bool = False, positive_y: bool = False) -> None:
        self._x = Extremes(positive=positive_x)
        self._y = Extremes(positive=positive_y)
        self._seen = 0
        self._direction = 0.0
        self._monotone = True

    def update(self, x: FloatArray, y: FloatArray) -> None:
        """Take the points that are new; costs what is new.

        Parameters
        ----------
        x
            The whole column, shape (n,).
        y
            The same.
        """
        self._note_direction(x)
        self._y.update(y)
        if not self._monotone:
            self._x.update(x)
        self._seen = len(x)

    def indices(self, x: FloatArray, window: Window) -> IntArray:
        """Return which points to draw, in order.

        Parameters
        ----------
        x
            The column of the last `update`, shape (n,).
        window
            What is seen.

        Returns
        -------
        array
            Shape (m,); all that are seen if they are few.
        """
        first, last = self._part(x, window)
        if last - first <= window.most:
            return np.arange(first, last)
        columns = (self._y,) if self._monotone else (self._x, self._y)
        most = max(1, window.most // (2 * len(columns)))
        level = self._y.level_for(last - first, most)
        found = np.concatenate([*self._picked(columns, level, first, last)])
        keep = np.ones(len(found), dtype=np.bool_)
        keep[1:] = found[1:] != found[:-1]
        return found[keep]

    def _part(self, x: FloatArray, window: Window) -> tuple[int, int]:
        """Return the range of rows that is seen, with one neighbour on either side."""
        rows = self._seen
        if not self._monotone or not rows or self._direction == 0.0:
            return 0, rows
        ends = (window.low, window.high)
        if self._direction > 0.0:
            first, last = np.searchsorted(x[:rows], ends)
        else:
            last, first = rows - np.searchsorted(x[:rows][::-1], ends)
        return max(0, int(first) - 1), min(rows, int(last) + 1)

    def _picked(
        self, columns: tuple[Extremes, ...], level: int, first: int, last: int
    ) -> list[IntArray]:
        """Return the extremes of the whole blocks, and the ends more finely."""
        if level < 0:
            return [np.arange(first, last)]
        size = block_size(level)
        begin = -(-first // size)
        end = min(last // size, *(column.blocks(level) for column in columns))
        if end <= begin:
            return self._picked(columns, level - 1, first, last)
        found = np.concatenate([np.stack(c.at(level, begin, end), axis=1) for c in columns], axis=1)
        return [
            *self._picked(columns, level - 1, first, begin * size),
            np.sort(found, axis=1).ravel(),
            *self._picked(columns, level - 1, end * size, last),
        ]

    def _note_direction(self, x: FloatArray) -> None:
        if not self._monotone or len(x) <= self._seen:
            return
        new = x[max(0, self._seen - 1) :]
        steps = np.diff(new)
        signs = np.sign(steps[steps != 0.0])  # a step from or to no number is neither
        if len(signs) and self._direction == 0.0:
            self._direction = float(signs[0])
        if np.any(signs != self._direction) or np.any(np.isnan(new)):
            self._monotone = False


class _Level:
    """Indices of the extremes of blocks, in arrays that grow."""

    def __init__(self) -> None:
        self.blocks = 0
        self._held = np.empty((2, 64), dtype=np.intp)

    @property
    def lowest(self) -> IntArray:
        return self._held[0, : self.blocks]

    @property
    def highest(self) -> IntArray:
        return self._held[1, : self.blocks]

    def append(self, lowest: IntArray, highest: IntArray) -> None:
        after = self.blocks + len(lowest)
        if after > self._held.shape[1]:
            larger = np.empty((2, max(after, 2 * self._held.shape[1])), dtype=np.intp)
            larger[:, : self.blocks] = self._held[:, : self.blocks]
            self._held = larger
        self._held[0, self.blocks : after] = lowest
        self._held[1, self.blocks : after] = highest
        self.blocks = after


def block_size(level: int) -> int:
    """Return how many points a block of a level has."""
    return int(FINEST * JOINED**level)
