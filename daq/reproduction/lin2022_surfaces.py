"""Figures 3a and 3b of Lin et al., and its field control: spectra of lead and of the alloy."""

from functools import partial

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from daq.analysis.coherence_peaks import CoherencePeaks, coherence_peaks
from daq.analysis.comparison import Comparison, compare
from daq.analysis.fit_result import Fit
from daq.analysis.measured_spectrum import MeasuredSpectrum, fit_measured
from daq.analysis.result import Estimate, FloatArray, NoResult
from daq.reproduction.drawing import FIRST, SECOND, label, legend, mark
from daq.reproduction.lin2022_gaps import (
    ALLOY,
    MEV,
    ONE_GAP,
    Gaps,
    draw_spectra,
    fitted,
    fitted_from,
    level_of,
    spectra_of,
)
from daq.reproduction.recipe import NOT_KNOWN, Figured, Measured, Recovered
from instruments.errors import ColdpointError

RIVALS = ("dynes-enhanced", "d-wave-enhanced")
"""What the alloy is compared with, all with the same normal density and background."""
NAMES = {ALLOY: "anisotropic s", "dynes-enhanced": "BCS", "d-wave-enhanced": "d-wave"}
SITES = ("bridge", "top", "vacancy")
INSIDE, OUTSIDE = 0.5e-3, 3e-3
"""In V: near zero bias, and beyond every peak."""


def surfaces(measured: Measured) -> Figured:
    """Compare lead with the alloy at three sites.

    Parameters
    ----------
    measured
        A spectrum of lead, then one per site.

    Returns
    -------
    Figured
        Rows N1, N2, N4, N10 and N11.
    """
    lead, *sites = (spectra_of(measured.runs("tunnel_spectrum", i))[0] for i in range(4))
    of_lead, control = fitted(lead, ONE_GAP), fitted(lead, "anisotropic")
    models = {shape: fit_measured(sites[0], shape) for shape in (ALLOY, *RIVALS)}
    alloy = models[ALLOY]
    if not isinstance(alloy, Fit):
        raise ColdpointError(f"Ni-Pb: {alloy}; look at the run")
    others = [fitted_from(site, ALLOY, alloy.values) for site in sites[1:]]
    compared = compare(models)
    peaks = [_peaks(one) for one in (lead, *sites)]
    recovered = (
        Recovered.of("N1.a", lead.with_scale(of_lead["gap"]), MEV),
        Recovered("N1.b", of_lead.aic - control.aic, 0.0, "AIC of one gap less that of anisotropy"),
        Recovered.of("N2.a", sites[0].with_scale(alloy["gap"]), MEV),
        *_margins(compared),
        _spread("N4.a", [one["gap"] for one in (alloy, *others) if isinstance(one, Fit)]),
        _spread("N4.b", [_height(one) for one in peaks[1:] if isinstance(one, CoherencePeaks)]),
        contrast_row(peaks[0], peaks[1]),
        Recovered.of("N11", _normal_density(alloy)),
    )
    draw = partial(_draw, lead=lead, sites=sites, fits=[of_lead, alloy, *others], models=models)
    return Figured(recovered, draw)


def _margins(compared: Comparison | NoResult) -> tuple[Recovered, Recovered]:
    """Return by how much the best other model is worse than anisotropic s, by both criteria."""
    if isinstance(compared, NoResult) or len(compared.rivals) < 2:
        said = str(compared) if isinstance(compared, NoResult) else "only one model has a result"
        return (
            Recovered("N2.b", NOT_KNOWN, NOT_KNOWN, said),
            Recovered("N2.c", NOT_KNOWN, NOT_KNOWN, said),
        )
    (own,) = (rival for rival in compared.rivals if rival.model == ALLOY)
    others = [rival for rival in compared.rivals if rival.model != ALLOY]
    aic = min(rival.aic for rival in others) - own.aic
    bic = min(rival.bic for rival in others) - own.bic
    words = f"above that of anisotropic s; the best other model is {others[0].model}"
    return Recovered("N2.b", aic, 0.0, f"AIC {words}"), Recovered("N2.c", bic, 0.0, f"BIC {words}")


def _peaks(spectrum: MeasuredSpectrum) -> CoherencePeaks | NoResult:
    return coherence_peaks(spectrum.x, spectrum.y / level_of(spectrum))


def _height(peaks: CoherencePeaks) -> Estimate:
    """Return the mean height of both peaks over the background."""
    low, high = peaks.heights
    mean = 0.5 * (low.value + high.value) / peaks.background.value
    error = 0.5 * float(np.hypot(low.error, high.error)) / peaks.background.value
    return Estimate(mean, error, "mean height of the peaks over the background")


def _spread(row: str, found: list[Estimate]) -> Recovered:
    """Return largest less smallest over the mean, in %."""
    if len(found) != len(SITES):
        return Recovered(row, NOT_KNOWN, NOT_KNOWN, f"{len(found)} of the sites have a result")
    values = np.array([one.value for one in found])
    *_, second, largest = sorted(one.error for one in found)
    error = 100.0 * float(np.hypot(second, largest) / np.mean(values))
    spread = 100.0 * float(np.ptp(values) / np.mean(values))
    return Recovered(row, spread, error, f"largest less smallest over mean: {found[0].definition}")


def contrast_row(lead: CoherencePeaks | NoResult, alloy: CoherencePeaks | NoResult) -> Recovered:
    """Return by how much more contrast the peaks of the alloy have than those of lead."""
    if isinstance(lead, NoResult):
        return Recovered.of("N10", lead)
    if isinstance(alloy, NoResult):
        return Recovered.of("N10", alloy)
    error = float(np.hypot(lead.contrast.error, alloy.contrast.error))
    difference = alloy.contrast.value - lead.contrast.value
    return Recovered("N10", difference, error, f"{alloy.contrast.definition}: alloy less lead")


def _normal_density(alloy: Fit) -> Estimate:
    """Return the density of normal states at the peak over that far away."""
    return alloy.derived(
        lambda p: (
            1.0
            + p["enhancement"]
            / (1.0 + (p["gap"] * (1.0 + p["anisotropy"]) / p["enhancement width"]) ** 2)
        ),
        "1 + eta / (1 + (E/w)^2) at the largest gap, of the fit",
    )


def _draw(
    figure: Figure,
    *,
    lead: MeasuredSpectrum,
    sites: list[MeasuredSpectrum],
    fits: list[Fit | NoResult],
    models: dict[str, Fit | NoResult],
) -> None:
    left, middle, right = figure.subplots(1, 3)
    draw_spectra(left, [sites[0], lead], ["Ni-Pb", "Pb(111)"], 1.0, [fits[1], fits[0]])
    left.set_title("(a) both surfaces, 0.32 K", fontsize=10)
    draw_spectra(middle, sites, SITES, 1.0, fits[1:])
    middle.set_title("(b) sites of the alloy", fontsize=10)
    first, level = sites[0], level_of(sites[0])
    right.plot(MEV * first.x, first.y / level, "k.", ms=3, label="Ni-Pb")
    for (shape, found), colour in zip(models.items(), (FIRST, SECOND, "#15803d"), strict=True):
        if isinstance(found, Fit):
            right.plot(MEV * found.x, found.curve / level, lw=1.0, color=colour, label=NAMES[shape])
    right.set_xlim(-3.0, 3.0)
    label(right, "Bias voltage (mV)", "dI/dU, normalised", "models of the alloy")
    legend(right)


def in_fields(measured: Measured) -> Figured:
    """Quench the gap of lead in a field.

    Parameters
    ----------
    measured
        Spectra in rising fields; the last ones in the normal state.

    Returns
    -------
    Figured
        Row N3.
    """
    runs = spectra_of(measured.runs("tunnel_spectrum"))
    field = np.array([one.field for one in runs])
    gaps = Gaps.of(field.tolist(), [fit_measured(one, ONE_GAP) for one in runs])
    depth, error = np.array([_depth(one) for one in runs]).T
    opened = np.isfinite(gaps.gap)
    last = int(np.flatnonzero(opened)[-1]) if opened.any() else -1
    if last in (-1, len(runs) - 1):
        raise ColdpointError("the gap of lead is not quenched in these fields, or was never there")
    size = float(gaps.gap[last] / gaps.gap[0])
    relative = float(np.hypot(gaps.error[last] / gaps.gap[last], gaps.error[0] / gaps.gap[0]))
    between = 500.0 * float(field[last] + field[last + 1])
    words = f"gone between {1e3 * field[last]:.0f} and {1e3 * field[last + 1]:.0f} mT"
    recovered = (
        Recovered.sigmas(
            "N3.a",
            float(np.max((depth / error)[last + 1 :])),
            f"largest dip at zero bias above {1e3 * field[last]:.0f} mT",
        ),
        Recovered("N3.b", size, size * relative, f"gap in {1e3 * field[last]:.0f} mT; {words}"),
    )

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2)
        draw_spectra(left, runs, [f"{1e3 * at:.0f} mT" for at in field], 0.6)
        right.errorbar(
            1e3 * field[opened],
            MEV * gaps.gap[opened],
            MEV * gaps.error[opened],
            fmt="o",
            ms=4,
            color=SECOND,
            label="gap",
        )
        right.plot(1e3 * field[~opened], 0.0 * field[~opened], "x", color=FIRST, label="no gap")
        mark(right, between, "type I: a step")
        label(right, "Field (mT)", "Gap (meV)")
        legend(right)

    return Figured(recovered, draw)


def _depth(spectrum: MeasuredSpectrum) -> tuple[float, float]:
    """Return by how much the conductance is lower at zero bias than far away, and its error."""
    if spectrum.error is None:
        raise ColdpointError("the points have no errors; take the spectrum averaged")
    size = np.abs(spectrum.x)
    inner, outer = (_mean(spectrum.y, spectrum.error, p) for p in (size < INSIDE, size > OUTSIDE))
    relative = inner[0] / outer[0]
    return 1.0 - relative, relative * float(np.hypot(inner[1] / inner[0], outer[1] / outer[0]))


def _mean(y: FloatArray, error: FloatArray, points: NDArray[np.bool_]) -> tuple[float, float]:
    count = int(np.count_nonzero(points))
    return float(np.mean(y[points])), float(np.sqrt(np.sum(error[points] ** 2)) / count)
