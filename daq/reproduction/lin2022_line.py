"""Figure 4 of Lin et al.: spectra along a line across the edge of the alloy."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from daq.analysis.coherence_peaks import coherence_peaks
from daq.analysis.fit_result import Fit
from daq.analysis.line_profile import Decay, decay
from daq.analysis.measured_spectrum import MeasuredSpectrum
from daq.analysis.result import FloatArray, NoResult
from daq.analysis.shape import Conditions
from daq.analysis.shapes import SHAPES
from daq.reproduction.drawing import FIRST, SECOND, label, legend
from daq.reproduction.lin2022_gaps import (
    ALLOY,
    MEV,
    OFFSET,
    Gaps,
    fitted_in_turn,
    level_of,
    spectra_of,
)
from daq.reproduction.lin2022_usadel import Profile, one_dimensional
from daq.reproduction.recipe import Figured, Measured, Recovered
from daq.runs.files import Run
from instruments.errors import ColdpointError

NM = 1e9
REFLECTIVITY = 0.02
"""Of the interface, as the paper calls it: its resistance over that of one coherence length."""
POSITION = "Position (m)"
FINE = 641
"""Points of a fitted curve on which its peak is looked for."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of spectra.

    Parameters
    ----------
    spectra
        In the order of the positions.
    fits
        Of them.
    gaps
        Of the fits.
    edge
        In m: half-way between the neighbours whose gaps differ most.
    decay
        Behind the edge.
    """

    spectra: list[MeasuredSpectrum]
    fits: list[Fit | NoResult]
    gaps: Gaps
    edge: float
    decay: Decay


def along(measured: Measured) -> Figured:
    """Follow the gap from lead across the edge onto the alloy.

    Parameters
    ----------
    measured
        A line on the sample of the text, then one on that of the caption.

    Returns
    -------
    Figured
        Rows N8 and N9.
    """
    text, caption = (line_of(measured.runs("tunnel_spectrum", index)) for index in (0, 1))
    usadel = one_dimensional(text.decay, REFLECTIVITY)
    if isinstance(usadel, NoResult):
        raise ColdpointError(f"one-dimensional Usadel: {usadel}; look at the gaps along the line")
    excess = usadel.fit.aic - text.decay.fit.aic
    words = (
        f"AIC of 1-D Usadel with r = {REFLECTIVITY:g} and a coherence length of"
        f" {NM * usadel.coherence_length.value:.2f} nm less that of the exponential;"
        f" its gap jumps by {MEV * usadel.jump:.2f} meV"
    )
    recovered = (
        Recovered.of("N8.a", text.decay.length, NM),
        Recovered.of("N8.b", caption.decay.length, NM),
        Recovered("N9", excess, 0.0, words),
    )

    def draw(figure: Figure) -> None:
        (a, b), (d, e) = figure.subplots(2, 2)
        _draw_map(a, text)
        _draw_lines(b, text)
        _draw_gaps(d, text, caption, usadel)
        _draw_contrast(e, text)

    return Figured(recovered, draw)


def line_of(runs: Sequence[Run]) -> Line:
    """Fit the spectra of a line, from its far end on the alloy towards lead.

    Parameters
    ----------
    runs
        One spectrum per position.

    Returns
    -------
    Line
        With the edge and the decay of the gap behind it.

    Raises
    ------
    ColdpointError
        The gap does not return behind the edge.
    """
    position = np.array([float(run.data[POSITION].mean()) for run in runs])
    order = np.argsort(position)
    spectra = [spectra_of([runs[index]])[0] for index in order]
    found = fitted_in_turn(spectra[::-1], ALLOY, ("enhancement width", OFFSET))[::-1]
    gaps = Gaps.of(position[order].tolist(), found)
    edge = _edge(gaps)
    profile = decay(gaps.at, gaps.gap, gaps.error, edge)
    if isinstance(profile, NoResult):
        raise ColdpointError(f"behind the edge: {profile}; look at the gaps along the line")
    return Line(spectra, found, gaps, edge, profile)


def _edge(gaps: Gaps) -> float:
    """Return the position half-way between the neighbours whose gaps differ most."""
    good = np.isfinite(gaps.gap)
    at, gap = gaps.at[good], gaps.gap[good]
    place = int(np.argmax(np.abs(np.diff(gap))))
    return 0.5 * float(at[place] + at[place + 1])


def _cells(centres: FloatArray) -> FloatArray:
    """Return the borders of cells round their centres."""
    middle = 0.5 * (centres[1:] + centres[:-1])
    ends = (2.0 * centres[0] - middle[0], 2.0 * centres[-1] - middle[-1])
    return np.concatenate(([ends[0]], middle, [ends[1]]))


def _draw_map(axes: Axes, line: Line) -> None:
    level = np.array([one.y / level_of(one) for one in line.spectra])
    voltage = MEV * line.spectra[0].x
    mesh = axes.pcolormesh(
        _cells(voltage), _cells(NM * line.gaps.at), level, cmap="inferno", rasterized=True
    )
    axes.figure.colorbar(mesh, ax=axes, label="dI/dU, normalised")
    axes.axhline(NM * line.edge, color="white", lw=0.8, ls="--")
    axes.set_xlim(-4.0, 4.0)
    label(axes, "Bias voltage (mV)", "Distance (nm)", "(a) every 0.4 nm")
    axes.grid(visible=False)


def _draw_lines(axes: Axes, line: Line) -> None:
    for index, one in enumerate(line.spectra[::2]):
        colour = "black" if line.gaps.at[2 * index] < line.edge else SECOND
        axes.plot(MEV * one.x, one.y / level_of(one) + 0.4 * index, lw=0.7, color=colour)
    axes.set_xlim(-4.0, 4.0)
    label(axes, "Bias voltage (mV)", "dI/dU, normalised (shifted by 0.4)", "(b) lead and alloy")


def _draw_gaps(axes: Axes, line: Line, other: Line, usadel: Profile) -> None:
    gaps, found = line.gaps, line.decay
    axes.errorbar(NM * gaps.at, MEV * gaps.gap, MEV * gaps.error, fmt="ko", ms=3, label="gap")
    x = np.linspace(0.0, float(gaps.at[-1]) - line.edge, 200)
    near, far, length = found.near.value, found.far.value, found.length.value
    curve = far + (near - far) * np.exp(-x / length)
    axes.plot(
        NM * (x + line.edge),
        MEV * curve,
        color=SECOND,
        lw=1.0,
        label=f"$L_d$ = {NM * length:.2f} nm",
    )
    at, profile = usadel.curve
    axes.plot(
        NM * (at + line.edge),
        MEV * profile,
        color=FIRST,
        lw=1.0,
        label=f"1-D Usadel, r = {REFLECTIVITY:g}",
    )
    axes.axvspan(NM * line.edge, NM * (line.edge + length), color="black", alpha=0.08)
    label(
        axes,
        "Distance (nm)",
        "Gap (meV)",
        f"(d) the other line: $L_d$ = {NM * other.decay.length.value:.2f} nm",
    )
    legend(axes)


def _draw_contrast(axes: Axes, line: Line) -> None:
    """Draw the contrast of the fitted curves: the points are too far apart for a sharp peak."""
    reach = float(np.max(np.abs(line.spectra[0].x)))
    fine = np.linspace(-reach, reach, FINE)
    for at, one, found in zip(line.gaps.at, line.spectra, line.fits, strict=True):
        if isinstance(found, NoResult):
            continue
        values = np.array([found.values[name] for name in _shape_names()])
        curve = SHAPES[ALLOY].curve(fine, values, Conditions(one.temperature, one.modulation))
        peaks = coherence_peaks(fine, curve)
        if not isinstance(peaks, NoResult):
            colour = "black" if at < line.edge else SECOND
            axes.plot(NM * at, peaks.contrast.value, "o", ms=4, color=colour)
    axes.axvline(NM * line.edge, color=FIRST, lw=0.8, ls="--")
    label(axes, "Distance (nm)", "$(I_p - I_b)/(I_p + I_b)$", "(e) peaks of the fits")


def _shape_names() -> list[str]:
    return ["gap", "broadening", *(extra.name for extra in SHAPES[ALLOY].extras)]
