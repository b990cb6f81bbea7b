"""What can be drawn along an axis: the columns of a run, and what follows from one of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from daq.analysis.result import FloatArray
from daq.analysis.spectrum import SPOILED
from daq.runs.follow import FollowedCsv
from instruments.status import Status

PREFIXED = frozenset({"A", "V", "ohm", "S", "T", "Hz", "F", "W"})
"""Units before which milli and kilo are written."""
RESISTANCE = "dV/dI (ohm)"
BIAS = "Bias voltage"
OUTER = 0.9
"""The normal conductance is read where the bias exceeds this fraction of its largest value."""


def _same(values: FloatArray) -> FloatArray:
    return values


def _inverse(values: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore"):
        return 1.0 / values


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something that can be drawn.

    Parameters
    ----------
    name
        For people, without unit.
    unit
        In SI; empty for a ratio.
    columns
        From which it can be read, the best first; of several that are there, the one with numbers.
    change
        From the column to the quantity; monotone, so that extremes stay extremes.
    to_normal
        Whether it is divided by its value in the normal state.
    """

    name: str
    unit: str
    columns: tuple[str, ...]
    change: Callable[[FloatArray], FloatArray] = field(default=_same, compare=False)
    to_normal: bool = False

    @property
    def label(self) -> str:
        """Return the name with the unit."""
        return f"{self.name} ({self.unit})" if self.unit else self.name

    def column(self, csv: FollowedCsv) -> str | None:
        """Return the column of a run that it is read from, or None if there is none."""
        there = [name for name in self.columns if name in csv.columns]
        for name in there:
            if csv.rows and np.isfinite(csv.column(name)[0]):
                return name
        return there[0] if there else None


CONDUCTANCE = Quantity("G = dI/dV", "S", (RESISTANCE,), _inverse)
NORMALISED = Quantity("G/G_N", "", (RESISTANCE,), _inverse, to_normal=True)
TUNNELLING = "dI/dV (S)"
"""What a spectrum at a voltage bias measures."""


def quantities(columns: Sequence[str]) -> tuple[Quantity, ...]:
    """Return what can be drawn of a run.

    Parameters
    ----------
    columns
        Of the run, with units.

    Returns
    -------
    tuple of Quantity
        In the order of the columns; bias voltages are joined, conductances added.
    """
    found: list[Quantity] = []
    bias = tuple(sorted((c for c in columns if c.startswith(BIAS)), key=_measured_first))
    for column in columns:
        if column in bias:
            if column == next(name for name in columns if name in bias):
                found.append(Quantity(BIAS, "V", bias))
            continue
        name, unit = split_unit(column)
        found.append(Quantity(name, unit, (column,)))
        if column == RESISTANCE:
            found += [CONDUCTANCE, NORMALISED]
        elif column == TUNNELLING:
            found.append(Quantity(NORMALISED.name, "", (column,), to_normal=True))
    return tuple(found)


def split_unit(column: str) -> tuple[str, str]:
    """Return name and unit of a column; the unit is empty if there is none."""
    name, bracket, rest = column.rpartition(" (")
    return (name, rest[:-1]) if bracket and rest.endswith(")") else (column, "")


_FIRST_CHOICE = {
    "bias_spectrum": (BIAS, "dV/dI"),
    "tunnel_spectrum": ("Voltage", "dI/dV"),
    "temperature_ramp": ("Temperature", "Resistance"),
    "thermal_cycle": ("Temperature", "Resistance"),
    "field_loop": ("Field", "Resistance"),
    "angle_sweep": ("Angle", "Resistance"),
    "cryostat": ("Time", "Temperature"),
}


def first_choice(procedure: str, known: Sequence[Quantity]) -> tuple[Quantity, Quantity]:
    """Return what is drawn of a procedure before anybody has chosen.

    Parameters
    ----------
    procedure
        Its name.
    known
        Its quantities, at least one.

    Returns
    -------
    tuple of Quantity
        Along x and along y.
    """
    by_name = {quantity.name: quantity for quantity in known}
    x, y = _FIRST_CHOICE.get(procedure, ("Time", ""))
    return by_name.get(x, known[0]), by_name.get(y, known[-1])


def normal_level(x: FloatArray, y: FloatArray) -> float:
    """Return the median of `y` in the outer tenths of `x`: about the normal state of a spectrum.

    Parameters
    ----------
    x
        The bias, shape (n,).
    y
        Shape (n,).

    Returns
    -------
    float
        Not a number if there is no finite point there.
    """
    good = np.isfinite(x) & np.isfinite(y)
    if not np.any(good):
        return float("nan")
    far = np.abs(x[good])
    return float(np.median(y[good][far >= OUTER * float(np.max(far))]))


def flags_in_words(status: int) -> str:
    """Return which flags a row carries, such as ``overload, compliance``."""
    return ", ".join(_flag_name(flag) for flag in Status if status & flag.value)


def _flag_name(flag: Status) -> str:
    return (flag.name or "").lower().replace("_", " ")


class Flagged:
    """Which rows of a run carry a flag, and how many carry which; costs what is new."""

    def __init__(self) -> None:
        self.spoiled: list[int] = []
        """Rows that are useless: overload, no reference, compliance."""
        self.doubtful: list[int] = []
        """Rows with any other flag."""
        self.counts: dict[str, int] = {}
        self._seen = 0

    def update(self, status: FloatArray) -> None:
        """Take the rows that are new.

        Parameters
        ----------
        status
            The whole column, shape (n,).
        """
        new = np.nan_to_num(status[self._seen :]).astype(np.int64)
        rows = np.flatnonzero(new)
        for flag in Status:
            count = int(np.count_nonzero(new & flag.value))
            if count:
                name = _flag_name(flag)
                self.counts[name] = self.counts.get(name, 0) + count
        bad = (new[rows] & SPOILED) != 0
        self.spoiled += (rows[bad] + self._seen).tolist()
        self.doubtful += (rows[~bad] + self._seen).tolist()
        self._seen = len(status)

    def words(self) -> str:
        """Return how many rows carry which flag; empty if none does."""
        return ", ".join(f"{name}: {count}" for name, count in self.counts.items())


def _measured_first(column: str) -> bool:
    return "measured" not in column
