"""The shape of a conductance spectrum: a theory with its parameters and slopes.

A shape is one in the normal state. Its first two parameters are gap and broadening; energies in eV.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from daq.analysis.fit_problem import Parameter, by_differences
from daq.analysis.result import FloatArray
from daq.physics.constants import BOLTZMANN

MEV = 1e-3


@dataclass(frozen=True, slots=True)
class Conditions:
    """Under which a spectrum was taken.

    Parameters
    ----------
    temperature
        Of the sample in K.
    modulation
        Peak amplitude of the lock-in: in V where the contact is biased by a voltage, in A where by
        a current.
    """

    temperature: float
    modulation: float = 0.0


Curve: TypeAlias = Callable[[FloatArray, FloatArray, Conditions], FloatArray]
"""Bias in V, the parameters, the conditions; the shape at the bias."""
Slopes: TypeAlias = Callable[
    [FloatArray, FloatArray, Conditions], tuple[FloatArray, tuple[FloatArray, ...]]
]


@dataclass(frozen=True, slots=True)
class Shape:
    """A theory of the conductance.

    Parameters
    ----------
    name
        As the command line calls it.
    words
        What it is.
    extras
        Parameters beyond gap and broadening.
    curve
        The shape itself.
    slopes
        The shape and its derivatives by the parameters, where they are known exactly.
    guesses
        Values of each extra parameter to try first.
    gap
        What its gap means.
    simpler
        Name of a shape that a fit of this one must beat clearly; empty if there is none.
    """

    name: str
    words: str
    extras: tuple[Parameter, ...]
    curve: Curve
    slopes: Slopes | None
    guesses: Mapping[str, tuple[float, ...]]
    gap: str
    simpler: str = ""

    def parameters(self, reach: float, conditions: Conditions) -> tuple[Parameter, ...]:
        """Return the parameters for a spectrum that reaches so far, in V."""
        finest = 1e-3 * max(BOLTZMANN * conditions.temperature, 1e-3 * reach)
        gap = Parameter("gap", "eV", self.gap, 0.3 * reach, 1e-3 * reach, reach, scale=MEV)
        broadening = Parameter(
            "broadening",
            "eV",
            "Gamma of Dynes: added to the energy as i Gamma",
            0.05 * reach,
            finest,
            2.0 * reach,
            scale=MEV,
            logarithmic=True,
        )
        return gap, broadening, *self.extras

    def evaluate(
        self, voltage: FloatArray, values: FloatArray, conditions: Conditions
    ) -> tuple[FloatArray, FloatArray]:
        """Return the shape, shape (n,), and its derivatives by the parameters, shape (n, k)."""
        if self.slopes is not None and conditions.temperature > 0:
            curve, columns = self.slopes(voltage, values, conditions)
            return curve, np.stack(columns, axis=1)
        reach = float(np.max(np.abs(voltage)))
        numerical = by_differences(
            lambda changed: self.curve(voltage, changed, conditions),
            self.parameters(reach, conditions),
        )
        return numerical(values)
