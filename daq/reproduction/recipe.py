"""A recipe: how the rows of one figure come out of the files that its sequence left on disk.

To add one, write ``configs/papers/<paper>/<name>.yaml``, an ordinary sequence whose station is in
configs/stations; write a function that takes a `Measured` and returns a `Figured`; put a
`Recipe` of that name into ``RECIPES`` of the paper's module; and name it in the rows it recovers.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from daq.analysis.result import Estimate, NoResult
from daq.config.station import StationConfig, load_station
from daq.runs.files import Run, open_run
from daq.runs.names import run_names

NOT_KNOWN = float("nan")


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was found for a row.

    Parameters
    ----------
    row
        Its name, such as ``L8.a``.
    value
        In the unit of the row; not a number if there is no result.
    error
        One sigma in that unit; 0 for a count.
    note
        Definition of the number, or why there is none.
    """

    row: str
    value: float
    error: float
    note: str = ""

    @classmethod
    def of(cls, row: str, answer: Estimate | NoResult, scale: float = 1.0) -> "Recovered":
        """Return what an analysis says of a row.

        Parameters
        ----------
        row
            Its name.
        answer
            Of the analysis.
        scale
            Units of the row in one of the answer's.

        Returns
        -------
        Recovered
            Not a number where there is no result, with the reason.
        """
        if isinstance(answer, NoResult):
            return cls(row, NOT_KNOWN, NOT_KNOWN, str(answer))
        return cls(row, scale * answer.value, scale * answer.error, answer.definition)

    @classmethod
    def count(cls, row: str, number: int, note: str) -> "Recovered":
        """Return a number that was counted."""
        return cls(row, float(number), 0.0, note)

    @classmethod
    def sigmas(cls, row: str, number: float, note: str) -> "Recovered":
        """Return a significance; its own error is one."""
        error = 1.0 if math.isfinite(number) else NOT_KNOWN
        return cls(row, number, error, note)


@dataclass(frozen=True, slots=True)
class Measured:
    """The campaign folders of a figure, in the order of its sequences.

    Parameters
    ----------
    folders
        One per sequence.
    """

    folders: tuple[Path, ...]

    def runs(self, procedure: str, sequence: int = 0) -> list[Run]:
        """Return the runs of a procedure in the order in which they were taken, from disk.

        Parameters
        ----------
        procedure
            Its name in snake case.
        sequence
            Which of the folders.

        Returns
        -------
        list of Run
            Attempts of one run are joined.
        """
        folder = self.folders[sequence]
        names = [name for name in run_names(folder) if name.procedure == procedure]
        return [open_run(folder / f"{name.stem}.csv") for name in names if name.attempt == 1]

    def station(self, sequence: int = 0) -> StationConfig:
        """Return the station of a sequence, as its campaign folder keeps it.

        Parameters
        ----------
        sequence
            Which of the folders.

        Returns
        -------
        StationConfig
            With its wiring and its mount.
        """
        return load_station(self.folders[sequence] / "station.yaml")


@dataclass(frozen=True, slots=True)
class Figured:
    """What a recipe found, and how to draw it.

    Parameters
    ----------
    recovered
        One per row.
    draw
        Draws the figure as the paper does.
    """

    recovered: tuple[Recovered, ...]
    draw: Callable[[Figure], None]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one figure of a paper is measured and understood.

    Parameters
    ----------
    name
        As rows name it, and as its sequence file is called.
    title
        For the report.
    understand
        Turns files into numbers and a drawing.
    sequences
        Names of the sequence files if they are not just the one of that name.
    size
        Of the drawing in inches.
    note
        What a reader of the report must know, such as a method that is not the paper's.
    """

    name: str
    title: str
    understand: Callable[[Measured], Figured]
    sequences: tuple[str, ...] = ()
    size: tuple[float, float] = (6.0, 4.2)
    note: str = ""

    @property
    def files(self) -> tuple[str, ...]:
        """Return the names of its sequence files."""
        return self.sequences or (self.name,)
