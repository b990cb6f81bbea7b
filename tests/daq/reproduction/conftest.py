"""What the blind tests of all papers share: the truth of a figure, and the verdict on its rows.

A blind test of a paper is a table: the name of a row, and what turns the row of the book and the
truths of the samples into the row that is expected. Rows that the table leaves out must pass as
they stand in the book. See test_blind_le2020.py.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from daq.config.station import StationConfig, load_station
from daq.reproduction.blind import Hidden
from daq.reproduction.measure import Done, Task, carry_out_all
from daq.reproduction.papers import PAPERS
from daq.reproduction.recipe import Recovered
from daq.reproduction.rows import Row, load_rows
from daq.samples.catalogue import make_sample


@dataclass(frozen=True)
class Truth:
    """What only a test may know of one sequence of a figure.

    Parameters
    ----------
    hidden
        The truth of the sample that was measured.
    book
        That of the same sample without a shift.
    station
        On which it was measured.
    """

    hidden: Mapping[str, float]
    book: Mapping[str, float]
    station: StationConfig

    @classmethod
    def of(cls, folder: Path) -> "Truth":
        """Read it from a campaign folder."""
        station = load_station(folder / "station.yaml")
        choice = station.simulated.sample
        book = {key: value for key, value in choice.options.items() if "truth" not in key}
        hidden = make_sample(choice.name, choice.options).truth()
        return cls(hidden, make_sample(choice.name, book).truth(), station)

    def factor(self, key: str) -> float:
        """Return by what the hidden number is larger than that of the book."""
        return self.hidden[key] / self.book[key]


Expect = Callable[[Row, Sequence[Truth]], Row]
"""Gives the row that is expected: of the book's row, and the truths of the figure's sequences."""


@dataclass(frozen=True)
class Verdict:
    """What came out for one row of one blind measurement."""

    seed: int
    row: str
    found: float
    error: float
    expected: str
    passed: bool
    note: str

    def __str__(self) -> str:
        verdict = "passed" if self.passed else "FAILED"
        return (
            f"seed {self.seed} {self.row} {verdict}: {self.found:.5g} +- {self.error:.2g}"
            f" for {self.expected} ({self.note})"
        )


class Blind:
    """Measure figures blind, and judge them by the truth."""

    Hidden = Hidden

    @staticmethod
    def scaled(row: Row, value: float) -> Row:
        """Return a row with another value, and a tolerance that is as large relative to it."""
        tolerance = row.tolerance * abs(value / row.value)
        return row.model_copy(update={"value": value, "tolerance": tolerance})

    @staticmethod
    def moved(row: Row, value: float) -> Row:
        """Return a row with another value and the same tolerance."""
        return row.model_copy(update={"value": value})

    @staticmethod
    def by(key: str, place: int = 0) -> Expect:
        """Return what scales the value of a row as a number of the sample is shifted."""

        def expect(row: Row, truths: Sequence[Truth]) -> Row:
            return Blind.scaled(row, row.value * truths[place].factor(key))

        return expect

    @staticmethod
    def tasks(paper: str, recipes: Sequence[str], seeds: Sequence[int], folder: Path) -> list[Task]:
        """Return what measures figures with calibrated instruments and a truth per seed."""
        return [Task(paper, name, seed, folder, Hidden(seed)) for seed in seeds for name in recipes]

    @staticmethod
    def recipes(paper: str) -> list[str]:
        """Return the names of all figures of a paper."""
        return [recipe.name for recipe in PAPERS[paper].recipes]

    @staticmethod
    def measured(tasks: Sequence[Task], workers: int = 1) -> list[Done]:
        """Carry out figures; any that could not be measured is reported by its verdicts."""
        return list(carry_out_all(tasks, workers))

    @staticmethod
    def judged(
        done: Done, table: Mapping[str, Expect], periods: Mapping[str, float] | None = None
    ) -> list[Verdict]:
        """Return the verdict on every tested row of a figure.

        Parameters
        ----------
        done
            The figure.
        table
            What is expected of the rows that depend on the truth.
        periods
            After which the numbers of some rows, such as axes, are the same again.
        """
        task = done.task
        wanted = _tested(task)
        assert wanted, task
        if done.error:
            return [_lost(task.seed, row, done.error) for row in wanted]
        truths = [Truth.of(folder) for folder in done.folders]
        found = {one.row: one for one in done.recovered}
        assert found.keys() == {row.id for row in wanted}
        verdicts = []
        for row in wanted:
            expected = table[row.id](row, truths) if row.id in table else row
            one = _near(found[row.id], expected, (periods or {}).get(row.id))
            passed = expected.accepts(one.value, one.error)
            verdicts.append(
                Verdict(
                    task.seed, row.id, one.value, one.error, expected.expected, passed, one.note
                )
            )
        return verdicts

    @staticmethod
    def failures(verdicts: Sequence[Verdict], rate: float = 0.95) -> list[str]:
        """Return the failed verdicts in words if fewer than `rate` of all pass; else nothing."""
        failed = [str(one) for one in verdicts if not one.passed]
        enough = len(failed) <= (1.0 - rate) * len(verdicts)
        return [] if enough else [f"{len(failed)} of {len(verdicts)} failed", *failed]


def _tested(task: Task) -> list[Row]:
    """Return the rows that a figure has to recover."""
    figure = (task.paper, task.recipe, "test")
    return [row for row in load_rows() if (row.paper, row.recipe, row.status) == figure]


def _lost(seed: int, row: Row, why: str) -> Verdict:
    return Verdict(seed, row.id, math.nan, math.nan, row.expected, passed=False, note=why)


def _near(one: Recovered, expected: Row, period: float | None) -> Recovered:
    """Return a number of a period as near as possible to what is expected."""
    if period is None:
        return one
    turns = round((expected.value - one.value) / period)
    return replace(one, value=one.value + turns * period)


def _not_passed(done: Done) -> list[Recovered]:
    """Return the rows of a figure that do not pass, with what was found."""
    assert not done.error, done.error
    wanted = {row.id: row for row in _tested(done.task)}
    assert {found.row for found in done.recovered} == set(wanted)
    assert done.picture is not None
    assert done.picture.stat().st_size > 10_000
    return [
        found for found in done.recovered if not wanted[found.row].accepts(found.value, found.error)
    ]


@pytest.fixture(scope="session")
def not_passed() -> Callable[[Done], list[Recovered]]:
    """Return what tells the rows of a figure that do not pass by the book."""
    return _not_passed


@pytest.fixture(scope="session")
def contact(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """Return figures 1d and 1e of Le et al., a contact before and after pulses, measured blind."""
    tasks = Blind.tasks("le2020", ["fig1de"], [3], tmp_path_factory.mktemp("contact"))
    (done,) = Blind.measured(tasks)
    assert not done.error, done.error
    return done


@pytest.fixture(scope="session")
def blind() -> type[Blind]:
    """Return how figures are measured blind, and judged."""
    return Blind
