"""The hidden truth of a sample, shifted at random for a blind test.

The numbers of a preset stand in one frozen dataclass. A mapping says which of them are hidden, and
by which quantity: fields of one quantity, such as onset and zero of one transition, are shifted by
one and the same factor. The factor depends on the seed and the name of the quantity alone, so that
two samples of one crystal with one seed agree, and a new quantity changes no old one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Numbers = TypeVar("Numbers", bound="DataclassInstance")
LARGEST = 0.2
"""Largest shift, as a fraction."""
HALF_TURN = 180.0
"""After which an axis is the same again, in degrees."""


@dataclass(frozen=True, slots=True)
class Shift:
    """By how much the truth differs from the book.

    Parameters
    ----------
    spread
        Largest shift as a fraction, 0 to 0.2; 0 keeps to the book.
    seed
        Decides how much of it.
    """

    spread: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse a spread that no analysis could be asked to follow."""
        if not 0.0 <= self.spread <= LARGEST:
            raise ValueError(f"a spread of {self.spread:g}: give 0 to {LARGEST:g}")
        if self.seed < 0:
            raise ValueError(f"a seed of {self.seed}: give 0 or more")

    def factor(self, quantity: str) -> float:
        """Return the factor of a quantity, even in 1 - spread to 1 + spread."""
        return 1.0 + self._part(quantity)

    def angle(self, degrees: float, quantity: str = "axis") -> float:
        """Return an axis in degrees, turned by up to the spread of half a turn either way."""
        return degrees + HALF_TURN * self._part(quantity)

    def _part(self, quantity: str) -> float:
        if self.spread == 0.0:
            return 0.0
        random = np.random.default_rng([self.seed, *quantity.encode()])
        return self.spread * float(random.uniform(-1.0, 1.0))


NONE = Shift()
"""The book itself."""


def shifted(numbers: Numbers, hidden: Mapping[str, str], shift: Shift) -> Numbers:
    """Return the numbers of a preset with those that are hidden shifted.

    Parameters
    ----------
    numbers
        A frozen dataclass.
    hidden
        Quantity by name of the field.
    shift
        By how much.

    Returns
    -------
    Numbers
        The same numbers without a spread, bit for bit.
    """
    if shift.spread == 0.0:
        return numbers
    return replace(
        numbers,
        **{field: getattr(numbers, field) * shift.factor(name) for field, name in hidden.items()},
    )


def told(numbers: object, hidden: Mapping[str, str]) -> dict[str, float]:
    """Return the hidden numbers of a preset by field.

    Parameters
    ----------
    numbers
        Of the preset, shifted or not.
    hidden
        Quantity by name of the field.

    Returns
    -------
    dict
        In the units of the fields.
    """
    return {field: float(getattr(numbers, field)) for field in hidden}
