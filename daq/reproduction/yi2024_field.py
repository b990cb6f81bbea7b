"""Figure 4 of Yi et al.: upper critical fields of (8,38), in all directions and near Tc."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.projections.polar import PolarAxes
from numpy.typing import NDArray

from daq.analysis.critical_field import FieldTable, FilmField, film_field
from daq.analysis.field_laws import over_pauli
from daq.analysis.hall_errors import magnet_error
from daq.analysis.harmonics import angular_fit
from daq.analysis.result import Estimate, FloatArray, NoResult
from daq.analysis.transition_fit import FilmTransition
from daq.physics.critical_field import (
    PAULI_CLASSIC,
    PAULI_WEAK_COUPLING,
    parallel_gl,
    pauli_limit,
    perpendicular_gl,
)
from daq.reproduction.drawing import FIRST, GREY, SECOND, family, label, legend
from daq.reproduction.le2020_ramps import lag_of, with_lag
from daq.reproduction.recipe import Figured, Measured, Recovered
from daq.reproduction.yi2024_films import Film, film_of
from daq.runs.files import Run
from instruments.errors import ColdpointError

FETE = 24.7e-9
"""Thickness of 38 unit cells of FeTe in m."""
NORMAL = 5
"""Highest fields whose resistance is taken as the normal one."""
HALF, BESIDE = 0.5, 0.1
"""Fraction of the normal resistance at the critical field, and by how much another may differ."""
ANGLE_ERROR = 0.5
"""Of the mount in degrees (assumed)."""
FILM_NAME = "(8,38)"


def angles(measured: Measured) -> Figured:
    """Find the critical field at 1.5 K in all directions, and the paramagnetic limit.

    Parameters
    ----------
    measured
        A ramp both ways in zero field, then sweeps of the angle in rising fields.

    Returns
    -------
    Figured
        Rows Y11 and Y12.
    """
    (ramp,) = measured.runs("temperature_ramp")
    lag = lag_of(ramp, ramp)
    onset = with_lag(film_of(ramp, lag).onset(), ramp, lag)
    if isinstance(onset, NoResult):
        raise ColdpointError(f"{ramp.path.name}: {onset}; measure it again in zero field")
    table = _by_angle(measured.runs("angle_sweep"))
    found = {angle: half_way(table[angle]) for angle in table}
    angle = np.array(list(found), dtype=np.float64)
    field = np.array([one.value for one in found.values()])
    part = two_fold(table)
    mean = _mean(list(found.values()))
    limit = _limit(onset, PAULI_CLASSIC)
    recovered = (
        Recovered.of("Y11.a", mean),
        Recovered.of("Y11.b", part),
        Recovered.of("Y12.a", limit),
        Recovered.of("Y12.b", over_pauli(mean, onset)),
    )

    def draw(figure: Figure) -> None:
        left = figure.add_subplot(1, 2, 1)
        _draw_sweeps(left, table)
        right = figure.add_subplot(1, 2, 2, projection="polar")
        assert isinstance(right, PolarAxes)  # noqa: S101 (as asked for in the line above)
        _draw_polar(right, angle, field, onset)

    return Figured(recovered, draw)


def _by_angle(runs: Sequence[Run]) -> dict[float, pd.DataFrame]:
    """Return field and resistance by the angle from the normal in degrees."""
    rows = pd.concat([run.data for run in runs])
    setpoint = rows["Setpoint (deg)"].to_numpy(dtype=np.float64)
    return {float(angle): rows[setpoint == angle] for angle in np.unique(setpoint)}


def half_way(rows: pd.DataFrame, level: float = HALF) -> Estimate:
    """Return the field in T at which half of the normal resistance is there.

    The error is that of a place between two fields of which nothing else is known.

    Parameters
    ----------
    rows
        Fields and resistances of one direction, in any order.
    level
        Fraction of the normal resistance, if it is not the half.

    Returns
    -------
    Estimate
        In T.

    Raises
    ------
    ColdpointError
        The field does not pass that point.
    """
    ordered = rows.sort_values("Field (T)")
    field, resistance = (
        ordered[name].to_numpy(dtype=np.float64) for name in ("Field (T)", "Resistance (ohm)")
    )
    half = level * float(np.mean(resistance[-NORMAL:]))
    above = np.flatnonzero(resistance >= half)
    if not len(above) or above[0] == 0:
        raise ColdpointError("half of the normal resistance lies outside the fields; sweep further")
    last = int(above[0])
    near = slice(last - 1, last + 1)
    value = float(np.interp(half, resistance[near], field[near]))
    error = float(field[last] - field[last - 1]) / math.sqrt(12.0)
    return Estimate(value, error, f"field in T at {level:.0%} of the normal resistance")


def _mean(found: Sequence[Estimate]) -> Estimate:
    """Return the mean over the directions; step and error of the field are the same for all."""
    fields = np.array([one.value for one in found])
    error = math.hypot(found[0].error, magnet_error(fields))
    return Estimate(float(np.mean(fields)), error, f"mean {found[0].definition}")


def two_fold(table: Mapping[float, pd.DataFrame]) -> Estimate | NoResult:
    """Return the two-fold part of the critical field in T, with what makes it wrong.

    Beside the scatter about the fit: the steps of the field, the angle, and by how much the part
    differs if the critical field is that at another fraction of the normal resistance. An error of
    the scale of the field is the same in all directions.
    """
    angle = np.array(list(table), dtype=np.float64)
    parts, steps = [], 0.0
    for level in (HALF, HALF - BESIDE, HALF + BESIDE):
        found = [half_way(rows, level) for rows in table.values()]
        steps = found[0].error
        fit = angular_fit(angle, np.array([one.value for one in found]), (2,))
        if isinstance(fit, NoResult):
            return fit
        parts.append(fit.harmonics[2].amplitude)
    part, *beside = parts
    stepped = steps * math.sqrt(2.0 / len(angle))
    turned = 2.0 * math.radians(ANGLE_ERROR) * part.value
    defined = max(abs(other.value - part.value) for other in beside)
    error = math.hypot(part.error, stepped, turned, defined)
    return Estimate(part.value, error, f"amplitude of cos 2 theta, {HALF:.0%} of R_n")


def _limit(onset: Estimate, constant: float) -> Estimate:
    words = f"{constant:g} T/K times the onset in zero field, {onset.value:.2f} K"
    return Estimate(float(pauli_limit(onset.value, constant)), float(constant * onset.error), words)


def _draw_sweeps(axes: Axes, table: dict[float, pd.DataFrame]) -> None:
    chosen = list(table)[::3]
    for angle, colour in zip(chosen, family(len(chosen)), strict=True):
        rows = table[angle].sort_values("Field (T)")
        name = rf"$\theta$ = {angle:g}$\degree$"
        axes.plot(rows["Field (T)"], rows["Resistance (ohm)"], ".-", ms=3, color=colour, label=name)
    label(axes, "Field (T)", r"Sheet resistance ($\Omega$)", f"{FILM_NAME}, 1.5 K, quasi-static")
    legend(axes, "from the normal")


def _draw_polar(axes: PolarAxes, angle: FloatArray, field: FloatArray, onset: Estimate) -> None:
    turn = np.radians(np.linspace(0.0, 90.0, 91))
    axes.plot(np.radians(angle), field, "o", ms=4, color=SECOND, label="measured")
    for constant, style in ((PAULI_CLASSIC, "--"), (PAULI_WEAK_COUPLING, ":")):
        limit = float(pauli_limit(onset.value, constant))
        name = f"Pauli, {constant:.3g} T/K" if constant == PAULI_CLASSIC else "Pauli, 1.857 T/K"
        axes.plot(turn, np.full_like(turn, limit), style, lw=1.0, color=FIRST, label=name)
    axes.set_thetamin(0.0)
    axes.set_thetamax(90.0)
    axes.set_ylim(0.0, 55.0)
    axes.set_title(r"$\mu_0 H_{c2}$ (T) against $\theta$ from the normal", fontsize=9)
    axes.tick_params(labelsize=7)
    axes.legend(fontsize=7, loc="upper right", bbox_to_anchor=(1.1, 1.02))


def near_transition(measured: Measured) -> Figured:
    """Find coherence length and thickness from transitions in fields along two directions.

    Parameters
    ----------
    measured
        A ramp both ways in zero field; then ramps in fields at angles of 0 and 90 degrees.

    Returns
    -------
    Figured
        Rows Y13 and Y14.
    """
    first, *others = measured.runs("temperature_ramp")
    lag = lag_of(first, first)
    films = [film_of(run, lag) for run in others]
    along = np.array([float(np.mean(run.data["Angle (deg)"])) > 45.0 for run in others])
    field = np.array([float(np.mean(run.data["Field (T)"])) for run in others])
    middle = [_midpoint(film, run, lag) for film, run in zip(films, others, strict=True)]
    tables = [_table(field[chosen], middle, chosen) for chosen in (~along, along)]
    fit = film_field(*tables)
    if isinstance(fit, NoResult):
        raise ColdpointError(f"{FILM_NAME}: {fit}; measure in more fields")
    share = Estimate(fit.thickness.value / FETE, fit.thickness.error / FETE, "over 24.7 nm")
    ratio = anisotropy(tables, fit)
    recovered = (
        Recovered.of("Y13.a", fit.coherence_length, 1e9),
        Recovered.of("Y13.b", fit.thickness, 1e9),
        Recovered.of("Y13.c", share),
        Recovered.sigmas("Y14", abs(ratio.value - 1.0) / ratio.error, ratio.definition),
    )

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2)
        for film, at, flat in zip(films, field, along, strict=True):
            style, colour = ("-", SECOND) if flat else ("--", FIRST)
            name = f"{at:.1f} T, {'in the plane' if flat else 'along the normal'}"
            curve = film.curve
            left.plot(curve.temperature, curve.resistance, style, lw=0.9, color=colour, label=name)
        label(left, "Temperature (K)", r"Sheet resistance ($\Omega$)", FILM_NAME)
        left.set_xlim(9.0, 15.0)
        legend(left)
        _draw_laws(right, tables, fit)

    return Figured(recovered, draw)


def _midpoint(film: Film, run: Run, lag: Estimate) -> Estimate:
    if not isinstance(film.found, FilmTransition):
        raise ColdpointError(f"{run.path.name}: {film.found}; measure more of the transition")
    found = with_lag(film.found.midpoint, run, lag)
    if isinstance(found, NoResult):
        raise ColdpointError(f"{run.path.name}: {found}")
    return found


def _table(field: FloatArray, middle: Sequence[Estimate], chosen: NDArray[np.bool_]) -> FieldTable:
    """Return the fields against their temperatures, the error of these as one of the field."""
    t = np.array([one.value for one in middle])[chosen]
    error = np.array([one.error for one in middle])[chosen]
    slope = np.abs(np.gradient(field, t))
    return FieldTable(t, field, slope * error)


def anisotropy(tables: Sequence[FieldTable], law: FilmField) -> Estimate:
    """Return the field in the plane over that along the normal at the lowest common temperature.

    In the plane the square of the field is a straight line near Tc, along the normal the field is.
    The error holds that of the temperatures or the scatter, whichever is larger; the flux that the
    magnet keeps; the angle, which gives a field in the plane a part along the normal; and by how
    much the law of Ginzburg and Landau says otherwise.
    """
    normal, plane = tables
    at = max(float(np.min(normal.temperature)), float(np.min(plane.temperature)))
    across, across_error = _on_line(normal.temperature, normal.field, normal.error, at)
    square, square_error = _on_line(
        plane.temperature, plane.field**2, 2.0 * plane.field * plane.error, at
    )
    flat = math.sqrt(square)
    value = flat / across
    tc, xi = law.critical_temperature.value, law.coherence_length.value
    by_law = parallel_gl(at, tc, xi, law.thickness.value) / perpendicular_gl(at, tc, xi)
    relative = math.hypot(
        across_error / across,
        0.5 * square_error / square,
        magnet_error(normal.field) / across,
        magnet_error(plane.field) / flat,
        0.5 * math.radians(ANGLE_ERROR) * value,
        float(by_law) / value - 1.0,
    )
    return Estimate(
        value, value * relative, f"in plane over out of plane at {at:.2f} K: {value:.2f}"
    )


def _on_line(x: FloatArray, y: FloatArray, error: FloatArray, at: float) -> tuple[float, float]:
    """Return a straight line through points at a place, and the error of that."""
    line, given = np.polyfit(x, y, 1, w=1.0 / error, cov="unscaled")
    left = (y - np.polyval(line, x)) / error
    scatter = max(1.0, float(left @ left) / max(1, len(x) - 2))
    row = np.array([at, 1.0])
    return float(np.polyval(line, at)), math.sqrt(scatter * float(row @ given @ row))


def _draw_laws(axes: Axes, tables: Sequence[FieldTable], fit: FilmField) -> None:
    tc = fit.critical_temperature.value
    t = np.linspace(0.85 * tc, tc, 120)
    xi, thickness = fit.coherence_length.value, fit.thickness.value
    laws = (perpendicular_gl(t, tc, xi), parallel_gl(t, tc, xi, thickness))
    names = ("along the normal", "in the plane")
    for table, law, name, colour in zip(tables, laws, names, (FIRST, SECOND), strict=True):
        axes.plot(table.temperature, table.field, "o", ms=4, color=colour, label=name)
        axes.plot(t, law, lw=1.0, color=colour)
    for constant, style in ((PAULI_CLASSIC, "--"), (PAULI_WEAK_COUPLING, ":")):
        limit = float(pauli_limit(tc, constant))
        axes.axhline(limit, color=GREY, ls=style, lw=1.0, label=f"Pauli, {constant:.4g} T/K")
    words = rf"$\xi$ = {1e9 * xi:.2f} nm, d = {1e9 * thickness:.1f} nm"
    label(axes, "Temperature (K)", r"$\mu_0 H_{c2}$ (T), midpoint", f"2-D Ginzburg-Landau: {words}")
    legend(axes)
