"""Fit a theory of the gap to dV/dI that was taken at a current bias.

The lock-in averages dV/dI over its swing of current. So the model is built in that variable: the
conductance of the theory over the voltage of the contact gives I(V) by integration, its inverse
gives dV/dI at every current of the swing, and these are averaged with the kernel and compared with
what was measured. Nothing that was measured is inverted: the inverse of a mean is not the mean of
inverses.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import CubicSpline

from daq.analysis.fit_problem import Parameter, Problem, by_differences
from daq.analysis.fit_result import Fit
from daq.analysis.fitting import best_fit, fit
from daq.analysis.flatness import flat
from daq.analysis.gap_judgement import needed, with_a_gap
from daq.analysis.result import FloatArray, NoResult, finite_pairs
from daq.analysis.shape import Conditions, Shape
from daq.analysis.shapes import SHAPES
from daq.analysis.spectrum_fit import (
    LEAST_POINTS,
    SpectrumModel,
    background,
    beside,
    guesses,
    known,
    spectrum_problem,
)
from daq.analysis.voltage_axis import VoltageAxis, on_voltage_axis
from daq.physics.constants import BOLTZMANN
from daq.physics.lockin import first_harmonic, points_needed

_GRID = 600  # voltages on either side of zero on which the theory is evaluated
_BEYOND = 1.15  # how far the grid goes beyond the largest voltage
_MOST = 24  # points of the swing
_FLOOR = 1e-6  # of the normal conductance: keeps V(I) finite deep in a gap


@dataclass(frozen=True, slots=True)
class ContactModel:
    """What is fitted to dV/dI at a current bias.

    Parameters
    ----------
    shape
        Name of the theory, one of `SHAPES`.
    conditions
        Temperature, and the modulation as peak current in A.
    series_resistance
        Of leads and crystal in ohm; held unless `fit_series`.
    fit_series
        Whether the series resistance is fitted: it trades off with the scale and the gap.
    """

    shape: str
    conditions: Conditions
    series_resistance: float = 0.0
    fit_series: bool = False


def contact_problem(
    current: FloatArray,
    resistance: FloatArray,
    model: ContactModel,
    error: FloatArray | None = None,
) -> Problem | NoResult:
    """Return what is fitted to dV/dI, for joint fits and intervals.

    Parameters
    ----------
    current
        Dc current through the contact in A, shape (n,); not finite points are left out.
    resistance
        dV/dI in ohm, shape (n,).
    model
        Theory and conditions.
    error
        One sigma of dV/dI in ohm, shape (n,), or omitted.

    Returns
    -------
    Problem or NoResult
        No result where there are too few points, or their voltage cannot be integrated.
    """
    resistance = known(resistance, error)
    axis = on_voltage_axis(current, resistance, model.series_resistance)
    if isinstance(axis, NoResult):
        return axis
    if len(axis.current) < LEAST_POINTS:
        return NoResult(f"{len(axis.current)} finite points; at least {LEAST_POINTS} are needed")
    i, r = finite_pairs(current, resistance, LEAST_POINTS)
    sigma = None if error is None else beside(current, resistance, error)
    reach = float(np.max(np.abs(axis.voltage)))
    at_voltage = replace(model.conditions, modulation=0.0)
    theory = SpectrumModel(model.shape, at_voltage).theory
    series = Parameter(
        "series",
        "ohm",
        "series resistance of leads and crystal",
        max(model.series_resistance, 0.2 * float(np.min(r)) if model.fit_series else 0.0),
        low=0.0,
        high=float(np.min(r)) if model.fit_series else np.inf,
        scale=0.1 * float(np.min(r)),
        vary=model.fit_series,
    )
    outer = background(axis.voltage, axis.conductance, curvature=False)[:2]
    parameters = (*theory.parameters(reach, at_voltage), *outer, series)
    swing = _Swing(i, reach, model.conditions, theory)
    return Problem(
        model.shape, parameters, i, r, sigma, by_differences(swing.resistance, parameters)
    )


@dataclass(frozen=True, slots=True)
class _Swing:
    """dV/dI as a lock-in reads it at a current bias."""

    current: FloatArray
    reach: float
    conditions: Conditions
    theory: Shape

    def resistance(self, values: FloatArray) -> FloatArray:
        """Return dV/dI in ohm for shape parameters, level, slope and series resistance."""
        *inner, level, slope, series = values.tolist()
        quiet = replace(self.conditions, modulation=0.0)
        half = np.linspace(0.0, _BEYOND * self.reach, _GRID + 1)
        one_side = self.theory.curve(half, np.array(inner), quiet)
        v = np.concatenate((-half[:0:-1], half))
        g = np.concatenate((one_side[:0:-1], one_side)) * (1 + slope * v)
        spline = CubicSpline(v, abs(level) * np.maximum(g, _FLOOR))
        drawn = spline.antiderivative()
        table = drawn(v) - drawn(0.0)

        def slope_of_voltage(current: FloatArray) -> FloatArray:
            at = np.interp(current, table, v)
            for _ in range(2):
                steep = np.maximum(spline(at), _FLOOR * abs(level))
                at = np.clip(at - (drawn(at) - drawn(0.0) - current) / steep, v[0], v[-1])
            return np.asarray(1.0 / np.maximum(spline(at), _FLOOR * abs(level)))

        width = float(np.pi * BOLTZMANN * self.conditions.temperature + inner[1]) * abs(level)
        points = min(points_needed(self.conditions.modulation, width), _MOST)
        mean = first_harmonic(slope_of_voltage, self.current, self.conditions.modulation, points)
        return np.asarray(series + mean)


def fit_contact(
    current: FloatArray,
    resistance: FloatArray,
    model: ContactModel,
    error: FloatArray | None = None,
    start: dict[str, float] | None = None,
) -> Fit | NoResult:
    """Fit a theory of the gap to dV/dI at a current bias.

    Parameters
    ----------
    current
        Dc current through the contact in A, shape (n,); not finite points are left out.
    resistance
        dV/dI in ohm, shape (n,).
    model
        Theory and conditions.
    error
        One sigma of dV/dI in ohm, shape (n,); if omitted, the scatter is the error.
    start
        First guesses by name; looked for if omitted.

    Returns
    -------
    Fit or NoResult
        Of dV/dI against current; no result where that determines no gap.
    """
    problem = contact_problem(current, resistance, model, error)
    if isinstance(problem, NoResult):
        return problem
    if start:
        found = fit(problem.starting(start))
    else:
        axis = on_voltage_axis(current, resistance, model.series_resistance)
        none = _flat(problem, axis, model) if isinstance(axis, VoltageAxis) else None
        if none is not None:
            return none
        first = _first(axis, model) if isinstance(axis, VoltageAxis) else []
        found = best_fit(problem, first)
    return needed(
        found if isinstance(found, NoResult) else with_a_gap(found),
        SHAPES[model.shape],
        lambda shape: fit_contact(current, resistance, replace(model, shape=shape), error),
    )


def _flat(problem: Problem, axis: VoltageAxis, model: ContactModel) -> NoResult | None:
    """Return that the spectrum is flat; a template of G is one of dV/dI, the other way up."""
    order = np.argsort(axis.current)
    voltage = np.interp(problem.x, axis.current[order], axis.voltage[order])
    modulation = model.conditions.modulation * float(np.median(problem.y))
    near = Conditions(model.conditions.temperature, modulation)
    return flat(problem, voltage, SHAPES[model.shape], near)


def _first(axis: VoltageAxis, model: ContactModel) -> list[dict[str, float]]:
    """Return first guesses from the curve over voltage, where the kernel is nearly right."""
    mean = float(np.median(1.0 / axis.conductance))
    near = Conditions(model.conditions.temperature, model.conditions.modulation * mean)
    spectrum = SpectrumModel(SHAPES[model.shape].name, near)
    problem = spectrum_problem(axis.voltage, axis.conductance, spectrum)
    return [] if isinstance(problem, NoResult) else guesses(problem, spectrum)
