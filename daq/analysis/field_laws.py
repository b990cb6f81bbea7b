"""Laws of a critical field, fitted to tables: against temperature, and against angle.

Beside `daq.analysis.critical_field`, which has the parabola and the film of Ginzburg and Landau.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from daq.analysis.comparison import Comparison, compare
from daq.analysis.critical_field import FieldTable
from daq.analysis.fit_problem import Parameter, Problem
from daq.analysis.fit_result import Fit
from daq.analysis.fitting import best_fit, fit
from daq.analysis.result import Estimate, FloatArray, NoResult, known_points
from daq.physics.critical_field import (
    PAULI_CLASSIC,
    anisotropic_gl,
    nematic,
    pauli_limit,
    tinkham,
    whh_orbital,
)

LEAST_POINTS = 5
SIGNIFICANT = 3.0


@dataclass(frozen=True, slots=True)
class OrbitalField:
    """The orbital critical field of a dirty superconductor (Werthamer, Helfand, Hohenberg).

    Parameters
    ----------
    critical_temperature
        In K.
    slope
        -dHc2/dT at Tc in T/K.
    zero_field
        Hc2 at zero temperature in T: 0.6927 slope Tc.
    fit
        The fit itself, over the temperature.
    """

    critical_temperature: Estimate
    slope: Estimate
    zero_field: Estimate
    fit: Fit


def orbital_field(table: FieldTable) -> OrbitalField | NoResult:
    """Fit critical fields against temperature by the orbital limit.

    Parameters
    ----------
    table
        Temperatures in K, fields and errors in T, at least five.

    Returns
    -------
    OrbitalField or NoResult
        No result with too few points, or where the field does not fall with temperature.
    """
    t, h, sigma = known_points(table.temperature, table.field, table.error)
    if len(t) < LEAST_POINTS:
        return NoResult(f"there are {len(t)} critical fields; {LEAST_POINTS} are needed")
    if not np.ptp(t) > 0.0:
        return NoResult("all critical fields are of one temperature")
    slope, level = np.polyfit(t, h, 1)
    if slope >= 0.0:
        return NoResult("the critical field does not fall with temperature")
    warmest = float(np.max(t))
    tc = max(float(-level / slope), 1.02 * warmest)
    parameters = (
        Parameter("critical_temperature", "K", "Tc", tc, 0.5 * warmest, 10 * warmest),
        Parameter("slope", "T/K", "-dHc2/dT at Tc", -slope, 1e-6, 1e4, -slope, logarithmic=True),
    )
    problem = Problem.of_curve(
        "orbital limit",
        parameters,
        (t, h, sigma),
        lambda p: np.asarray(p[0] * p[1] * whh_orbital(t / p[0])),
    )
    found = best_fit(problem, [{"critical_temperature": f * tc} for f in (1.0, 1.3)])
    if isinstance(found, NoResult):
        return found
    found = found.widened
    if found.at_bounds or not found["slope"].significance > SIGNIFICANT:
        return NoResult("the critical fields do not determine Tc and the slope there")
    limit = float(whh_orbital(0.0))
    zero = found.derived(
        lambda p: limit * p["slope"] * p["critical_temperature"],
        "orbital critical field at zero temperature in T",
    )
    return OrbitalField(found["critical_temperature"], found["slope"], zero, found)


def over_pauli(
    field: Estimate, critical_temperature: Estimate, constant: float = PAULI_CLASSIC
) -> Estimate:
    """Return a critical field over the paramagnetic limit.

    Parameters
    ----------
    field
        In T.
    critical_temperature
        In K.
    constant
        Of the limit in T/K: 1.84, or 1.857 for exact weak coupling; the definition names it.

    Returns
    -------
    Estimate
        A pure number.
    """
    limit = float(pauli_limit(critical_temperature.value, constant))
    value = field.value / limit
    relative = np.hypot(
        field.error / field.value, critical_temperature.error / critical_temperature.value
    )
    return Estimate(value, float(value * relative), f"field over {constant:g} T/K times Tc")


@dataclass(frozen=True, slots=True)
class AngularField:
    """Critical fields against the angle from the plane of a film.

    Parameters
    ----------
    thin_film
        By Tinkham, with a cusp along the plane; parameters perpendicular and parallel in T.
    bulk
        By anisotropic Ginzburg-Landau, smooth along the plane; the same parameters.
    comparison
        Which of the two the data prefer.
    """

    thin_film: Fit | NoResult
    bulk: Fit | NoResult
    comparison: Comparison | NoResult


def angular_field(
    angle: FloatArray, field: FloatArray, error: FloatArray | None = None
) -> AngularField | NoResult:
    """Fit critical fields against angle by the laws of a thin film and of a bulk.

    Parameters
    ----------
    angle
        From the plane of the film in degrees, shape (n,); from its normal, give 90 less that.
    field
        In T, shape (n,).
    error
        One sigma in T, shape (n,), or omitted.

    Returns
    -------
    AngularField or NoResult
        No result with fewer than five angles.
    """
    degrees, h, sigma = _good(angle, field, error)
    if len(degrees) < LEAST_POINTS:
        return NoResult(f"there are critical fields at {len(degrees)} angles; 5 are needed")
    if not np.min(h) > 0.0:
        return NoResult("a critical field is not above zero")
    theta = np.radians(degrees)
    top = float(np.max(h))
    near, far = (int(np.argmax(f(theta) ** 2)) for f in (np.sin, np.cos))
    parameters = tuple(
        Parameter(name, "T", words, float(h[at]), 1e-4 * top, 1e3 * top, top, logarithmic=True)
        for name, words, at in (
            ("perpendicular", "critical field along the normal of the film", near),
            ("parallel", "critical field in the plane of the film", far),
        )
    )
    laws: dict[str, Callable[..., FloatArray]] = {
        "Tinkham": tinkham,
        "anisotropic Ginzburg-Landau": anisotropic_gl,
    }
    answers = {
        name: fit(Problem.of_curve(name, parameters, (degrees, h, sigma), partial(_at, law, theta)))
        for name, law in laws.items()
    }
    thin, bulk = (one.widened if isinstance(one, Fit) else one for one in answers.values())
    return AngularField(thin, bulk, compare(answers))


def _at(law: Callable[..., FloatArray], theta: FloatArray, values: FloatArray) -> FloatArray:
    return np.asarray(law(theta, values[0], values[1]))


def nematic_field(
    angle: FloatArray, field: FloatArray, error: FloatArray | None = None
) -> Fit | NoResult:
    """Fit critical fields against an angle in the plane by an ellipse-like two-fold law.

    Hmax / sqrt(cos^2 + ratio^2 sin^2) of the angle from the axis.

    Parameters
    ----------
    angle
        In degrees, shape (n,).
    field
        In T, shape (n,).
    error
        One sigma in T, shape (n,), or omitted.

    Returns
    -------
    Fit or NoResult
        Parameters `maximum` in T, `ratio` (largest over smallest) and `axis` in degrees from 0 to
        180; no result with fewer than five angles, or where the field has no direction.
    """
    degrees, h, sigma = _good(angle, field, error)
    if len(degrees) < LEAST_POINTS:
        return NoResult(f"there are critical fields at {len(degrees)} angles; 5 are needed")
    top, low = float(np.max(h)), float(np.min(h))
    if low <= 0.0:
        return NoResult("a critical field is not above zero")
    axis = float(degrees[int(np.argmax(h))])
    parameters = (
        Parameter("maximum", "T", "largest critical field", top, 0.1 * top, 10 * top, top),
        Parameter("ratio", "", "largest over smallest critical field", top / low, 1.0, 1e3),
        Parameter("axis", "deg", "direction of the largest critical field", axis, scale=10.0),
    )
    problem = Problem.of_curve(
        "two-fold critical field",
        parameters,
        (degrees, h, sigma),
        lambda p: np.asarray(nematic(np.radians(degrees), p[0], max(p[1], 1.0), np.radians(p[2]))),
    )
    found = best_fit(problem, [{"axis": axis + turn} for turn in (-20.0, 0.0, 20.0)])
    if isinstance(found, NoResult):
        return found
    ratio = found.widened["ratio"]
    if ratio.state != "fitted" or ratio.value - 1.0 < SIGNIFICANT * ratio.error:
        return NoResult("the critical field is the same in all directions within three sigma")
    turned = {"axis": found["axis"].value % 180.0}
    again = fit(problem.starting(found.values | turned))
    return (again if isinstance(again, Fit) else found).widened


def _good(
    x: FloatArray, y: FloatArray, error: FloatArray | None
) -> tuple[FloatArray, FloatArray, FloatArray | None]:
    if error is not None:
        return known_points(x, y, error)
    good = np.isfinite(x) & np.isfinite(y)
    return x[good], y[good], None
