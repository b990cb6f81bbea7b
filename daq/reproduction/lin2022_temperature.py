"""Figures 3c and 3d of Lin et al.: the gaps of both surfaces against temperature."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from daq.analysis.fit_result import Fit
from daq.analysis.fitting import fit
from daq.analysis.gap_temperature import GapCurve, gap_curve
from daq.analysis.measured_spectrum import MeasuredSpectrum
from daq.analysis.result import NoResult
from daq.analysis.series import joint
from daq.physics.gap import bcs_gap
from daq.reproduction.drawing import FIRST, SECOND, label, legend
from daq.reproduction.lin2022_gaps import (
    ALLOY,
    MEV,
    OFFSET,
    ONE_GAP,
    Gaps,
    draw_spectra,
    fitted_in_turn,
    honest_error,
    problem_of,
    spectra_of,
)
from daq.reproduction.recipe import Figured, Measured, Recovered
from instruments.errors import ColdpointError

SURFACES = ("Pb(111)", "Ni-Pb")
OF_THE_SURFACE = ("broadening", "anisotropy", "enhancement", "enhancement width")
"""One for all temperatures of the alloy: warm spectra alone do not tell them from the gap."""
COMMON = (*OF_THE_SURFACE, OFFSET)


def in_temperatures(measured: Measured) -> Figured:
    """Follow the gaps of both surfaces up to the temperature at which they vanish.

    Parameters
    ----------
    measured
        Spectra of lead at rising temperatures, then those of the alloy.

    Returns
    -------
    Figured
        Rows N5, N6 and N7.
    """
    series = [spectra_of(measured.runs("tunnel_spectrum", index)) for index in (0, 1)]
    of_lead, of_alloy = series
    fits = [fitted_in_turn(of_lead, ONE_GAP, (OFFSET,)), fitted_in_turn(of_alloy, ALLOY, COMMON)]
    gaps = [
        Gaps.of([one.temperature for one in of_lead], fits[0]),
        _together(of_alloy, fits[1]),
    ]
    lead, alloy = curves = [_curve(one, name) for one, name in zip(gaps, SURFACES, strict=True)]
    tcs = [one.critical_temperature for one in curves]
    apart = abs(tcs[0].value - tcs[1].value)
    freedom = sum(one.fit.freedom for one in curves)
    chi_square = sum(one.fit.chi_square for one in curves) / freedom
    recovered = (
        Recovered.of("N5.a", lead.critical_temperature),
        Recovered.of("N5.b", alloy.critical_temperature),
        Recovered("N5.c", apart, float(np.hypot(tcs[0].error, tcs[1].error)), "|Tc - Tc| in K"),
        Recovered.of("N6.a", of_lead[0].with_scale(lead.ratio)),
        Recovered.of("N6.b", of_alloy[0].with_scale(alloy.ratio)),
        Recovered("N7", chi_square, float(np.sqrt(2.0 / freedom)), "of both surfaces together"),
    )

    def draw(figure: Figure) -> None:
        one, two, right = figure.subplots(1, 3, width_ratios=(1.0, 1.0, 1.3))
        for axes, spectra, found, name in zip((one, two), series, fits, SURFACES, strict=True):
            warm_first = slice(None, None, -1)
            names = [f"{each.temperature:.2f} K" for each in spectra[warm_first]]
            draw_spectra(axes, spectra[warm_first], names, 0.5, found[warm_first])
            axes.set_title(f"(c) {name}", fontsize=10)
        _draw_gaps(right, gaps, curves)

    return Figured(recovered, draw)


def _together(series: Sequence[MeasuredSpectrum], fits: Sequence[Fit | NoResult]) -> Gaps:
    """Fit all spectra of the alloy that show a gap at once, with one surface for all."""
    shown = [(one, by) for one, by in zip(series, fits, strict=True) if isinstance(by, Fit)]
    problems, start = [], dict(shown[0][1].values)
    for index, (one, by) in enumerate(shown):
        problem = problem_of(one, ALLOY)
        if isinstance(problem, NoResult):
            raise ColdpointError(f"Ni-Pb at {one.temperature:.2f} K: {problem}; look at the run")
        problems.append(problem)
        start |= {f"{name}[{index}]": value for name, value in by.values.items()}
    found = fit(joint(problems, COMMON).starting(start))
    if isinstance(found, NoResult):
        raise ColdpointError(f"Ni-Pb at all temperatures: {found}; look at its fits")
    names = [f"gap[{index}]" for index in range(len(shown))]
    return Gaps(
        np.array([one.temperature for one, _ in shown]),
        np.array([found[name].value for name in names]),
        np.array([honest_error(found, name) for name in names]),
    )


def _curve(gaps: Gaps, name: str) -> GapCurve:
    found = gap_curve(gaps.at, gaps.gap, gaps.error)
    if isinstance(found, NoResult):
        raise ColdpointError(f"{name}: {found}; look at its fits")
    return found


def _draw_gaps(axes: Axes, gaps: Sequence[Gaps], curves: Sequence[GapCurve]) -> None:
    """Draw the gaps with the solution of the gap equation, and both on one universal curve."""
    inset = axes.inset_axes((0.1, 0.08, 0.5, 0.42))
    for one, curve, name, colour in zip(gaps, curves, SURFACES, ("black", SECOND), strict=True):
        tc, zero = curve.critical_temperature.value, curve.zero_gap.value
        fine = np.linspace(0.0, tc, 200)
        axes.errorbar(
            one.at, MEV * one.gap, MEV * one.error, fmt="o", ms=4, color=colour, label=name
        )
        axes.plot(fine, MEV * np.asarray(bcs_gap(fine, tc, zero)), color=colour, lw=0.9)
        inset.errorbar(one.at / tc, one.gap / zero, one.error / zero, fmt="o", ms=3, color=colour)
    reduced = np.linspace(0.0, 1.0, 200)
    inset.plot(reduced, np.asarray(bcs_gap(reduced, 1.0, 1.0)), color=FIRST, lw=0.9)
    inset.set_title("universal curve", fontsize=7, pad=2)
    inset.set_xlabel("$T/T_c$", fontsize=7, labelpad=0)
    inset.set_ylabel(r"$\Delta/\Delta_0$", fontsize=7, labelpad=0)
    inset.tick_params(labelsize=6)
    axes.set_ylim(bottom=-0.1)
    label(axes, "Temperature (K)", "Gap (meV)", "(d) gap equation")
    legend(axes)
