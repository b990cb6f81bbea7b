"""Judge whether a resistance depends on what it is measured with."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from daq.analysis.result import Estimate, FloatArray

LEAST_LEVELS = 3
SIGNIFICANT = 3.0
IMPROBABLE = 0.0027
"""Probability that corresponds to three standard deviations."""


@dataclass(frozen=True, slots=True)
class HeatingResult:
    """Whether R depends on the level.

    Parameters
    ----------
    change
        Relative change of R from the lowest to the highest level, by a fit of R that is linear in
        the power, with its error.
    level, resistance, error
        Mean of R in ohm at every level, with its error; shape (levels,).
    chi_square
        Of the means about a constant.
    freedom
        Its degrees of freedom.
    probability
        That a constant R scatters at least as much.
    """

    change: Estimate
    level: FloatArray
    resistance: FloatArray
    error: FloatArray
    chi_square: float
    freedom: int
    probability: float

    @property
    def independent(self) -> bool:
        """Tell whether R does not depend on the level by more than three errors."""
        return self.change.significance < SIGNIFICANT and self.probability > IMPROBABLE


def heating(level: FloatArray, resistance: FloatArray, error: FloatArray) -> HeatingResult:
    """Compare readings of R at several levels of excitation or bias.

    Readings of one level that scatter more than their errors enlarge all errors.

    Parameters
    ----------
    level
        Of the current, in any unit, such as 0.5, 1 and 2; shape (n,).
    resistance
        In ohm; shape (n,).
    error
        One standard error of each in ohm, above zero; shape (n,).

    Returns
    -------
    HeatingResult
        With the significance of a change.

    Raises
    ------
    ValueError
        Fewer than three levels, an error that is not above zero, or arrays that do not match.
    """
    level, resistance, error = (
        np.asarray(values, np.float64) for values in (level, resistance, error)
    )
    if level.ndim != 1 or not level.shape == resistance.shape == error.shape:
        raise ValueError(
            f"three arrays of one length are needed, not {level.shape}, {resistance.shape} and"
            f" {error.shape}"
        )
    good = np.isfinite(level) & np.isfinite(resistance) & np.isfinite(error)
    level, resistance, error = level[good], resistance[good], error[good]
    if np.any(error <= 0.0):
        raise ValueError("every reading needs an error above zero; average the readings")
    levels = np.unique(level)
    if len(levels) < LEAST_LEVELS:
        raise ValueError(f"{len(levels)} levels; at least {LEAST_LEVELS} are needed")
    weight = error**-2.0
    place = np.searchsorted(levels, level)
    weights = np.bincount(place, weight)
    means = np.bincount(place, weight * resistance) / weights
    errors: FloatArray = np.sqrt(1.0 / weights)
    errors *= _excess((resistance - means[place]) / error, len(levels))
    mean = float(np.sum(means / errors**2) / np.sum(errors**-2.0))
    if not np.any(means):
        raise ValueError("the resistance is zero at every level; look at the contacts")
    found = float(np.sum(((means - mean) / errors) ** 2))
    freedom = len(levels) - 1
    return HeatingResult(
        _change(levels, means, errors),
        levels,
        means,
        errors,
        found,
        freedom,
        float(chi2.sf(found, freedom)),
    )


def _excess(deviations: FloatArray, levels: int) -> float:
    """Return by how much readings of one level scatter more than their errors, at least 1."""
    freedom = len(deviations) - levels
    if freedom < 1:
        return 1.0
    return max(1.0, float(np.sqrt(np.sum(deviations**2) / freedom)))


def _change(levels: FloatArray, means: FloatArray, errors: FloatArray) -> Estimate:
    design = np.stack([np.ones_like(levels), levels**2], axis=1) / errors[:, np.newaxis]
    covariance = np.linalg.inv(design.T @ design)
    base, slope = covariance @ design.T @ (means / errors)
    span = (levels[-1] ** 2 - levels[0] ** 2) / base
    return Estimate(
        float(slope * span),
        float(np.sqrt(covariance[1, 1]) * abs(span)),
        "relative change of R from the lowest to the highest level, linear in the power",
    )
