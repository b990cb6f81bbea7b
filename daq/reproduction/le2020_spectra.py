"""What the spectra of a contact say: peaks, and the resistance at zero bias."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from daq.analysis.peak_width import (
    NORMAL_ORDER,
    normal_curve,
    unmodulated,
    width_over_normal,
)
from daq.analysis.result import Estimate, FloatArray, NoResult
from daq.analysis.spectrum import spectrum
from daq.analysis.zero_bias_peak import ZeroBiasPeak, zero_bias_peak
from daq.reproduction.drawing import family, label, legend_above
from daq.reproduction.recipe import Recovered
from daq.runs.files import Run
from instruments.errors import ColdpointError

DERIVATIVE_ERROR = "dV/dI error (ohm)"
EXCITATION = "Excitation (A)"
"""Rms of the modulation."""


def peak_of(run: Run) -> ZeroBiasPeak:
    """Return what a spectrum shows at zero bias.

    Parameters
    ----------
    run
        A bias spectrum.

    Returns
    -------
    ZeroBiasPeak
        Found or not.

    Raises
    ------
    ColdpointError
        The spectrum cannot be used at all.
    """
    measured = spectrum(run.data)
    peak = zero_bias_peak(measured.voltage, measured.conductance)
    if isinstance(peak, NoResult):
        raise ColdpointError(f"{run.path.name}: {peak}; measure more points on both sides")
    return peak


def signed_significance(peak: ZeroBiasPeak) -> float:
    """Return the height at zero bias in sigma; negative for a dip."""
    return peak.height.value / peak.height.error


def peak_row(row: str, run: Run, when: str) -> Recovered:
    """Return the significance of the peak of a spectrum for a row."""
    return Recovered.sigmas(row, signed_significance(peak_of(run)), f"height of the peak {when}")


def zero_bias_resistance(run: Run) -> Estimate:
    """Return dV/dI of the point nearest to zero bias.

    Its neighbours are left alone: near the critical field the peak is narrower than their distance.

    Parameters
    ----------
    run
        A bias spectrum whose points have errors.

    Returns
    -------
    Estimate
        In ohm.
    """
    rows = run.data
    nearest = int(np.argmin(np.abs(rows["Current (A)"].to_numpy(dtype=np.float64))))
    value, error = (float(rows[name].iloc[nearest]) for name in ("dV/dI (ohm)", DERIVATIVE_ERROR))
    return Estimate(value, error, "dV/dI in ohm at zero bias")


def normal_resistance(run: Run) -> Estimate:
    """Return dV/dI at zero bias of a spectrum without a peak, from all of its points.

    Parameters
    ----------
    run
        A bias spectrum in the normal state: a polynomial describes it.

    Returns
    -------
    Estimate
        In ohm; the error is that of the polynomial from the scatter about it.
    """
    rows = [run.data[name].to_numpy(dtype=np.float64) for name in ("Current (A)", "dV/dI (ohm)")]
    current, values = rows
    x = current / float(np.max(np.abs(current)))
    line, covariance = np.polyfit(x, values, NORMAL_ORDER, cov=True)
    error = float(np.sqrt(covariance[-1, -1]))
    return Estimate(float(line[-1]), error, "dV/dI in ohm at zero bias, normal state")


def missing_resistance(
    runs: Sequence[Run], normal: Sequence[Run]
) -> tuple[FloatArray, FloatArray, float]:
    """Return which fraction of the normal zero-bias resistance is gone in each spectrum.

    Parameters
    ----------
    runs
        Spectra.
    normal
        Those that were taken in the normal state.

    Returns
    -------
    tuple
        Fractions and their own errors, each of the length of `runs`; and the error that all of them
        have in common, that of the normal resistance.
    """
    above = [normal_resistance(run) for run in normal]
    reference = float(np.mean([one.value for one in above]))
    common = float(np.sqrt(np.sum([one.error**2 for one in above]))) / len(above) / reference
    found = [zero_bias_resistance(run) for run in runs]
    ratio = np.array([one.value for one in found]) / reference
    error = np.array([one.error for one in found]) / reference
    return 1.0 - ratio, error, common


def width_over(run: Run, normal: Run) -> Estimate | NoResult:
    """Return the full width of a peak at half height over the normal state.

    The normal state is a polynomial: the noise of its points would be common to all peaks. What
    the modulation does to a peak is taken off.

    Parameters
    ----------
    run
        A spectrum with a peak.
    normal
        The same contact in the normal state, at the same currents.

    Returns
    -------
    Estimate or NoResult
        In V; the error is that of `width_over_normal`.
    """
    measured, above = spectrum(run.data), spectrum(normal.data)
    reference = normal_curve(above.current, 1.0 / above.conductance)(measured.current)
    amplitude = _amplitude(run)
    resistance = unmodulated(measured.current, 1.0 / measured.conductance, amplitude)
    return width_over_normal(measured.voltage, reference / resistance - 1.0)


def _amplitude(run: Run) -> float:
    """Return the peak of the modulation in A, zero where a run does not tell it."""
    if EXCITATION not in run.data:
        return 0.0
    return float(np.sqrt(2.0) * np.median(run.data[EXCITATION]))


def draw_family(axes: Axes, runs: Sequence[Run], labels: Sequence[str], step: float) -> None:
    """Draw normalised spectra above each other.

    Parameters
    ----------
    axes
        To draw on.
    runs
        Spectra, the lowest first.
    labels
        One per spectrum.
    step
        By which each is shifted against the one before.
    """
    for index, (run, name, colour) in enumerate(zip(runs, labels, family(len(runs)), strict=True)):
        measured = spectrum(run.data)
        level = measured.conductance / peak_of(run).normal_conductance
        axes.plot(1e3 * measured.voltage, level + index * step, lw=1.0, color=colour, label=name)
    shifted = f" (shifted by {step:g})" if step else ""
    label(axes, "Bias voltage (mV)", f"$G/G_N${shifted}")
    legend_above(axes, columns=min(5, len(runs)))
