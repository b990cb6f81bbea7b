"""What a fit is asked: parameters with units and bounds, data, and a model with its slopes."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from daq.analysis.result import FloatArray

Evaluate: TypeAlias = Callable[[FloatArray], tuple[FloatArray, FloatArray]]
"""Turns the values of all parameters into the model, shape (n,), and its slopes, shape (n, m)."""

_STEP = 1e-3  # of a central difference, where a parameter moves by one


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a model.

    Parameters
    ----------
    name
        Short and unique in its model.
    unit
        Of the value, empty for a pure number.
    definition
        What the number means, in words.
    start
        First guess.
    low, high
        Bounds; a logarithmic parameter needs a low one above zero.
    scale
        Typical size; the fit works with the value over this.
    logarithmic
        Whether the fit works with the logarithm, for widths that span decades.
    vary
        Whether it is fitted; else it keeps its start.
    """

    name: str
    unit: str
    definition: str
    start: float
    low: float = -math.inf
    high: float = math.inf
    scale: float = 1.0
    logarithmic: bool = False
    vary: bool = True

    def inward(self, value: float) -> float:
        """Return the number that the fit works with."""
        return math.log(value / self.scale) if self.logarithmic else value / self.scale

    def outward(self, number: float) -> float:
        """Return the value that belongs to the number of the fit."""
        return self.scale * (math.exp(number) if self.logarithmic else number)

    def rate(self, value: float) -> float:
        """Return by how much the value changes per one of the number of the fit."""
        return value if self.logarithmic else self.scale

    def bounded(self, value: float) -> float:
        """Return the value, or the bound that it passes."""
        return min(max(value, self.low), self.high)


@dataclass(frozen=True, slots=True)
class Problem:
    """Data and the model that is fitted to them.

    Parameters
    ----------
    model
        Name of the model.
    parameters
        In the order that the model takes them in.
    x, y
        The data, shape (n,).
    sigma
        One sigma of each point, shape (n,); if omitted, the scatter about the fit is the error.
    evaluate
        The model at `x`.
    """

    model: str
    parameters: tuple[Parameter, ...]
    x: FloatArray = field(repr=False)
    y: FloatArray = field(repr=False)
    sigma: FloatArray | None = field(repr=False)
    evaluate: Evaluate = field(repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all parameters."""
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def starts(self) -> FloatArray:
        """Return the first guesses of all parameters."""
        return np.array([parameter.start for parameter in self.parameters])

    def starting(self, values: Mapping[str, float]) -> "Problem":
        """Return the problem with other first guesses, such as those of a neighbour."""
        changed = tuple(
            replace(p, start=p.bounded(values.get(p.name, p.start))) for p in self.parameters
        )
        return replace(self, parameters=changed)

    def holding(self, values: Mapping[str, float]) -> "Problem":
        """Return the problem with some parameters kept at values."""
        changed = tuple(
            replace(p, start=values[p.name], vary=False) if p.name in values else p
            for p in self.parameters
        )
        return replace(self, parameters=changed)

    def measuring(self, y: FloatArray) -> "Problem":
        """Return the problem with other data at the same places."""
        return replace(self, y=y)

    @classmethod
    def of_curve(
        cls,
        model: str,
        parameters: tuple[Parameter, ...],
        data: tuple[FloatArray, FloatArray, FloatArray | None],
        curve: Callable[[FloatArray], FloatArray],
    ) -> "Problem":
        """Return the problem of a curve that knows no slopes.

        Parameters
        ----------
        model
            Name of the model.
        parameters
            In the order that the curve takes them in.
        data
            x, y and one sigma of y or None, shape (n,) each.
        curve
            Turns the values of all parameters into the model at x.

        Returns
        -------
        Problem
            With slopes by differences.
        """
        return cls(model, parameters, *data, by_differences(curve, parameters))


def by_differences(
    curve: Callable[[FloatArray], FloatArray], parameters: tuple[Parameter, ...]
) -> Evaluate:
    """Return a model with slopes by central differences, for one that knows no better.

    Parameters
    ----------
    curve
        Turns the values of all parameters into the model, shape (n,).
    parameters
        Their scales set the steps; those that do not vary cost nothing.

    Returns
    -------
    Evaluate
        For a `Problem`.
    """

    def evaluate(values: FloatArray) -> tuple[FloatArray, FloatArray]:
        centre = curve(values)
        slopes = np.zeros((len(centre), len(values)))
        for index, parameter in enumerate(parameters):
            if not parameter.vary:
                continue
            step = _STEP * parameter.rate(values[index])
            ends = [parameter.bounded(values[index] + side * step) for side in (-1, 1)]
            low, high = (_with(values, index, end) for end in ends)
            slopes[:, index] = (curve(high) - curve(low)) / (ends[1] - ends[0])
        return centre, slopes

    return evaluate


def _with(values: FloatArray, index: int, value: float) -> FloatArray:
    changed = values.copy()
    changed[index] = value
    return changed
