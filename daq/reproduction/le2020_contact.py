"""Figures 1d to 1g of Le et al.: the spectra of a silver-paint contact."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib.figure import Figure

from daq.analysis.critical_field import field_of_vanishing
from daq.analysis.parity import Parity, even_and_odd
from daq.analysis.result import Estimate, FloatArray, NoResult
from daq.analysis.spectrum import spectrum
from daq.analysis.zero_bias_peak import Dip, ZeroBiasPeak
from daq.reproduction.drawing import FIRST, GREY, SECOND, label, legend, mark
from daq.reproduction.le2020_ramps import (
    NO_LAG,
    vanishing,
    warming,
    with_flux,
)
from daq.reproduction.le2020_spectra import (
    draw_family,
    missing_resistance,
    peak_of,
    peak_row,
    signed_significance,
    zero_bias_resistance,
)
from daq.reproduction.recipe import NOT_KNOWN, Figured, Measured, Recovered
from daq.runs.files import Run

APART = 0.1
"""By how much in T a field must be above the critical one, so that the contact is taken as normal:
the tolerance of the critical field."""
STEP = 0.06


def written(measured: Measured) -> Figured:
    """Compare a contact before and after pulses.

    Parameters
    ----------
    measured
        Spectra before a pulse, after the weakest one of the paper, and after a stronger one.

    Returns
    -------
    Figured
        Rows L2 and L3.
    """
    pristine, weak, strong = measured.runs("bias_spectrum")
    found = spectrum(pristine.data)
    parts = even_and_odd(found.voltage, found.conductance)
    recovered = (
        peak_row("L2.a", pristine, "before any pulse"),
        _odd("L2.b", parts),
        peak_row("L3.a", strong, "after 6 V, 5 ms"),
        _asymmetry("L3.b", peak_of(strong)),
        peak_row("L3.c", weak, "after 4 V, 9.9 ms"),
    )
    draw = partial(_draw_written, pristine=pristine, weak=weak, strong=strong, parts=parts)
    return Figured(recovered, draw)


def _odd(row: str, parts: Parity | NoResult) -> Recovered:
    """Return the odd part of a background in sigma."""
    if isinstance(parts, NoResult):
        return Recovered.of(row, parts)
    odd = parts.asymmetry
    return Recovered.sigmas(row, odd.value / odd.error, f"{odd.definition}, in sigma")


def _asymmetry(row: str, peak: ZeroBiasPeak) -> Recovered:
    """Return by how much the voltages of the two dips differ, in % of their mean."""
    if len(peak.dips) != 2:
        found = f"there are {len(peak.dips)} significant dips beside the peak, not 2"
        return Recovered(row, NOT_KNOWN, NOT_KNOWN, str(NoResult(found)))
    left, right = (abs(dip.voltage) for dip in peak.dips)
    mean = 0.5 * (left + right)
    value = 100.0 * abs(right - left) / mean
    return Recovered(row, value, 100.0 * _spacing(peak, peak.dips[0]) / mean, "of |V| of the dips")


def _spacing(peak: ZeroBiasPeak, dip: Dip) -> float:
    """Return how far apart two points are at a dip in V: as well as it can be placed."""
    place = int(np.argmin(np.abs(peak.voltage - dip.voltage)))
    return float(abs(peak.voltage[place] - peak.voltage[place - 1]))


def _draw_written(
    figure: Figure, *, pristine: Run, weak: Run, strong: Run, parts: Parity | NoResult
) -> None:
    before, after = figure.subplots(1, 2)
    for axes, runs, names in (
        (before, [pristine], ["before any pulse"]),
        (after, [weak, strong], ["after 4 V, 9.9 ms", "after 6 V, 5 ms"]),
    ):
        for run, name, colour in zip(runs, names, (FIRST, SECOND), strict=False):
            found = spectrum(run.data)
            level = found.conductance / peak_of(run).normal_conductance
            axes.plot(1e3 * found.voltage, level, lw=1.0, color=colour, label=name)
        if axes is before and isinstance(parts, Parity):
            bias = 1e3 * np.concatenate((-parts.voltage[::-1], parts.voltage))
            even = np.concatenate((parts.even[::-1], parts.even))
            level = even / peak_of(pristine).normal_conductance
            axes.plot(bias, level, "--", lw=0.8, color=GREY, label="its even part")
        label(axes, "Bias voltage (mV)", "$G/G_N$")
        legend(axes)
    before.set_title("(d) pristine, 1.9 K", fontsize=10)
    after.set_title("(e) after a voltage pulse, 1.9 K", fontsize=10)


def in_fields(measured: Measured) -> Figured:
    """Find the field at which the peak is gone.

    Parameters
    ----------
    measured
        Spectra in rising fields; the last one above the critical field by more than its tolerance.

    Returns
    -------
    Figured
        Row L5.
    """
    runs = measured.runs("bias_spectrum")
    field = np.array([spectrum(run.data).field for run in runs])
    first, _, _ = _vanishing(runs, field, runs[-1:])
    above = [] if isinstance(first, NoResult) else list(np.flatnonzero(field > first.value + APART))
    found, gone, error = _vanishing(runs, field, [runs[i] for i in above] or runs[-1:])
    peaks = [peak_of(run) for run in runs]
    most = max(peak.count for peak in peaks)
    recovered = (
        Recovered.of("L5.a", with_flux(found)),
        Recovered.count("L5.b", most, "peaks of a spectrum, the most in any field"),
        _largest_above("L5.c", found, field, peaks),
    )

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2)
        draw_family(left, runs[::-1], [f"{at:z.2f} T" for at in field[::-1]], STEP)
        right.errorbar(field, 100.0 * gone, 100.0 * error, fmt="o", ms=4, color=SECOND)
        right.axhline(0.0, color="black", lw=0.6)
        if not isinstance(found, NoResult):
            mark(right, found.value, f"{found.value:.2f} T")
        label(right, "Field (T)", "Zero-bias resistance that is gone (%)")

    return Figured(recovered, draw)


def _vanishing(
    runs: Sequence[Run], field: FloatArray, normal: Sequence[Run]
) -> tuple[Estimate | NoResult, FloatArray, FloatArray]:
    """Return the field at which the peak is gone, and what of the resistance is gone in each."""
    gone, error, common = missing_resistance(runs, normal)
    found = field_of_vanishing(field, gone, error)
    moved = field_of_vanishing(field, gone + common, error)
    if isinstance(found, Estimate) and isinstance(moved, Estimate):
        whole = float(np.hypot(found.error, moved.value - found.value))
        found = Estimate(found.value, whole, found.definition)
    return found, gone, np.hypot(error, common)


def _largest_above(
    row: str, critical: Estimate | NoResult, field: FloatArray, peaks: Sequence[ZeroBiasPeak]
) -> Recovered:
    """Return the most significant height of a peak in fields above the critical one."""
    if isinstance(critical, NoResult):
        return Recovered(row, NOT_KNOWN, NOT_KNOWN, str(critical))
    least = critical.value + APART
    heights = [
        signed_significance(peak) for peak, at in zip(peaks, field, strict=True) if at > least
    ]
    if not heights:
        found = NoResult(f"no field is above {least:.2f} T")
        return Recovered(row, NOT_KNOWN, NOT_KNOWN, str(found))
    return Recovered.sigmas(row, max(heights), f"largest height of a peak above {least:.2f} T")


def in_temperatures(measured: Measured) -> Figured:
    """Find the temperature at which the peak is gone.

    Parameters
    ----------
    measured
        Spectra at rising temperatures, and a slow ramp up at zero bias.

    Returns
    -------
    Figured
        Row L6.
    """
    runs = measured.runs("bias_spectrum")
    (ramp,) = measured.runs("temperature_ramp")
    found = vanishing(ramp, NO_LAG)
    temperature = [spectrum(run.data).temperature for run in runs]
    hot = signed_significance(peak_of(runs[-1]))
    recovered = (
        Recovered.of("L6.a", found),
        Recovered.sigmas("L6.b", hot, f"height of the peak at {temperature[-1]:.2f} K"),
    )

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2)
        draw_family(left, runs[::-1], [f"{at:.1f} K" for at in temperature[::-1]], STEP)
        way = warming(ramp, NO_LAG)
        normal = zero_bias_resistance(runs[-1]).value
        right.plot(way.temperature, normal / way.resistance, ".", ms=2, color=SECOND)
        if not isinstance(found, NoResult):
            mark(right, found.value, f"{found.value:.2f} K")
        label(right, "Temperature (K)", "Zero-bias $G/G_N$")

    return Figured(recovered, draw)


def tips(measured: Measured) -> Figured:
    """Compare tips of four metals.

    Parameters
    ----------
    measured
        Spectra under a silver tip before and after a pulse, and under gold, copper and titanium
        after one.

    Returns
    -------
    Figured
        Rows L4.c to L4.e, and L7.
    """
    before, after = measured.runs("bias_spectrum")
    others = [measured.runs("bias_spectrum", sequence)[0] for sequence in (1, 2, 3)]
    metals = ("Au", "Cu", "Ti")
    recovered = (
        *(
            peak_row(row, run, f"of {metal} after 9.5 V, 9.9 ms")
            for row, run, metal in zip(("L4.c", "L4.d", "L4.e"), others, metals, strict=True)
        ),
        peak_row("L7.a", before, "of Ag before any pulse"),
        peak_row("L7.b", after, "of Ag after 5.5 V, 9.9 ms"),
    )

    def draw(figure: Figure) -> None:
        left, middle, right = figure.subplots(1, 3)
        draw_family(left, [before], ["(h) Ag, before a pulse"], 0.0)
        draw_family(middle, others, [f"(i) {metal}" for metal in metals], 0.004)
        draw_family(right, [after], ["(j) Ag, after 5.5 V"], 0.0)

    return Figured(recovered, draw)
