"""Figures 2c and 2d of Le et al.: what thermal cycles leave of a written flake and contact."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from daq.analysis.erasing import Cycles, ErasingLaw, erasing_law
from daq.analysis.result import Estimate, NoResult
from daq.reproduction.drawing import FIRST, SECOND, family, label, legend
from daq.reproduction.le2020_ramps import (
    NO_LAG,
    branch,
    found_only,
    lag_of,
    largest_rise,
    overlap,
    transition_temperature,
    warming,
)
from daq.reproduction.le2020_spectra import draw_family, peak_row
from daq.reproduction.recipe import NOT_KNOWN, Figured, Measured, Recovered
from daq.runs.files import Run

RISING = 6
"""Cycles of rising maximum that come before the flake is written again."""
LOW, HIGH = 2.2, 7.5
"""Temperatures in K between which curves are compared."""
Onset = Estimate | NoResult


@dataclass(frozen=True, slots=True)
class Story:
    """The transitions of a flake in the order in which they were measured.

    Parameters
    ----------
    first
        After the first pulse.
    cycled
        After each cycle of rising maximum.
    rewritten
        After each further pulse.
    erased
        After the last cycle to the highest maximum before each of these.
    """

    first: Onset
    cycled: tuple[Onset, ...]
    rewritten: tuple[Onset, ...]
    erased: tuple[Onset, ...]

    @classmethod
    def of(cls, onsets: Sequence[Onset]) -> "Story":
        """Tell apart what was written and what was erased."""
        cycled, again = tuple(onsets[1 : RISING + 1]), tuple(onsets[RISING + 1 :])
        return cls(onsets[0], cycled, again[::2], (cycled[-1], *again[1::2]))

    @property
    def cycles(self) -> int:
        """Return how often a transition was written and then erased."""
        written = (self.first, *self.rewritten)
        pairs = zip(written, self.erased, strict=False)
        return sum(isinstance(w, Estimate) and isinstance(e, NoResult) for w, e in pairs)


def flake_cycles(measured: Measured) -> Figured:
    """Follow the transition of a flake through thermal cycles and new pulses.

    Parameters
    ----------
    measured
        A ramp up and one down after the first pulse, one up after each cycle and further pulse.

    Returns
    -------
    Figured
        Rows L10 and L11.
    """
    first, back, *others = measured.runs("temperature_ramp")
    lag, runs = lag_of(first, back), [first, *others]
    cycles = measured.runs("thermal_cycle")[:RISING]
    maxima = [float(run.settings["maximum"]) for run in cycles]
    story = Story.of([transition_temperature(run, lag) for run in runs])
    same = overlap(warming(runs[0], lag), warming(runs[1], lag), LOW, HIGH)
    gone = len(found_only([story.cycled[-1]]))
    recovered = (
        _shift("L10.a", story.first, [story.cycled[0]]),
        Recovered.of("L10.b", same),
        Recovered.of("L10.c", largest_rise(found_only(story.cycled))),
        Recovered.count("L10.d", gone, f"transitions after {maxima[-1]:g} K"),
        _shift("L11.a", story.first, story.rewritten),
        Recovered.count("L11.b", story.cycles, "times written and erased"),
    )

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2)
        names = ["after the pulse", *(f"after {maximum:g} K" for maximum in maxima)]
        shown = runs[: RISING + 1]
        _draw_curves(left, shown, names, lag)
        new = runs[RISING + 1]
        way = warming(new, lag)
        left.plot(way.temperature, way.resistance, "k:", lw=1.0, label="after a new pulse")
        legend(left)
        _draw_story(right, maxima, story)
        law = _law(story, cycles, float(np.min(warming(runs[0], lag).temperature)))
        if isinstance(law, ErasingLaw):
            _draw_law(right, law)

    return Figured(recovered, draw)


def _law(story: Story, cycles: Sequence[Run], lowest: float) -> ErasingLaw | NoResult:
    """Fit the law of erasing to the cycles of rising maximum."""
    if isinstance(story.first, NoResult):
        return story.first
    known = [one if isinstance(one, Estimate) else None for one in story.cycled]
    return erasing_law(
        story.first,
        Cycles(
            np.array([float(run.settings["maximum"]) for run in cycles]),
            np.array([float(run.settings["rate"]) for run in cycles]),
            np.array([math.nan if one is None else one.value for one in known]),
            np.array([math.nan if one is None else one.error for one in known]),
            lowest,
        ),
    )


def _draw_law(axes: Axes, law: ErasingLaw) -> None:
    """Draw the law of erasing; its barriers are for the attempt time that it states."""
    barrier, spread = law.barrier, law.spread
    mean = f"{barrier.value:.3f} \u00b1 {barrier.error:.3f} eV"
    words = f"barriers {mean}, spread {spread.value:.3f} eV"
    axes.plot(law.fit.x[1:], law.fit.curve[1:], "--", lw=0.9, color=SECOND, label=words)
    legend(axes)


def _shift(row: str, first: Onset, others: Sequence[Onset]) -> Recovered:
    """Return the largest difference from the first transition; all of them must be there."""
    known = found_only(others)
    if not isinstance(first, Estimate) or len(known) < len(others) or not known:
        lost = len(others) - len(known) + (not isinstance(first, Estimate))
        return Recovered(row, NOT_KNOWN, NOT_KNOWN, f"no result, because {lost} are missing")
    furthest = max(known, key=lambda one: abs(one.value - first.value))
    error = math.hypot(first.error, furthest.error)
    shift = abs(furthest.value - first.value)
    return Recovered(row, shift, error, "largest |Tc - first Tc| in K")


def _draw_curves(axes: Axes, runs: Sequence[Run], names: Sequence[str], lag: Estimate) -> None:
    for run, name, colour in zip(runs, names, family(len(runs)), strict=True):
        way = warming(run, lag)
        axes.plot(way.temperature, way.resistance, lw=1.0, color=colour, label=name)
    label(axes, "Temperature (K)", r"Resistance ($\Omega$)")


def _draw_story(axes: Axes, maxima: Sequence[float], story: Story) -> None:
    pairs = [(m, o) for m, o in zip(maxima, story.cycled, strict=True) if isinstance(o, Estimate)]
    axes.errorbar(
        [maximum for maximum, _ in pairs],
        [onset.value for _, onset in pairs],
        [onset.error for _, onset in pairs],
        fmt="o-",
        ms=4,
        lw=0.8,
        color=FIRST,
        label="after a cycle",
    )
    none = [m for m, o in zip(maxima, story.cycled, strict=True) if isinstance(o, NoResult)]
    axes.plot(none, [1.9] * len(none), "v", mfc="none", color=FIRST, label="none above 1.9 K")
    again = found_only(story.rewritten)
    places = [maxima[-1]] * len(again)
    axes.plot(places, [onset.value for onset in again], "s", mfc="none", color=SECOND)
    axes.plot([], [], "s", mfc="none", color=SECOND, label="after new pulses")
    axes.set_ylim(bottom=1.7)
    label(axes, "Maximum of the cycle (K)", "$T_c$, onset by tangents (K)")
    legend(axes)


def contact_cycles(measured: Measured) -> Figured:
    """Follow the peak of a contact, and its zero-bias conductance, through thermal cycles.

    Parameters
    ----------
    measured
        A spectrum and a ramp up after the pulse and after each cycle.

    Returns
    -------
    Figured
        Row L12.
    """
    spectra, ramps = measured.runs("bias_spectrum"), measured.runs("temperature_ramp")
    maxima = [float(run.settings["maximum"]) for run in measured.runs("thermal_cycle")]
    names = ["after the pulse", *(f"after {maximum:g} K" for maximum in maxima)]
    lag = NO_LAG
    last = transition_temperature(ramps[-1], lag)
    first = transition_temperature(ramps[0], lag)
    recovered = (
        peak_row("L12.a", spectra[-1], f"after {maxima[-1]:g} K"),
        Recovered.count("L12.b", len(found_only([last])), f"transitions after {maxima[-1]:g} K"),
        Recovered.count("L12.c", len(found_only([first])), "transitions before the cycles"),
    )

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2)
        for run, name, colour in zip(ramps, names, family(len(ramps)), strict=True):
            way = branch(run, 1)
            axes_y = 1e3 / way.resistance
            left.plot(way.temperature, axes_y, lw=1.0, color=colour, label=name)
        label(left, "Temperature (K)", "Zero-bias conductance (mS)")
        legend(left)
        draw_family(right, spectra, names, 0.0)

    return Figured(recovered, draw)
