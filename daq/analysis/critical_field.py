"""Critical fields from tables: of a transition that falls with field, or of a signal that ends."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from daq.analysis.result import Estimate, FloatArray, NoResult
from daq.physics.critical_field import parallel_gl, perpendicular_gl

SIGNIFICANT = 3.0
NANOMETRE = 1e-9


@dataclass(frozen=True, slots=True)
class ParabolicField:
    """A critical field H0 (1 - (T/Tc)^2).

    Parameters
    ----------
    zero_field
        H0 in T.
    critical_temperature
        Tc in K.
    coefficients, covariance
        Of Tc(H)^2 = a + b H, in K^2 and K^2/T, shapes (2,) and (2, 2).
    chi_square
        Reduced.
    """

    zero_field: Estimate
    critical_temperature: Estimate
    coefficients: FloatArray
    covariance: FloatArray
    chi_square: float

    def at(self, temperature: float) -> Estimate:
        """Return the critical field in T at a temperature in K."""
        return _field_at(self.coefficients, self.covariance, temperature)


def parabolic_field(
    field: FloatArray, critical_temperature: FloatArray, error: FloatArray
) -> ParabolicField | NoResult:
    """Fit a table of critical temperatures in fields by a parabola.

    Parameters
    ----------
    field
        In T, shape (n,), n >= 3.
    critical_temperature
        By one and the same definition in K, shape (n,).
    error
        One sigma of each critical temperature in K, shape (n,).

    Returns
    -------
    ParabolicField or NoResult
        No result with fewer than three fields, or where the field does not lower the transition.
    """
    good = np.isfinite(field) & np.isfinite(critical_temperature) & (error > 0.0)
    h, tc, sigma = field[good], critical_temperature[good], error[good]
    if len(np.unique(h)) < 3:
        return NoResult(f"there are transitions in {len(np.unique(h))} fields; 3 are needed")
    line = _weighted_line(h, tc**2, 2.0 * tc * sigma)
    slope, slope_error = line.coefficients[1], np.sqrt(line.covariance[1, 1])
    if slope > -SIGNIFICANT * slope_error:
        return NoResult("the field does not lower the transition by more than three sigma")
    square = float(line.coefficients[0])
    top = float(np.sqrt(square))
    return ParabolicField(
        zero_field=_field_at(line.coefficients, line.covariance, 0.0),
        critical_temperature=Estimate(
            top, float(np.sqrt(line.covariance[0, 0])) / (2.0 * top), "Tc in zero field in K"
        ),
        coefficients=line.coefficients,
        covariance=line.covariance,
        chi_square=line.chi_square,
    )


def field_of_vanishing(
    field: FloatArray, signal: FloatArray, error: FloatArray
) -> Estimate | NoResult:
    """Extrapolate a signal that falls linearly with field, such as the height of a peak, to zero.

    Points from the first on that is no longer significant are left out.

    Parameters
    ----------
    field
        In T, rising, shape (n,).
    signal
        In any unit, shape (n,).
    error
        One sigma of each, shape (n,).

    Returns
    -------
    Estimate or NoResult
        In T; no result with fewer than three significant points, or where the signal does not fall.
    """
    lost = np.flatnonzero(~(signal > SIGNIFICANT * error))
    count = int(lost[0]) if len(lost) else len(signal)
    if count < 3:
        return NoResult(f"the signal is significant in {count} fields; 3 are needed")
    line = _weighted_line(field[:count], signal[:count], error[:count])
    if line.coefficients[1] > -SIGNIFICANT * np.sqrt(line.covariance[1, 1]):
        return NoResult("the signal does not fall with field by more than three sigma")
    found = _crossing(line.coefficients, line.covariance, 0.0)
    return Estimate(found[0], found[1], "field in T at which a straight line through it is zero")


@dataclass(frozen=True, slots=True)
class FilmField:
    """The numbers of a thin film near its transition, by Ginzburg and Landau.

    Parameters
    ----------
    critical_temperature
        In K.
    coherence_length
        In the plane, at zero temperature, in m.
    thickness
        Of the superconductor in m.
    covariance
        Of the three in K and nm, shape (3, 3).
    chi_square
        Reduced.
    """

    critical_temperature: Estimate
    coherence_length: Estimate
    thickness: Estimate
    covariance: FloatArray
    chi_square: float


@dataclass(frozen=True, slots=True)
class FieldTable:
    """Critical fields against temperature.

    Parameters
    ----------
    temperature
        In K, shape (n,).
    field, error
        In T, shape (n,).
    """

    temperature: FloatArray
    field: FloatArray
    error: FloatArray


def film_field(perpendicular: FieldTable, parallel: FieldTable) -> FilmField | NoResult:
    """Fit critical fields normal to a film and along it by one Tc, coherence length and thickness.

    Good near Tc only: give points where the film is thinner than 1.8 coherence lengths.

    Parameters
    ----------
    perpendicular
        Fields along the normal.
    parallel
        Fields along the film.

    Returns
    -------
    FilmField or NoResult
        No result with fewer than two points either way, or four in all.
    """
    counts = len(perpendicular.field), len(parallel.field)
    if min(counts) < 2 or sum(counts) < 4:
        return NoResult(f"there are {counts[0]} and {counts[1]} points; 2 each and 4 are needed")

    def residuals(logarithms: FloatArray) -> FloatArray:
        tc, xi, d = np.exp(logarithms) * (1.0, NANOMETRE, NANOMETRE)
        normal = perpendicular_gl(perpendicular.temperature, tc, xi) - perpendicular.field
        along = parallel_gl(parallel.temperature, tc, xi, d) - parallel.field
        return np.concatenate([normal / perpendicular.error, along / parallel.error])

    warmest = max(float(np.max(table.temperature)) for table in (perpendicular, parallel))
    fit = least_squares(residuals, np.log([1.05 * warmest, 3.0, 10.0]))
    if not fit.success:
        return NoResult(f"the fit did not converge: {fit.message}")
    values = np.exp(fit.x)
    scale = np.outer(values, values)
    jacobian: FloatArray = np.array(fit.jac, dtype=np.float64)
    curvature = np.linalg.pinv(jacobian.T @ jacobian)
    covariance: FloatArray = np.asarray(curvature * scale, dtype=np.float64)
    errors = np.sqrt(np.diag(covariance))
    return FilmField(
        Estimate(float(values[0]), float(errors[0]), "Tc in K, 2-D Ginzburg-Landau"),
        Estimate(
            float(values[1]) * NANOMETRE,
            float(errors[1]) * NANOMETRE,
            "coherence length in m, 2-D Ginzburg-Landau",
        ),
        Estimate(
            float(values[2]) * NANOMETRE,
            float(errors[2]) * NANOMETRE,
            "thickness in m, 2-D Ginzburg-Landau",
        ),
        covariance,
        2.0 * float(fit.cost) / max(1, sum(counts) - 3),
    )


@dataclass(frozen=True, slots=True)
class _Line:
    coefficients: FloatArray
    covariance: FloatArray
    chi_square: float


def _weighted_line(x: FloatArray, y: FloatArray, sigma: FloatArray) -> _Line:
    design = np.stack([np.ones_like(x), x], axis=1) / sigma[:, None]
    covariance: FloatArray = np.asarray(np.linalg.pinv(design.T @ design), dtype=np.float64)
    coefficients = covariance @ design.T @ (y / sigma)
    left = y / sigma - design @ coefficients
    return _Line(coefficients, covariance, float(left @ left) / max(1, len(x) - 2))


def _crossing(
    coefficients: FloatArray, covariance: FloatArray, level: float
) -> tuple[float, float]:
    """Return where a line takes a level, and the error of that to first order."""
    value = float((level - coefficients[0]) / coefficients[1])
    row = np.array([1.0, value])
    return value, float(np.sqrt(row @ covariance @ row) / abs(coefficients[1]))


def _field_at(coefficients: FloatArray, covariance: FloatArray, temperature: float) -> Estimate:
    value, error = _crossing(coefficients, covariance, temperature**2)
    return Estimate(value, error, f"critical field in T at {temperature:g} K, parabola")
