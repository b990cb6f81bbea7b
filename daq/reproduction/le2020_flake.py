"""Figures 1b, 2a and 2b of Le et al.: resistance against temperature, of bar and flake."""

import itertools
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from daq.analysis.critical_field import ParabolicField, parabolic_field
from daq.analysis.result import Estimate, FloatArray, NoResult
from daq.physics.critical_field import parabolic
from daq.reproduction.drawing import FIRST, GREY, SECOND, family, label, legend, mark
from daq.reproduction.le2020_ramps import (
    branch,
    found_only,
    lag_of,
    largest_rise,
    transition_of,
    transition_temperature,
    vanishing,
    warming,
    with_flux,
)
from daq.reproduction.recipe import NOT_KNOWN, Figured, Measured, Recovered
from daq.runs.files import Run
from daq.runs.remarks import BoolArray

LENGTH, WIDTH, THICKNESS = 1073e-6, 591e-6, 6.3e-6
"""Of the bar in m, as the paper says."""
COLD, FLAT, WARM = 1.9, 40.0, 60.0
"""Base temperature, end of the saturation, and where the slope is asked for, in K."""
WINDOW, PIECES = 2.0, 8
APART = 0.05
"""By how much in T a field must be above the critical one at the base, so that no step is left."""


def bar(measured: Measured) -> Figured:
    """Find the saturation of the resistivity of a bar, and its upturn.

    Parameters
    ----------
    measured
        A ramp up and down.

    Returns
    -------
    Figured
        Row L1.
    """
    (run,) = measured.runs("temperature_ramp")
    factor = WIDTH * THICKNESS / LENGTH
    ways = [branch(run, way) for way in (1, -1)]
    temperature = np.concatenate([way.temperature for way in ways])
    resistivity = factor * np.concatenate([way.resistance for way in ways])
    saturation = _saturation(temperature, resistivity)
    slope = _largest_slope(temperature, resistivity)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for way, name, colour in zip(ways, ("warming", "cooling"), (FIRST, SECOND), strict=True):
            rho = 1e6 * factor * way.resistance
            axes.plot(way.temperature, rho, ".-", ms=3, lw=0.8, color=colour, label=name)
        label(axes, "Temperature (K)", r"Resistivity ($\mu\Omega\,$m)")
        legend(axes)

    return Figured((Recovered.of("L1.a", saturation), Recovered.of("L1.b", slope)), draw)


def _saturation(temperature: FloatArray, resistivity: FloatArray) -> Estimate:
    """Return by how much the resistivity changes between 40 K and the base, in %."""
    cold = resistivity[temperature < COLD + 1.0]
    flat = resistivity[np.abs(temperature - FLAT) < 2.0 * WINDOW]
    change = 100.0 * abs(float(np.mean(cold)) / float(np.mean(flat)) - 1.0)
    scatter = np.hypot(np.std(cold) / np.sqrt(len(cold)), np.std(flat) / np.sqrt(len(flat)))
    error = 100.0 * float(scatter / np.mean(flat))
    return Estimate(change, error, "|rho(1.9 K)/rho(40 K) - 1| in %")


def _largest_slope(temperature: FloatArray, resistivity: FloatArray) -> Estimate:
    """Return the largest slope of the logarithm above the saturation, in % per K."""
    edges = np.linspace(WARM, float(np.max(temperature)), PIECES + 1)
    best = Estimate(-np.inf, 0.0, "")
    for low, high in itertools.pairwise(edges):
        inside = (temperature >= low) & (temperature <= high)
        line, covariance = np.polyfit(
            temperature[inside], np.log(resistivity[inside]), 1, cov="unscaled"
        )
        left = np.log(resistivity[inside]) - np.polyval(line, temperature[inside])
        error = float(np.std(left, ddof=2) * np.sqrt(covariance[0, 0]))
        if line[0] > best.value / 100.0:
            words = f"largest d ln rho/dT in % per K, from {low:.0f} to {high:.0f} K"
            best = Estimate(100.0 * float(line[0]), 100.0 * error, words)
    return best


def before_and_after(measured: Measured) -> Figured:
    """Find the step that a pulse writes into a flake.

    Parameters
    ----------
    measured
        A ramp before the pulse, and two after it: up and down.

    Returns
    -------
    Figured
        Row L8.
    """
    pristine, after, back = measured.runs("temperature_ramp")
    lag = lag_of(after, back)
    onset = vanishing(after, lag)
    found = transition_of(after, lag)
    drop = found if isinstance(found, NoResult) else found.drop
    steps = len(found_only([transition_temperature(pristine, lag)]))
    recovered = (
        Recovered.of("L8.a", onset),
        Recovered.of("L8.b", drop, 100.0),
        _remaining("L8.c", drop),
        Recovered.count("L8.d", steps, "transitions before the pulse"),
    )
    return Figured(recovered, partial(_draw_steps, runs=(pristine, after), lag=lag, onset=onset))


def _remaining(row: str, drop: Estimate | NoResult) -> Recovered:
    if isinstance(drop, NoResult):
        return Recovered.of(row, drop)
    return Recovered(row, 1.0 - drop.value, drop.error, "R/R_N at the lowest temperatures")


def _draw_steps(
    figure: Figure, *, runs: tuple[Run, Run], lag: Estimate, onset: Estimate | NoResult
) -> None:
    axes = figure.subplots()
    for run, name, colour in zip(runs, ("before", "after 6 V, 5 ms"), (GREY, FIRST), strict=True):
        way = warming(run, lag)
        axes.plot(way.temperature, way.resistance, ".-", ms=3, lw=0.8, color=colour, label=name)
    if not isinstance(onset, NoResult):
        mark(axes, onset.value, f"{onset.value:.2f} K", height=0.5)
    label(axes, "Temperature (K)", r"Resistance ($\Omega$)")
    legend(axes)


def flake_in_fields(measured: Measured) -> Figured:
    """Find the critical field from transitions in fields.

    Parameters
    ----------
    measured
        Ramps up in rising fields; the second one is down, in the field of the first.

    Returns
    -------
    Figured
        Row L9.
    """
    first, back, *others = measured.runs("temperature_ramp")
    lag = lag_of(first, back)
    runs = [first, *others]
    field = np.array([float(np.mean(run.data["Field (T)"])) for run in runs])
    onsets = [transition_temperature(run, lag) for run in runs]
    known = np.array([isinstance(onset, Estimate) for onset in onsets])
    tc = np.array([onset.value for onset in found_only(onsets)])
    error = np.array([onset.error for onset in found_only(onsets)])
    fit = parabolic_field(field[known], tc, error)
    base = fit if isinstance(fit, NoResult) else fit.at(COLD)
    recovered = (
        Recovered.of("L9.a", with_flux(base)),
        _count_above("L9.b", base, field, known),
        Recovered.of("L9.c", largest_rise(found_only(onsets))),
    )

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2)
        for run, at, colour in zip(runs, field, family(len(runs)), strict=True):
            way = warming(run, lag)
            left.plot(way.temperature, way.resistance, lw=1.0, color=colour, label=f"{at:.1f} T")
        label(left, "Temperature (K)", r"Resistance ($\Omega$)")
        legend(left)
        right.errorbar(tc, field[known], xerr=error, fmt="o", ms=4, color=SECOND, label="onset")
        if isinstance(fit, ParabolicField):
            _draw_parabola(right, fit)
        label(right, "Temperature (K)", "Critical field (T)")
        legend(right)

    return Figured(recovered, draw)


def _count_above(
    row: str, critical: Estimate | NoResult, field: FloatArray, known: BoolArray
) -> Recovered:
    """Return the number of transitions in fields above the critical one."""
    if isinstance(critical, NoResult):
        return Recovered(row, NOT_KNOWN, NOT_KNOWN, str(critical))
    above = field > critical.value + APART
    if not np.any(above):
        found = NoResult(f"no field is above {critical.value + APART:.2f} T")
        return Recovered(row, NOT_KNOWN, NOT_KNOWN, str(found))
    count = int(np.count_nonzero(known & above))
    return Recovered.count(row, count, f"transitions above {critical.value + APART:.2f} T")


def _draw_parabola(axes: Axes, fit: ParabolicField) -> None:
    tc = fit.critical_temperature.value
    t = np.linspace(0.0, tc, 100)
    h = parabolic(t, tc, fit.zero_field.value)
    axes.plot(t, h, "--", lw=1.0, color=FIRST, label=r"$H_0\,(1-(T/T_c)^2)$")
