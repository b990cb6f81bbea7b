"""Critical fields from tables: of a transition that falls with field, or of a signal that ends."""

from dataclasses import dataclass

import numpy as np

from daq.analysis.fit_problem import Parameter, Problem
from daq.analysis.fit_result import beyond_chance
from daq.analysis.fitting import fit
from daq.analysis.result import Estimate, FloatArray, NoResult, known_points
from daq.physics.critical_field import parallel_gl, perpendicular_gl

SIGNIFICANT = 3.0
NANOMETRE = 1e-9
LAW = "2-D Ginzburg-Landau"


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
    h, tc, sigma = known_points(field, critical_temperature, error)
    if len(np.unique(h)) < 3:
        return NoResult(f"there are transitions in {len(np.unique(h))} fields; 3 are needed")
    if not np.min(tc) > 0.0:
        return NoResult("a critical temperature is not above zero")
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
    h, y, sigma = known_points(field, signal, error)
    lost = np.flatnonzero(~(y > SIGNIFICANT * sigma))
    count = int(lost[0]) if len(lost) else len(y)
    if count < 3:
        return NoResult(f"the signal is significant in {count} fields; 3 are needed")
    line = _weighted_line(h[:count], y[:count], sigma[:count])
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

    @property
    def known(self) -> "FieldTable":
        """Return the points that have numbers and an error."""
        return FieldTable(*known_points(self.temperature, self.field, self.error))


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
        No result with fewer than two points either way, or six in all, and where they do not
        determine the three.
    """
    tables = perpendicular.known, parallel.known
    counts = len(tables[0].field), len(tables[1].field)
    if min(counts) < 2:
        return NoResult(f"there are {counts[0]} and {counts[1]} points; 2 each are needed")
    t, h, sigma = (
        np.concatenate([getattr(table, name) for table in tables])
        for name in ("temperature", "field", "error")
    )
    normal, along = t[: counts[0]], t[counts[0] :]
    found = fit(
        Problem.of_curve(
            LAW,
            _film_parameters(float(np.max(t))),
            (t, h, sigma),
            lambda p: np.concatenate(
                [perpendicular_gl(normal, p[0], p[1]), parallel_gl(along, *p)]
            ),
        )
    )
    if isinstance(found, NoResult):
        return found
    found = found.widened
    lost = [p for p in found.parameters.values() if not p.significance > SIGNIFICANT]
    if found.at_bounds or lost:
        names = ", ".join(found.at_bounds or (p.definition for p in lost))
        return NoResult(f"the fields do not determine {names}")
    scale = np.array([1.0, NANOMETRE, NANOMETRE])
    return FilmField(
        found["critical_temperature"],
        found["coherence_length"],
        found["thickness"],
        found.covariance / np.outer(scale, scale),
        found.reduced,
    )


def _film_parameters(warmest: float) -> tuple[Parameter, ...]:
    low, high = 1e-3 * NANOMETRE, 1e6 * NANOMETRE
    lengths = (("coherence_length", "coherence length", 3.0), ("thickness", "thickness", 10.0))
    return (
        Parameter(
            "critical_temperature",
            "K",
            f"Tc in K, {LAW}",
            1.05 * warmest,
            0.5 * warmest,
            10.0 * warmest,
            warmest,
            logarithmic=True,
        ),
        *(
            Parameter(
                name,
                "m",
                f"{words} in m, {LAW}",
                start * NANOMETRE,
                low,
                high,
                NANOMETRE,
                logarithmic=True,
            )
            for name, words, start in lengths
        ),
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
    chi_square, freedom = float(left @ left), max(1, len(x) - 2)
    wider = beyond_chance(chi_square, freedom) ** 2
    return _Line(coefficients, wider * covariance, chi_square / freedom)


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
