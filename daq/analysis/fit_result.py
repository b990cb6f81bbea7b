"""What a fit answers: parameters with errors, how well the model describes the data."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from scipy import stats

from daq.analysis.result import Estimate, FloatArray

GIVEN, SCATTER = "errors of the points", "scatter about the fit"
"""What the errors of the parameters rest on."""
LEAST_PROBABILITY = 0.001
"""Of a test, below which a fit misses structure in the data, or their errors are too small."""


@dataclass(frozen=True, slots=True)
class FittedParameter(Estimate):
    """A parameter of a fit; its error is zero where it was not fitted.

    Parameters
    ----------
    unit
        Of value and error.
    state
        "fitted", "given", or "at its bound": then the data say no more than that.
    """

    unit: str = ""
    state: str = "fitted"


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of equal sign in the residuals (Wald and Wolfowitz 1940).

    Parameters
    ----------
    count
        How many runs there are.
    expected
        How many there are on average without structure.
    probability
        That residuals without structure have so few runs, or fewer.
    """

    count: int
    expected: float
    probability: float

    @property
    def structured(self) -> bool:
        """Tell whether the residuals have structure that noise would not have."""
        return self.probability < LEAST_PROBABILITY


@dataclass(frozen=True, slots=True)
class Fit:
    """The best parameters of a model.

    Parameters
    ----------
    model
        Name of the model.
    parameters
        All of them by name.
    names
        Of the fitted ones, in the order of the covariance.
    covariance
        Of the fitted ones in their units, shape (k, k).
    chi_square
        Sum of the squared residuals over the squares of their errors; without errors of the
        points, the sum of the squared residuals.
    noise
        What the errors of the parameters rest on: `GIVEN` or `SCATTER`.
    x, y, curve
        Data and model, shape (n,).
    sigma
        One sigma of each point, shape (n,): given, or the scatter.
    """

    model: str
    parameters: Mapping[str, FittedParameter]
    names: tuple[str, ...]
    covariance: FloatArray = field(repr=False)
    chi_square: float
    noise: str
    x: FloatArray = field(repr=False)
    y: FloatArray = field(repr=False)
    curve: FloatArray = field(repr=False)
    sigma: FloatArray = field(repr=False)

    def __getitem__(self, name: str) -> FittedParameter:
        """Return a parameter by its name."""
        return self.parameters[name]

    @property
    def values(self) -> dict[str, float]:
        """Return the values of all parameters, to start a neighbour from."""
        return {name: parameter.value for name, parameter in self.parameters.items()}

    @property
    def points(self) -> int:
        """Return how many points were fitted."""
        return len(self.y)

    @property
    def freedom(self) -> int:
        """Return the points less the fitted parameters."""
        return self.points - len(self.names)

    @property
    def reduced(self) -> float:
        """Return chi square over the degrees of freedom; about one where errors were given."""
        return self.chi_square / self.freedom

    @property
    def residuals(self) -> FloatArray:
        """Return data less model."""
        return self.y - self.curve

    @property
    def deviance(self) -> float:
        """Return -2 ln of the likelihood, up to a constant of the data."""
        if self.noise == GIVEN:
            return self.chi_square
        return self.points * math.log(max(self.chi_square, 1e-300) / self.points)

    @property
    def aic(self) -> float:
        """Return the criterion of Akaike; only differences on the same data mean anything."""
        return self.deviance + 2 * len(self.names)

    @property
    def bic(self) -> float:
        """Return the criterion of Schwarz; only differences on the same data mean anything."""
        return self.deviance + len(self.names) * math.log(self.points)

    @property
    def runs(self) -> Runs:
        """Return the runs of equal sign in the residuals."""
        return residual_runs(self.residuals)

    @property
    def at_bounds(self) -> tuple[str, ...]:
        """Return the parameters that ended at a bound."""
        return tuple(n for n, p in self.parameters.items() if p.state == "at its bound")

    def correlation(self, one: str, other: str) -> float:
        """Return the correlation of two fitted parameters."""
        i, j = self.names.index(one), self.names.index(other)
        c = self.covariance
        return float(c[i, j] / math.sqrt(c[i, i] * c[j, j]))

    @property
    def widened(self) -> "Fit":
        """Return the fit with errors that hold what those of the points do not explain."""
        factor = beyond_chance(self.chi_square, self.freedom) if self.noise == GIVEN else 1.0
        if factor == 1.0:
            return self
        parameters = {n: replace(p, error=factor * p.error) for n, p in self.parameters.items()}
        covariance = factor**2 * self.covariance
        return replace(self, parameters=MappingProxyType(parameters), covariance=covariance)

    def derived(
        self, function: Callable[[Mapping[str, float]], float], definition: str
    ) -> Estimate:
        """Return a quantity of the parameters, its error propagated with all correlations.

        Parameters
        ----------
        function
            Of the values of all parameters by name.
        definition
            What it is, and its unit.

        Returns
        -------
        Estimate
            With the error to first order.
        """
        values = self.values
        slope = np.zeros(len(self.names))
        for index, name in enumerate(self.names):
            step = 1e-3 * math.sqrt(self.covariance[index, index])
            ends = [function(values | {name: values[name] + side * step}) for side in (-1, 1)]
            slope[index] = (ends[1] - ends[0]) / (2 * step) if step > 0 else 0.0
        error = math.sqrt(max(float(slope @ self.covariance @ slope), 0.0))
        return Estimate(function(values), error, definition)


def beyond_chance(chi_square: float, freedom: int) -> float:
    """Return by how much errors must grow where points scatter more than theirs explain.

    Parameters
    ----------
    chi_square
        About the fit.
    freedom
        Points less fitted parameters.

    Returns
    -------
    float
        1 where chance explains it at least once in a thousand times, else the root of the reduced
        chi square.
    """
    chance = float(stats.chi2.sf(chi_square, max(1, freedom)))
    return 1.0 if chance >= LEAST_PROBABILITY else math.sqrt(chi_square / max(1, freedom))


def residual_runs(residuals: FloatArray) -> Runs:
    """Count the runs of equal sign, and how likely so few are.

    Parameters
    ----------
    residuals
        In the order of the data, shape (n,).

    Returns
    -------
    Runs
        With the probability by the normal approximation.
    """
    above = residuals > 0
    high = int(np.count_nonzero(above))
    low = len(above) - high
    count = 1 + int(np.count_nonzero(above[1:] != above[:-1]))
    total = high + low
    if high == 0 or low == 0:
        return Runs(count, float(count), 1.0)
    expected = 1 + 2 * high * low / total
    variance = (expected - 1) * (expected - 2) / (total - 1)
    if variance <= 0:
        return Runs(count, expected, 1.0)
    z = (count + 0.5 - expected) / math.sqrt(variance)
    return Runs(count, expected, float(stats.norm.cdf(z)))
