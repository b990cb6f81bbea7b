"""Figure 3 of Yi et al.: the gap against thickness, temperature, and on a line across an edge."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from daq.analysis.fit_result import Fit
from daq.analysis.gap_temperature import GapCurve, gap_curve
from daq.analysis.measured_spectrum import MeasuredSpectrum, fit_measured, measured_spectrum
from daq.analysis.result import Estimate, FloatArray, NoResult
from daq.physics.gap import bcs_gap
from daq.reproduction.drawing import FIRST, SECOND, family, label, legend, legend_above, mark
from daq.reproduction.le2020_ramps import largest_rise
from daq.reproduction.recipe import NOT_KNOWN, Figured, Measured, Recovered
from daq.runs.calibration import scale_error_of
from daq.runs.files import Run
from instruments.errors import ColdpointError

LAYERS = (1, 2, 4, 6, 8, 10)
"""m of the films, in the order of their sequences."""
SHAPE = "dynes"
OUTSIDE = 3e-3
"""Bias in V beyond which a spectrum is that of the normal state."""
INSIDE = 0.8e-3
"""Bias in V below which a gap would show."""
MEV = 1e3
STEP = 0.35
"""By which spectra are shifted against each other."""


def by_layers(measured: Measured) -> Figured:
    """Find the gap of the films (m,38).

    Parameters
    ----------
    measured
        One film per folder.

    Returns
    -------
    Figured
        Row Y8.
    """
    spectra = [_spectrum(measured.runs("tunnel_spectrum", i)[0]) for i in range(len(LAYERS))]
    fits = [fit_measured(spectrum, SHAPE) for spectrum in spectra]
    gaps = [fit["gap"] for fit in fits if isinstance(fit, Fit)]
    lost = [m for m, fit in zip(LAYERS, fits, strict=True) if not isinstance(fit, Fit)]
    words = "largest step of the gap (Dynes, in meV) to the next film"
    step = NoResult(f"there is no gap at m = {lost}") if lost else largest_rise(gaps, words)
    if isinstance(step, Estimate):
        step = spectra[0].with_scale(step)  # the films share their bench
    recovered = (Recovered.of("Y8.a", step, MEV),)

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2)
        _draw_spectra(left, spectra, fits, [f"m = {m}" for m in LAYERS])
        if not lost:
            _draw_gaps(right, gaps)

    return Figured(recovered, draw)


def in_temperatures(measured: Measured) -> Figured:
    """Find the temperature at which the gap of the film with m = 8 closes.

    Parameters
    ----------
    measured
        Spectra at rising temperatures.

    Returns
    -------
    Figured
        Row Y9.
    """
    spectra = [_spectrum(run) for run in measured.runs("tunnel_spectrum")]
    fits = [fit_measured(spectrum, SHAPE) for spectrum in spectra]
    temperature = np.array([spectrum.temperature for spectrum in spectra])
    gap, error = (
        np.array([getattr(fit["gap"], name) if isinstance(fit, Fit) else np.nan for fit in fits])
        for name in ("value", "error")
    )
    curve = gap_curve(temperature, gap, error)
    closing = curve if isinstance(curve, NoResult) else curve.critical_temperature

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2)
        _draw_spectra(left, spectra, fits, [f"{t:.1f} K" for t in temperature])
        right.errorbar(temperature, MEV * gap, yerr=MEV * error, fmt="o", ms=4, color=SECOND)
        if isinstance(curve, GapCurve):
            _draw_curve(right, curve)
        label(right, "Temperature (K)", "Gap (meV)", "m = 8")
        right.set_ylim(bottom=0.0)

    return Figured((Recovered.of("Y9", closing),), draw)


def _draw_curve(axes: Axes, curve: GapCurve) -> None:
    closing = curve.critical_temperature.value
    t = np.linspace(0.0, closing, 200)
    axes.plot(t, MEV * bcs_gap(t, closing, curve.zero_gap.value), lw=1.0, color=FIRST)
    mark(axes, closing, f"{closing:.2f} K")
    axes.set_xlim(right=1.2 * closing)


def across_edge(measured: Measured) -> Figured:
    """Find the gap on one quintuple layer, and none on FeTe beside it.

    Parameters
    ----------
    measured
        Spectra on a line with the edge at the origin, FeTe at negative positions.

    Returns
    -------
    Figured
        Row Y10.
    """
    runs = measured.runs("tunnel_spectrum")
    place = np.array([float(np.mean(run.data["Position (m)"])) for run in runs])
    spectra = [_spectrum(run) for run in runs]
    dips = [_dip(one) for one, x in zip(spectra, place, strict=True) if x < 0.0]
    fits = [fit_measured(spectrum, SHAPE) for spectrum in spectra]
    gaps = [
        fit["gap"] for fit, x in zip(fits, place, strict=True) if x > 0 and isinstance(fit, Fit)
    ]
    beside = _mean(dips)
    recovered = (
        Recovered.sigmas("Y10.a", beside.value / beside.error, beside.definition),
        _spread("Y10.b", gaps, int(np.count_nonzero(place > 0.0))),
    )

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2)
        _draw_spectra(left, spectra, fits, [f"{1e9 * x:+.1f} nm" for x in place])
        for x, fit in zip(place, fits, strict=True):
            one = fit["gap"] if isinstance(fit, Fit) else Estimate(0.0, 0.0, "no gap")
            right.errorbar(
                1e9 * x, MEV * one.value, yerr=MEV * one.error, fmt="o", ms=4, color=SECOND
            )
        mark(right, 0.0, "edge")
        right.set_ylim(top=1.2 * MEV * max((gap.value for gap in gaps), default=1e-3))
        label(right, "Position (nm)", "Gap (meV), 0: none", "FeTe, then one quintuple layer")

    return Figured(recovered, draw)


def _spectrum(run: Run) -> MeasuredSpectrum:
    try:
        return measured_spectrum(run.data, scale_error_of(run))
    except ValueError as problem:
        raise ColdpointError(f"{run.path.name}: {problem}; measure it again") from None


def _dip(spectrum: MeasuredSpectrum) -> Estimate:
    """Return by how much the conductance is lower inside than outside, over that outside."""
    away = np.abs(spectrum.x)
    inside, outside = spectrum.y[away < INSIDE], spectrum.y[away > OUTSIDE]
    level = float(np.mean(outside))
    errors = [float(np.std(y, ddof=1)) / math.sqrt(len(y)) for y in (inside, outside)]
    scatter = math.hypot(*errors)
    words = f"dip of dI/dV within {MEV * INSIDE:g} mV over the level beyond {MEV * OUTSIDE:g} mV"
    return Estimate(1.0 - float(np.mean(inside)) / level, scatter / level, words)


def _mean(dips: Sequence[Estimate]) -> Estimate:
    value = float(np.mean([dip.value for dip in dips]))
    error = math.sqrt(sum(dip.error**2 for dip in dips)) / len(dips)
    return Estimate(value, error, f"{dips[0].definition}, mean on FeTe")


def _spread(row: str, gaps: Sequence[Estimate], wanted: int) -> Recovered:
    """Return the standard deviation of the gaps on the layer over their mean in %."""
    if len(gaps) < wanted:
        return Recovered(row, NOT_KNOWN, NOT_KNOWN, f"{wanted - len(gaps)} spectra have no gap")
    values = np.array([gap.value for gap in gaps])
    spread = 100.0 * float(np.std(values, ddof=1) / np.mean(values))
    error = spread / math.sqrt(2.0 * (len(values) - 1))
    return Recovered(row, spread, error, "standard deviation of the gaps over their mean, in %")


def _draw_spectra(
    axes: Axes,
    spectra: Sequence[MeasuredSpectrum],
    fits: Sequence[Fit | NoResult],
    names: Sequence[str],
) -> None:
    """Draw spectra over their level outside, above each other, with the fits."""
    shades = family(len(spectra))
    for index, (one, fit, name) in enumerate(zip(spectra, fits, names, strict=True)):
        level = float(np.mean(one.y[np.abs(one.x) > OUTSIDE]))
        shift = STEP * index
        axes.plot(MEV * one.x, one.y / level + shift, ".", ms=2.5, color=shades[index], label=name)
        if isinstance(fit, Fit):
            axes.plot(MEV * fit.x, fit.curve / level + shift, lw=0.8, color="k")
    label(axes, "Bias voltage (mV)", f"dI/dV, normalised (shifted by {STEP:g})")
    legend_above(axes, columns=4)


def _draw_gaps(axes: Axes, gaps: Sequence[Estimate]) -> None:
    """Draw the gaps and an exponential fall, with its constant."""
    m: FloatArray = np.array(LAYERS, dtype=np.float64)
    value = np.array([gap.value for gap in gaps])
    error = np.array([gap.error for gap in gaps])
    slope, first = np.polyfit(m - 1.0, np.log(value), 1, w=value / error)
    axes.errorbar(m, MEV * value, yerr=MEV * error, fmt="o", ms=4, color=SECOND, label="Dynes")
    words = rf"${MEV * math.exp(first):.2f}$ meV $\exp(-(m-1)/{-1.0 / slope:.1f})$"
    axes.plot(m, MEV * np.exp(first + slope * (m - 1.0)), "--", lw=1.0, color=FIRST, label=words)
    label(axes, "m (quintuple layers)", "Gap (meV)", "310 mK")
    axes.set_ylim(bottom=0.0)
    legend(axes)
