"""The harmonics of a quantity against an angle: two-fold, four-fold, and the rest.

y(phi) = c0 + sum over n of c_n cos n(phi - phi_n), by linear least squares in cosines and sines.
The significance of each harmonic is the F test of leaving it out. The angles must all be
approached from one side: backlash of the rotator would turn the two halves of a sweep against each
other.

What drifts during one turn has a two-fold part of its own and turns the axis: a rotator that warms
the sample while it turns does. A quantity that drifts with the sample, such as its temperature, is
fitted along and takes that up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from scipy import stats

from daq.analysis.result import Estimate, FloatArray, NoResult, finite_pairs

ORDERS = (1, 2, 4, 6)
SPARE = 4
"""Points more than coefficients, so that the residuals tell the noise."""
SIGNIFICANT = 5.0
PARABOLA = 2
SAME = 1e-12
"""Relative change of a drift below which there is none."""
ROUNDING = 1e-14
"""Of the largest value: the least scatter, so that what rounding leaves is no signal."""


@dataclass(frozen=True, slots=True)
class Harmonic:
    """One harmonic, c cos n(phi - axis).

    Parameters
    ----------
    order
        n, how often it repeats in a turn.
    amplitude
        c in the unit of the data; it is never negative, so that noise alone gives about one error.
    axis
        Where it is largest, in degrees from 0 to 360/n.
    f_value
        Of the test against leaving the harmonic out.
    probability
        That noise alone gives such an F value or a larger one.
    """

    order: int
    amplitude: Estimate
    axis: Estimate
    f_value: float
    probability: float

    @property
    def significance(self) -> float:
        """Return the probability as sigmas of a normal distribution, two-sided."""
        return float(stats.norm.isf(max(self.probability, 1e-300) / 2.0))

    @property
    def found(self) -> bool:
        """Tell whether the harmonic stands out by more than five sigma."""
        return self.significance > SIGNIFICANT


@dataclass(frozen=True, slots=True)
class AngularFit:
    """The harmonics of a quantity against an angle.

    Parameters
    ----------
    mean
        c0, in the unit of the data.
    harmonics
        By their order.
    coefficients, covariance
        Of c0 and the cosine and sine of each order, shapes (m,) and (m, m).
    sigma
        Scatter of the points about the fit; what rounding leaves where they do not scatter.
    drift
        Change per unit of what it follows besides; None where nothing drifted.
    mean_drift
        Mean of that, at which the curve of the harmonics stands.
    """

    mean: Estimate
    harmonics: Mapping[int, Harmonic]
    coefficients: FloatArray
    covariance: FloatArray
    sigma: float
    drift: Estimate | None = None
    mean_drift: float = 0.0

    def design(self, degrees: FloatArray) -> FloatArray:
        """Return what the coefficients are multiplied with to give the curve.

        Parameters
        ----------
        degrees
            Angles, shape (n,).

        Returns
        -------
        array
            Shape (n, m).
        """
        return _design(np.radians(degrees), tuple(self.harmonics))

    def curve(self, degrees: FloatArray) -> FloatArray:
        """Return the fitted quantity at angles in degrees, shape (n,)."""
        return np.asarray(self.design(degrees) @ self.coefficients)

    def ratio(self, order: int, to: int) -> Estimate | NoResult:
        """Return the amplitude of one harmonic over that of another, such as c4/c2.

        Parameters
        ----------
        order
            Of the harmonic above.
        to
            Of the harmonic below.

        Returns
        -------
        Estimate or NoResult
            No result where the other harmonic is not significant.
        """
        one, other = self.harmonics[order], self.harmonics[to]
        if not other.found:
            return NoResult(f"the harmonic of order {to} is not significant")
        value = one.amplitude.value / other.amplitude.value
        error = np.hypot(one.amplitude.error, value * other.amplitude.error)
        return Estimate(value, float(error / other.amplitude.value), f"c{order}/c{to}")


def angular_fit(
    angle: FloatArray,
    y: FloatArray,
    orders: Sequence[int] = ORDERS,
    *,
    drift: FloatArray | None = None,
) -> AngularFit | NoResult:
    """Fit harmonics of an angle.

    Parameters
    ----------
    angle
        In degrees, shape (n,).
    y
        The quantity, shape (n,).
    orders
        Of the harmonics, positive and distinct; the first takes up a misalignment.
    drift
        What the quantity follows besides, in proportion, such as the temperature, shape (n,); free
        of noise, which would hide how much of it there is. `trend` frees it.

    Returns
    -------
    AngularFit or NoResult
        No result where there are too few points, or their angles cannot tell the harmonics apart.

    Raises
    ------
    ValueError
        An order is not positive, or given twice.
    """
    orders = tuple(orders)
    if any(order < 1 for order in orders) or len(set(orders)) < len(orders):
        raise ValueError(f"orders {orders}; give positive ones, each once")
    level = np.zeros_like(y) if drift is None else np.asarray(drift, dtype=np.float64)
    least = 2 * len(orders) + 1 + SPARE
    try:
        degrees, values = finite_pairs(angle, np.where(np.isfinite(level), y, np.nan), least)
        _, level = finite_pairs(angle, np.where(np.isfinite(y), level, np.nan), least)
    except ValueError as problem:
        return NoResult(str(problem))
    design = _design(np.radians(degrees), orders)
    span = float(np.ptp(level))
    drifts = span > SAME * float(np.max(np.abs(level)))
    if drifts:
        design = np.column_stack([design, (level - np.mean(level)) / span])
    if np.linalg.cond(design) > 1e4:
        return NoResult("the angles do not tell the harmonics apart; cover more of a turn")
    inverse: FloatArray = np.asarray(np.linalg.inv(design.T @ design), dtype=np.float64)
    coefficients = inverse @ design.T @ values
    left = values - design @ coefficients
    variance = float(left @ left) / (len(values) - len(coefficients))
    variance = max(variance, (ROUNDING * float(np.max(np.abs(values)))) ** 2)
    covariance = variance * inverse
    free = len(values) - len(coefficients)
    found = {
        order: _harmonic(order, coefficients[place], covariance[place, place], free)
        for order, place in ((n, slice(2 * i + 1, 2 * i + 3)) for i, n in enumerate(orders))
    }
    mean = Estimate(float(coefficients[0]), float(np.sqrt(covariance[0, 0])), "mean over the angle")
    m = 2 * len(orders) + 1
    return AngularFit(
        mean,
        MappingProxyType(found),
        coefficients[:m],
        covariance[:m, :m],
        float(np.sqrt(variance)),
        _per_unit(coefficients[-1], covariance[-1, -1], span) if drifts else None,
        float(np.mean(level)),
    )


def _per_unit(coefficient: float, variance: float, span: float) -> Estimate:
    error = float(np.sqrt(variance)) / span
    return Estimate(float(coefficient) / span, error, "change per unit of what drifts")


def axis_difference(one: Harmonic, other: Harmonic) -> Estimate:
    """Return by how much two axes of the same order differ.

    Parameters
    ----------
    one
        A harmonic of order n.
    other
        Another one of the same order.

    Returns
    -------
    Estimate
        In degrees, from -180/n to 180/n: the first axis minus the second.

    Raises
    ------
    ValueError
        The orders differ.
    """
    if one.order != other.order:
        raise ValueError(f"harmonics of order {one.order} and {other.order} have no common period")
    period = 360.0 / one.order
    apart = (one.axis.value - other.axis.value + 0.5 * period) % period - 0.5 * period
    error = float(np.hypot(one.axis.error, other.axis.error))
    return Estimate(apart, error, f"difference of axes in degrees, modulo {period:g}")


def trend(time: FloatArray, values: FloatArray) -> FloatArray:
    """Return the parabola in time through noisy values, at their times.

    Parameters
    ----------
    time
        In s, shape (n,), n >= 4.
    values
        Such as temperatures in K, shape (n,).

    Returns
    -------
    array
        In the unit of the values, shape (n,); not a number where too few of them are known.
    """
    good = np.isfinite(time) & np.isfinite(values)
    if np.count_nonzero(good) <= PARABOLA + 1:
        return np.full_like(values, np.nan)
    curve = np.polynomial.Polynomial.fit(time[good], values[good], PARABOLA)
    return np.asarray(curve(time), dtype=np.float64)


def _design(phi: FloatArray, orders: tuple[int, ...]) -> FloatArray:
    columns = [np.ones_like(phi)]
    for order in orders:
        columns += [np.cos(order * phi), np.sin(order * phi)]
    return np.stack(columns, axis=1)


def _harmonic(order: int, pair: FloatArray, covariance: FloatArray, free: int) -> Harmonic:
    """Turn cosine and sine into amplitude and axis, with errors to first order."""
    amplitude = float(np.hypot(*pair))
    period = 360.0 / order
    axis = float(np.degrees(np.arctan2(pair[1], pair[0])) / order % period)
    # data that are zero throughout have no scatter at all, and no harmonic
    f_value = float(pair @ np.linalg.solve(covariance, pair)) / 2.0 if amplitude > 0.0 else 0.0
    along = pair / amplitude if amplitude > 0.0 else np.array([1.0, 0.0])
    across = np.array([-along[1], along[0]])
    error = float(np.sqrt(along @ covariance @ along))
    turn = float(np.sqrt(across @ covariance @ across))
    angle_error = np.degrees(turn / amplitude) / order if amplitude > 0.0 else np.inf
    uniform = period / np.sqrt(12.0)  # an axis of which nothing is known
    return Harmonic(
        order,
        Estimate(amplitude, error, f"amplitude of cos {order}(phi - axis)"),
        Estimate(axis, float(min(angle_error, uniform)), f"axis in degrees, modulo {period:g}"),
        f_value,
        float(stats.f.sf(f_value, 2, free)),
    )
