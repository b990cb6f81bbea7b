"""How a cost is measured on a machine that others use too: CPU time, in pairs, medians."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Batch = Callable[[], int]
"""Does some work and returns how often it did it."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured.

    Parameters
    ----------
    repeats
        Pairs of batches per figure.
    calls
        Of a property in one batch.
    points
        Bias points in one batch.
    rows
        Of a file in one batch.
    hours
        Of the temperature ramp.
    spectrum
        Points of the spectrum.
    """

    repeats: int = 15
    calls: int = 2000
    points: int = 200
    rows: int = 20_000
    hours: float = 11.5
    spectrum: int = 201


QUICK = Effort(repeats=2, calls=5, points=4, rows=20, hours=0.02, spectrum=5)


@dataclass(frozen=True, slots=True)
class Figure:
    """One number.

    Parameters
    ----------
    name
        What is measured.
    value
        Median of the repeats.
    unit
        ``ratio``, ``ms`` or ``s``; times are CPU time of this process, all threads.
    limit
        The most it may be, or None where there is no limit.
    lowest, highest
        Of the repeats.
    details
        What else was measured on the way, units in the names.
    """

    name: str
    value: float
    unit: str
    limit: float | None
    lowest: float
    highest: float
    details: dict[str, float]

    @property
    def passed(self) -> bool | None:
        """Tell whether the limit is met; None without a limit."""
        return None if self.limit is None else self.value <= self.limit


def ratio(name: str, limit: float, ours: Batch, theirs: Batch, repeats: int) -> Figure:
    """Measure two ways of doing one thing, one after the other, again and again.

    Parameters
    ----------
    name
        Of the figure.
    limit
        Of the ratio.
    ours, theirs
        Batches of the two ways.
    repeats
        Pairs; the order turns round from pair to pair.

    Returns
    -------
    Figure
        The median of the ratios of the pairs.
    """
    ours(), theirs()
    pairs = []
    for turn in range(repeats):
        if turn % 2:
            first = _each(ours)
            pairs.append((first, _each(theirs)))
        else:
            second = _each(theirs)
            pairs.append((_each(ours), second))
    details = {
        "ours_us": 1e6 * statistics.median(a for a, _ in pairs),
        "theirs_us": 1e6 * statistics.median(b for _, b in pairs),
    }
    return _figure(name, [a / b for a, b in pairs], "ratio", limit, details)


def cost(name: str, limit: float | None, batch: Batch, repeats: int) -> Figure:
    """Measure what one piece of work costs.

    Parameters
    ----------
    name
        Of the figure.
    limit
        In ms, or None.
    batch
        The work.
    repeats
        How often.

    Returns
    -------
    Figure
        In ms.
    """
    batch()
    return _figure(name, [1e3 * _each(batch) for _ in range(repeats)], "ms", limit, {})


def once(name: str, work: Callable[[], dict[str, float]]) -> Figure:
    """Measure a long piece of work, once and without a limit; it returns its details."""
    before = time.process_time()
    details = work()
    return _figure(name, [time.process_time() - before], "s", None, details)


def _each(batch: Batch) -> float:
    before = time.process_time()
    count = batch()
    return max(time.process_time() - before, 1e-9) / count


def _figure(
    name: str, values: list[float], unit: str, limit: float | None, details: dict[str, float]
) -> Figure:
    middle = statistics.median(values)
    return Figure(name, middle, unit, limit, min(values), max(values), details)
