"""Figure 1 of Yi et al.: resistance against temperature of films (m,20), (8,n), and bare FeTe."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from daq.analysis.ground_state import GroundState, ground_state
from daq.analysis.hump import Hump, hump
from daq.analysis.result import Estimate, NoResult
from daq.analysis.thermometer import Ramp
from daq.analysis.transition import resistive_transition
from daq.analysis.transition_fit import FilmTransition, film_transition
from daq.reproduction.drawing import FIRST, SECOND, family, label, legend, mark
from daq.reproduction.le2020_ramps import branch, lag_of, of_sample, with_lag
from daq.reproduction.recipe import Figured, Measured, Recovered
from daq.runs.files import Run
from instruments.errors import ColdpointError

LAYERS = (1, 2, 4, 8)
"""m of the films (m,20), in the order of their sequences."""
UNIT_CELLS = (8, 12, 14, 16, 18, 20, 30, 50)
"""n of the films (8,n), in the order of their sequences."""
BROAD = 20.0
"""Range of temperature in K that each local parabola of the hump is fitted to."""


@dataclass(frozen=True, slots=True)
class Film:
    """One film: its curve while it warms, at its own temperatures, and the transition.

    Parameters
    ----------
    curve
        The ramp up.
    found
        The transition by the joint fit, with the error of the lag in onset and zero.
    state
        What it is at the lowest temperatures.
    """

    curve: Ramp
    found: FilmTransition | NoResult
    state: GroundState | NoResult

    @property
    def kind(self) -> str:
        """Return what it is at the lowest temperatures, in a word."""
        return "not decided" if isinstance(self.state, NoResult) else self.state.kind

    def onset(self) -> Estimate | NoResult:
        """Return the onset in K."""
        return self.found if isinstance(self.found, NoResult) else self.found.onset

    def zero(self) -> Estimate | NoResult:
        """Return the zero in K."""
        return self.found if isinstance(self.found, NoResult) else self.found.zero


def lag_within(run: Run) -> Estimate | None:
    """Return the lag of a sample in s from a ramp both ways; None for a ramp one way."""
    ways = set(run.data["Branch"])
    return lag_of(run, run) if {-1, 1} <= ways else None


def film_of(run: Run, lag: Estimate) -> Film:
    """Return what a ramp says of a film, from the way up if there is one.

    Parameters
    ----------
    run
        A temperature ramp.
    lag
        Of the sample in s.

    Returns
    -------
    Film
        With the transition or why there is none.
    """
    way = 1 if 1 in set(run.data["Branch"]) else -1
    curve = of_sample(run, way, lag.value).moving()
    state = ground_state(curve.temperature, curve.resistance)
    return Film(curve, film_transition(curve.temperature, curve.resistance), state)


def by_layers(measured: Measured) -> Figured:
    """Find onset and zero of the films (m,20).

    Parameters
    ----------
    measured
        One film per folder, each cooling or warming, some both ways.

    Returns
    -------
    Figured
        Row Y1.
    """
    films = _films(measured, LAYERS)
    recovered = (
        Recovered.of("Y1.a", films[1][1]),
        Recovered.of("Y1.b", films[1][2]),
        Recovered.of("Y1.c", films[8][1]),
        Recovered.of("Y1.d", films[8][2]),
    )

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        _draw_films(axes, {f"({m},20)": films[m][0] for m in LAYERS})

    return Figured(recovered, draw)


def by_unit_cells(measured: Measured) -> Figured:
    """Find onset and zero of (8,18), and what the thinner films are.

    Parameters
    ----------
    measured
        One film per folder, each cooling or warming, some both ways.

    Returns
    -------
    Figured
        Row Y2.
    """
    films = _films(measured, UNIT_CELLS)
    kinds = {n: films[n][0].kind for n in UNIT_CELLS}
    zeros = sum(kinds[n] == "superconducting" for n in UNIT_CELLS if n <= 16)
    thin = [n for n in UNIT_CELLS if n <= 14]
    rising = sum(kinds[n] == "insulating" for n in thin)
    words = ", ".join(f"n = {n}: {kinds[n]}" for n in UNIT_CELLS if n <= 18)
    recovered = (
        Recovered.of("Y2.a", films[18][1]),
        Recovered.of("Y2.b", films[18][2]),
        Recovered.count("Y2.c", zeros, words),
        Recovered("Y2.d", rising / len(thin), 0.0, words),
    )

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2)
        for axes, chosen in ((left, UNIT_CELLS[:4]), (right, UNIT_CELLS[4:])):
            _draw_films(axes, {f"(8,{n}), {kinds[n]}": films[n][0] for n in chosen})

    return Figured(recovered, draw)


_Found = tuple[Film, Estimate | NoResult, Estimate | NoResult]


def _films(measured: Measured, names: Sequence[int]) -> dict[int, _Found]:
    """Return each film with its onset and its zero in K.

    All are mounted alike: one that was measured one way only takes the lag of the others.
    """
    runs = [measured.runs("temperature_ramp", index)[0] for index in range(len(names))]
    lags = [lag_within(run) for run in runs]
    known = [lag for lag in lags if lag is not None]
    if not known:
        raise ColdpointError("no film of this figure was measured both ways; add a ramp back")
    found = {}
    for name, run, own in zip(names, runs, lags, strict=True):
        lag = known[0] if own is None else own
        film = film_of(run, lag)
        found[name] = (film, with_lag(film.onset(), run, lag), with_lag(film.zero(), run, lag))
    return found


def _draw_films(axes: Axes, films: Mapping[str, Film]) -> None:
    for (name, film), colour in zip(films.items(), family(len(films)), strict=True):
        axes.plot(
            film.curve.temperature,
            1e-3 * film.curve.resistance,
            ".-",
            ms=2.5,
            lw=0.9,
            color=colour,
            label=name,
        )
    label(axes, "Temperature (K)", r"Sheet resistance (k$\Omega$)")
    legend(axes)


def bare(measured: Measured) -> Figured:
    """Look for a transition in bare FeTe.

    Parameters
    ----------
    measured
        A ramp over low temperatures, and one up to room temperature.

    Returns
    -------
    Figured
        Row Y3.
    """
    low, high = (branch(run, 1) for run in measured.runs("temperature_ramp"))
    found = resistive_transition(low.temperature, low.resistance)
    state = ground_state(low.temperature, low.resistance)
    resists = isinstance(state, GroundState) and state.kind != "superconducting"
    count = int(not isinstance(found, NoResult) or not resists)
    note = str(found) if isinstance(found, NoResult) else "transitions, or zero resistance"
    top = hump(high.temperature, high.resistance, BROAD)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for way, colour in ((low, SECOND), (high, FIRST)):
            axes.plot(way.temperature, 1e-3 * way.resistance, ".-", ms=2.5, lw=0.8, color=colour)
        if isinstance(top, Hump):
            mark(axes, top.position.value, f"{top.position.value:.0f} K", height=0.5)
        label(axes, "Temperature (K)", r"Sheet resistance (k$\Omega$)", "FeTe, 20 unit cells")

    return Figured((Recovered.count("Y3", count, note),), draw)


def wide(measured: Measured) -> Figured:
    """Find the transition of (8,50), and the hump of its normal state.

    Parameters
    ----------
    measured
        A ramp over the transition and one over the hump, both of them both ways.

    Returns
    -------
    Figured
        Row Y4.
    """
    near, far = measured.runs("temperature_ramp")
    lag = lag_of(near, near)
    film = film_of(near, lag)
    ways = [branch(far, way) for way in (1, -1)]
    top = _centre([hump(way.temperature, way.resistance, BROAD) for way in ways])
    recovered = (
        Recovered.of("Y4.a", with_lag(film.onset(), near, lag)),
        Recovered.of("Y4.b", with_lag(film.zero(), near, lag)),
        Recovered.of("Y4.c", top),
    )

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2)
        for way, name, colour in zip(ways, ("warming", "cooling"), (FIRST, SECOND), strict=True):
            left.plot(way.temperature, way.resistance, ".-", ms=3, lw=0.8, color=colour, label=name)
        if isinstance(top, Estimate):
            mark(left, top.value, f"{top.value:.1f} K", height=0.5)
        legend(left)
        right.plot(film.curve.temperature, film.curve.resistance, ".", ms=3, color=SECOND)
        if isinstance(film.found, FilmTransition):
            fit = film.found.fit
            right.plot(fit.x, fit.curve, lw=1.0, color=FIRST)
            zero, onset = film.found.zero.value, film.found.onset.value
            mark(right, zero, "")
            mark(right, onset, f"{zero:.2f} K, {onset:.2f} K")
        for axes in (left, right):
            label(axes, "Temperature (K)", r"Sheet resistance ($\Omega$)")

    return Figured(recovered, draw)


def _centre(humps: Sequence[Hump | NoResult]) -> Estimate | NoResult:
    """Return the middle of the maxima of both ways: a lag shifts them oppositely."""
    found = [top.position for top in humps if isinstance(top, Hump)]
    if len(found) < len(humps):
        return next(top for top in humps if isinstance(top, NoResult))
    up, down = found
    words = f"{up.definition}, middle of warming and cooling"
    return Estimate(0.5 * (up.value + down.value), 0.5 * math.hypot(up.error, down.error), words)
