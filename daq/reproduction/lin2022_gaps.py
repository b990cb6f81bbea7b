"""Gaps of tunnel spectra: each file fitted at its own temperature and modulation."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from daq.analysis.fit_problem import Problem
from daq.analysis.fit_result import Fit
from daq.analysis.gap_judgement import with_a_gap
from daq.analysis.measured_spectrum import MeasuredSpectrum, fit_measured, measured_spectrum
from daq.analysis.normalising import over_high_bias
from daq.analysis.result import FloatArray, NoResult
from daq.analysis.series import fit_series
from daq.analysis.shape import Conditions
from daq.analysis.spectrum_fit import SpectrumModel, spectrum_problem
from daq.reproduction.drawing import FIRST, family, label
from daq.runs.calibration import scale_error_of
from daq.runs.files import Run
from instruments.errors import ColdpointError

ONE_GAP, ALLOY = "dynes", "anisotropic-enhanced"
"""What lead and the alloy are fitted by."""
OFFSET = "offset"
"""Of the bias: one for all spectra of a run of the bench."""
MEV = 1e3
"""meV per eV, and mV per V."""
FAR = 6e-3
"""Bias in V beyond which a spectrum is divided by its mean, to be drawn."""


def spectra_of(runs: Sequence[Run]) -> list[MeasuredSpectrum]:
    """Return the spectra of runs, with what the calibration left open of their voltages."""
    return [measured_spectrum(run.data, scale_error_of(run)) for run in runs]


def fitted(spectrum: MeasuredSpectrum, shape: str) -> Fit:
    """Fit a theory to a spectrum that has to show a gap.

    Parameters
    ----------
    spectrum
        At a voltage bias.
    shape
        Name of the theory.

    Returns
    -------
    Fit
        With a gap.

    Raises
    ------
    ColdpointError
        There is no result, which the rows cannot do without.
    """
    found = fit_measured(spectrum, shape)
    if isinstance(found, NoResult):
        raise ColdpointError(f"{shape} at {spectrum.temperature:.2f} K: {found}; look at the run")
    return found


def problem_of(spectrum: MeasuredSpectrum, shape: str) -> Problem | NoResult:
    """Return the problem of fitting a theory to a spectrum at its temperature and modulation."""
    conditions = Conditions(spectrum.temperature, spectrum.modulation)
    model = SpectrumModel(shape, conditions, offset=True)
    return spectrum_problem(spectrum.x, spectrum.y, model, spectrum.error)


def fitted_from(
    spectrum: MeasuredSpectrum, shape: str, start: Mapping[str, float]
) -> Fit | NoResult:
    """Fit a theory to a spectrum from the answer of a neighbour.

    Parameters
    ----------
    spectrum
        At a voltage bias.
    shape
        Name of the theory.
    start
        First guesses by name.

    Returns
    -------
    Fit or NoResult
        No result where the spectrum shows no gap.
    """
    (found,) = fit_series([problem_of(spectrum, shape)], start)
    return with_a_gap(found) if isinstance(found, Fit) else found


def fitted_in_turn(
    series: Sequence[MeasuredSpectrum], shape: str, held: Sequence[str]
) -> list[Fit | NoResult]:
    """Fit the first spectrum of a series freely, then each from the one before.

    Parameters
    ----------
    series
        At a voltage bias; the first one has to show a gap.
    shape
        Name of the theory.
    held
        Parameters that keep the answer of the first: properties of the surface, not of a spectrum.

    Returns
    -------
    list of Fit or NoResult
        One per spectrum; no result where one shows no gap.
    """
    first = fitted(series[0], shape)
    kept = {name: first[name].value for name in held}
    problems = [problem_of(one, shape) for one in series[1:]]
    others = fit_series(
        [one.holding(kept) if isinstance(one, Problem) else one for one in problems], first.values
    )
    return [first, *(with_a_gap(one) if isinstance(one, Fit) else one for one in others)]


@dataclass(frozen=True, slots=True)
class Gaps:
    """The gaps of a series of spectra.

    Parameters
    ----------
    at
        Temperature in K, field in T or position in m of each, shape (n,).
    gap, error
        In eV, shape (n,); not a number where there is no gap.
    """

    at: FloatArray
    gap: FloatArray
    error: FloatArray

    @classmethod
    def of(cls, at: Sequence[float], fits: Sequence[Fit | NoResult]) -> "Gaps":
        """Return the gaps of fits.

        Parameters
        ----------
        at
            One number per fit.
        fits
            With a gap, or without a result.

        Returns
        -------
        Gaps
            In the order of the fits.
        """
        pairs = [
            (one["gap"].value, honest_error(one)) if isinstance(one, Fit) else (np.nan, np.nan)
            for one in fits
        ]
        gap, error = np.array(pairs, dtype=np.float64).T
        return cls(np.array(at, dtype=np.float64), gap, error)


def honest_error(found: Fit, name: str = "gap") -> float:
    """Return the error of a gap in eV, larger where the points scatter more than their errors."""
    return found[name].error * math.sqrt(max(1.0, found.reduced))


def level_of(spectrum: MeasuredSpectrum) -> float:
    """Return the mean conductance far from the gap in S."""
    reach = float(np.max(np.abs(spectrum.x)))
    found = over_high_bias(spectrum.x, spectrum.y, min(FAR, 0.75 * reach))
    if isinstance(found, NoResult):
        raise ColdpointError(f"the spectrum at {spectrum.temperature:.2f} K: {found}")
    return found.level.value


def draw_spectra(
    axes: Axes,
    spectra: Sequence[MeasuredSpectrum],
    labels: Sequence[str],
    step: float,
    fits: Sequence[Fit | NoResult] = (),
) -> None:
    """Draw normalised spectra above each other, each with its name at its right end.

    Parameters
    ----------
    axes
        To draw on.
    spectra
        The lowest first.
    labels
        One per spectrum.
    step
        By which each is shifted against the one before.
    fits
        One per spectrum if any, drawn as lines.
    """
    colours = family(len(spectra))
    for index, (one, name, colour) in enumerate(zip(spectra, labels, colours, strict=True)):
        level, shift = level_of(one), index * step
        style = ".-" if not fits else "."
        axes.plot(MEV * one.x, one.y / level + shift, style, ms=2, lw=0.7, color=colour)
        axes.annotate(
            name,
            (MEV * float(one.x[-1]), float(one.y[-1]) / level + shift),
            xytext=(2, 2),
            textcoords="offset points",
            ha="right",
            fontsize=6,
            color=colour,
        )
        found = fits[index] if fits else None
        if isinstance(found, Fit):
            axes.plot(MEV * found.x, found.curve / level + shift, color=FIRST, lw=0.7)
    shifted = f" (shifted by {step:g})" if step else ""
    label(axes, "Bias voltage (mV)", f"dI/dU, normalised{shifted}")
