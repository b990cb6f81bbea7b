"""What an analysis returns: a value with its error and definition, or why there is none."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its one-sigma error.

    Parameters
    ----------
    value
        In the unit that the definition says.
    error
        One standard deviation, in the same unit.
    definition
        What was computed, in words.
    """

    value: float
    error: float
    definition: str

    @property
    def significance(self) -> float:
        """Return the magnitude of the value in units of its error; that of nothing is nothing."""
        if self.error > 0.0:
            return abs(self.value) / self.error
        return 0.0 if self.value == 0.0 else float("inf")


@dataclass(frozen=True, slots=True)
class NoResult:
    """The data do not answer the question.

    Parameters
    ----------
    reason
        Why not, in words that complete "no result, because ...".
    """

    reason: str

    def __str__(self) -> str:
        return f"no result, because {self.reason}"

    def __bool__(self) -> bool:
        return False


def finite_pairs(x: FloatArray, y: FloatArray, least: int) -> tuple[FloatArray, FloatArray]:
    """Return the finite pairs of two arrays, sorted by `x`.

    Parameters
    ----------
    x
        Shape (n,).
    y
        Shape (n,).
    least
        How many pairs are needed.

    Returns
    -------
    tuple of array
        The finite pairs in the order of rising `x`.

    Raises
    ------
    ValueError
        The shapes differ, or fewer than `least` pairs are finite.
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError(f"two arrays of one length are needed, not {x.shape} and {y.shape}")
    good = np.isfinite(x) & np.isfinite(y)
    if int(np.count_nonzero(good)) < least:
        raise ValueError(f"{np.count_nonzero(good)} finite points; at least {least} are needed")
    order = np.argsort(x[good], kind="stable")
    return x[good][order], y[good][order]


def known_points(
    x: FloatArray, y: FloatArray, error: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the points of a table that have numbers and an error.

    Parameters
    ----------
    x
        Shape (n,).
    y
        Shape (n,).
    error
        One sigma of y, shape (n,).

    Returns
    -------
    tuple of array
        The same three without the points that are not finite or whose error is not above zero.
    """
    good = np.isfinite(x) & np.isfinite(y) & np.isfinite(error) & (error > 0.0)
    return x[good], y[good], error[good]
