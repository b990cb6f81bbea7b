"""Compare models of the same data: criteria of Akaike and Schwarz, F test, runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from scipy import stats

from daq.analysis.fit_result import Fit, Runs
from daq.analysis.result import FloatArray, NoResult

CLEAR = 10.0
"""Difference of a criterion from which the other model has essentially no support."""


@dataclass(frozen=True, slots=True)
class Rival:
    """One of the models.

    Parameters
    ----------
    model
        Its name.
    aic, bic
        Above those of the best model, zero for the best.
    weight
        Of Akaike: from 0 to 1, they sum to one.
    rms
        Of the residuals, in the unit of the data.
    runs
        Of the residuals.
    """

    model: str
    aic: float
    bic: float
    weight: float
    rms: float
    runs: Runs


@dataclass(frozen=True, slots=True)
class Comparison:
    """The models in the order of the criterion of Akaike, the best first.

    Parameters
    ----------
    rivals
        At least two.
    left_out
        Models without a result, and why.
    """

    rivals: tuple[Rival, ...]
    left_out: Mapping[str, NoResult]

    @property
    def best(self) -> str:
        """Return the name of the best model."""
        return self.rivals[0].model

    @property
    def clear(self) -> bool:
        """Tell whether both criteria prefer the best model by more than `CLEAR` to every other."""
        return all(min(r.aic, r.bic - self.rivals[0].bic) > CLEAR for r in self.rivals[1:])

    def margin(self, model: str) -> float:
        """Return by how much a model is worse than the best, by the smaller of both criteria."""
        (found,) = (rival for rival in self.rivals if rival.model == model)
        return min(found.aic, found.bic - self.rivals[0].bic)


def compare(fits: Mapping[str, Fit | NoResult] | Sequence[Fit | NoResult]) -> Comparison | NoResult:
    """Compare fits of the same data.

    Parameters
    ----------
    fits
        By model, or in a sequence; those without a result are named with their reason.

    Returns
    -------
    Comparison or NoResult
        No result with fewer than two fits.

    Raises
    ------
    ValueError
        The fits are not of the same data.
    """
    named = (
        dict(fits)
        if isinstance(fits, Mapping)
        else {getattr(f, "model", f"model {i + 1}"): f for i, f in enumerate(fits)}
    )
    found = {name: f for name, f in named.items() if isinstance(f, Fit)}
    if len(found) < 2:
        return NoResult(f"{len(found)} of the models have a result; two are needed to compare")
    first, *others = found.values()
    if any(not _same(first, other) for other in others):
        raise ValueError("the fits are not of the same data; fit all models to the same points")
    aic = min(f.aic for f in found.values())
    bic = min(f.bic for f in found.values())
    total = sum(float(np.exp((aic - f.aic) / 2)) for f in found.values())
    rivals = [
        Rival(
            name,
            f.aic - aic,
            f.bic - bic,
            float(np.exp((aic - f.aic) / 2)) / total,
            float(np.sqrt(np.mean(f.residuals**2))),
            f.runs,
        )
        for name, f in found.items()
    ]
    rivals.sort(key=lambda rival: rival.aic)
    left_out = {name: f for name, f in named.items() if isinstance(f, NoResult)}
    return Comparison(tuple(rivals), MappingProxyType(left_out))


def f_test(small: Fit, large: Fit) -> float | NoResult:
    """Return the probability that the extra parameters of a larger model fit noise only.

    Parameters
    ----------
    small
        Of a model that the larger one contains.
    large
        Of the same data.

    Returns
    -------
    float or NoResult
        No result where the larger model has no more parameters.

    Raises
    ------
    ValueError
        The fits are not of the same data.
    """
    if not _same(small, large):
        raise ValueError("the fits are not of the same data; fit both models to the same points")
    extra = small.freedom - large.freedom
    if extra <= 0:
        return NoResult(f"{large.model} has no more parameters than {small.model}")
    gain = max(small.chi_square - large.chi_square, 0.0) / extra
    return float(stats.f.sf(gain / (large.chi_square / large.freedom), extra, large.freedom))


def _same(one: Fit, other: Fit) -> bool:
    return one.noise == other.noise and _equal(one.x, other.x) and _equal(one.y, other.y)


def _equal(one: FloatArray, other: FloatArray) -> bool:
    return bool(np.array_equal(one, other))
