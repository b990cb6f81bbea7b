"""Figure 3 of Le et al.: two contacts against the direction of the field in the ab plane."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.projections.polar import PolarAxes

from daq.analysis.harmonics import AngularFit, angular_fit, axis_difference, trend
from daq.analysis.result import Estimate, FloatArray, NoResult
from daq.analysis.spectrum import spectrum
from daq.analysis.width_ratio import extreme_ratio
from daq.reproduction.drawing import FIRST, SECOND, label, legend
from daq.reproduction.le2020_spectra import peak_row, width_over
from daq.reproduction.recipe import Figured, Measured, Recovered
from daq.runs.files import Run
from instruments.errors import ColdpointError

WIDTH_ORDERS = (2, 4)


def two_axes(measured: Measured) -> Figured:
    """Find the axes of two contacts, and that nothing is two-fold in the normal state.

    Parameters
    ----------
    measured
        Spectra of the second contact, of the first after its pulse, and of the second again; then
        sweeps of both contacts below Hc2 and Tc, above Hc2, and above Tc.

    Returns
    -------
    Figured
        Rows L4.a, L13, L14 and L17.
    """
    _, first, untouched = measured.runs("bias_spectrum")
    sweeps = measured.runs("angle_sweep")
    one, two, *normal = (_harmonics(run) for run in sweeps)
    apart = axis_difference(two.harmonics[2], one.harmonics[2])
    ratios = [fit.ratio(4, 2) for fit in (one, two)]
    null = [fit.harmonics[2].significance for fit in normal]
    across = max(float(np.max(np.abs(run.data["J.H"]))) for run in sweeps)
    recovered = (
        peak_row("L4.a", untouched, "of a contact beside the one that was pulsed"),
        peak_row("L4.b", first, "of the contact that was pulsed"),
        *(
            Recovered.sigmas(row, fit.harmonics[2].significance, "two-fold part, F test, in sigma")
            for row, fit in (("L13.a", one), ("L13.b", two))
        ),
        Recovered.of("L13.c", one.harmonics[2].axis),
        Recovered.of("L13.d", two.harmonics[2].axis),
        Recovered.of("L13.e", apart),
        Recovered.of("L13.f", _largest(ratios)),
        Recovered.sigmas("L14.a", max(null[:2]), "two-fold part above Hc2, of both contacts"),
        Recovered.sigmas("L14.b", max(null[2:]), "two-fold part above Tc, of both contacts"),
        Recovered("L17", across, 1e-3, "largest |cos| between current and field"),
    )

    def draw(figure: Figure) -> None:
        _draw_polar(figure, sweeps, [one, two])

    return Figured(recovered, draw)


def _harmonics(run: Run) -> AngularFit:
    """Return the harmonics of the zero-bias conductance, free of what the rotator warms."""
    names = ("Crystal angle (deg)", "Resistance (ohm)", "Time (s)", "Temperature (K)")
    rows = [run.data[name].to_numpy(dtype=np.float64) for name in names]
    angle, resistance, time, temperature = rows
    found = angular_fit(angle, 1.0 / resistance, drift=trend(time, temperature))
    if isinstance(found, NoResult):
        raise ColdpointError(f"{run.path.name}: {found}; measure more angles")
    return found


def _largest(ratios: Sequence[Estimate | NoResult]) -> Estimate | NoResult:
    known = [ratio for ratio in ratios if isinstance(ratio, Estimate)]
    if len(known) < len(ratios):
        return next(ratio for ratio in ratios if isinstance(ratio, NoResult))
    return max(known, key=lambda ratio: ratio.value)


def _draw_polar(figure: Figure, sweeps: Sequence[Run], fits: Sequence[AngularFit]) -> None:
    left = figure.add_subplot(1, 2, 1, projection="polar")
    assert isinstance(left, PolarAxes)  # noqa: S101 (as asked for in the line above)
    right = figure.add_subplot(1, 2, 2)
    turn = np.linspace(0.0, 360.0, 361)
    names = ("contact 1", "contact 2")
    for run, fit, name, colour in zip(sweeps, fits, names, (FIRST, SECOND), strict=False):
        angle = run.data["Crystal angle (deg)"].to_numpy(dtype=np.float64)
        resistance = run.data["Resistance (ohm)"].to_numpy(dtype=np.float64)
        left.plot(np.radians(angle), resistance, "o", ms=3, color=colour, label=name)
        curve = 1.0 / fit.curve(turn)
        left.plot(np.radians(turn), curve, lw=0.8, color=colour)
        short = math.radians(fit.harmonics[2].axis.value)
        reach = float(np.max(resistance))
        left.plot([short, short + math.pi], [reach, reach], "--", lw=0.9, color=colour)
    low = min(float(np.min(run.data["Resistance (ohm)"])) for run in sweeps[:2])
    high = max(float(np.max(run.data["Resistance (ohm)"])) for run in sweeps[:2])
    left.set_rorigin(low - 1.5 * (high - low))
    left.set_ylim(low - 0.3 * (high - low), high + 0.1 * (high - low))
    left.set_rticks([round(low, 1), round(0.5 * (low + high), 1), round(high, 1)])
    left.set_rlabel_position(330.0)
    left.tick_params(labelsize=7)
    left.set_title(r"Zero-bias resistance ($\Omega$), 2.0 T, 1.9 K", fontsize=9)
    left.legend(fontsize=7, loc="lower left", bbox_to_anchor=(-0.15, -0.12))
    kinds = ("2.0 T, 1.9 K", "3.5 T, 1.9 K", "2.0 T, 5.5 K")
    for run, kind, mark in zip(sweeps[::2], kinds, ("o-", "s-", "^-"), strict=True):
        angle = run.data["Crystal angle (deg)"].to_numpy(dtype=np.float64)
        change = run.data["Resistance (ohm)"] / run.data["Resistance (ohm)"].mean() - 1.0
        right.plot(angle, 100.0 * change, mark, ms=3, lw=0.8, label=kind)
    label(right, "Angle of the field (deg)", "Change of the zero-bias resistance (%)")
    right.set_title("contact 1", fontsize=9)
    legend(right)


def widths(measured: Measured) -> Figured:
    """Find how much wider the peak is along one axis than along the other.

    Parameters
    ----------
    measured
        Spectra of one contact: in the normal state, then at angles over half a turn.

    Returns
    -------
    Figured
        Row L15.
    """
    normal, *runs = measured.runs("bias_spectrum")
    angle = _crystal_angles(measured, runs)
    found = [width_over(run, normal) for run in runs]
    width = np.array([1e3 * one.value if isinstance(one, Estimate) else np.nan for one in found])
    fit = angular_fit(angle, width, WIDTH_ORDERS)
    each = [1e3 * one.error for one in found if isinstance(one, Estimate)]
    ratio = fit if isinstance(fit, NoResult) else _ratio(fit, each)

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2)
        _draw_map(figure, left, [normal, *runs], angle)
        right.plot(angle, width, "o", ms=4, color=SECOND, label="full width at half height")
        if isinstance(fit, AngularFit):
            turn = np.linspace(float(np.min(angle)), float(np.max(angle)), 181)
            right.plot(turn, fit.curve(turn), lw=1.0, color=FIRST, label="two-fold fit")
        label(right, "Angle of the field (deg)", "Width of the peak (mV)")
        legend(right)

    return Figured((Recovered.of("L15", ratio),), draw)


def _crystal_angles(measured: Measured, runs: Sequence[Run]) -> FloatArray:
    """Return the angle of the field from the axis of the mount, free of its offset, in degrees."""
    mount = measured.station().mount
    read = [float(np.mean(run.data["Angle (deg)"])) for run in runs]
    return np.array(read if mount is None else [mount.crystal_angle(angle) for angle in read])


def _ratio(fit: AngularFit, errors: Sequence[float]) -> Estimate | NoResult:
    """Return the largest over the smallest width of the fitted curve, with its error.

    Few points scatter by chance less than their own errors say: the larger of both counts.
    """
    found = extreme_ratio(fit)
    if isinstance(found, NoResult):
        return found
    words = "largest over smallest full width at half height of G over its background"
    own = float(np.sqrt(np.mean(np.square(errors))))
    larger = max(1.0, own / fit.sigma) if fit.sigma > 0.0 else 1.0
    return replace(found, error=found.error * larger, definition=words)


def _draw_map(figure: Figure, axes: Axes, runs: Sequence[Run], angle: FloatArray) -> None:
    """Draw the conductance over that of the first run, the normal state, over bias and angle."""
    above, *spectra = (spectrum(run.data) for run in runs)
    reach = 1e3 * min(float(np.max(np.abs(one.voltage))) for one in spectra)
    bias = np.linspace(-0.8 * reach, 0.8 * reach, 161)
    normal = np.interp(bias, 1e3 * above.voltage, above.conductance)
    levels = [np.interp(bias, 1e3 * one.voltage, one.conductance) / normal for one in spectra]
    order = np.argsort(angle)
    shown = axes.contourf(bias, angle[order], np.array(levels)[order], levels=24, cmap="viridis")
    axes.contour(bias, angle[order], np.array(levels)[order], levels=6, colors="w", linewidths=0.4)
    bar = figure.colorbar(shown, ax=axes, format="%.3f")
    bar.set_label("$G/G_N$", fontsize=9)
    bar.ax.tick_params(labelsize=7)
    label(axes, "Bias voltage (mV)", "Angle of the field (deg)", "1.9 K, 2.0 T")
    axes.grid(visible=False)
