"""Ramps in temperature: their branches, the lag of the sample, and the transition."""

import itertools
import math
from collections.abc import Sequence

import numpy as np

from daq.analysis.result import Estimate, FloatArray, NoResult
from daq.analysis.thermometer import Ramp, at_reading, lag_between, lagging
from daq.analysis.transition import Transition, resistive_transition
from daq.analysis.vanishing import vanishing_temperature
from daq.runs.files import Run
from instruments.errors import ColdpointError

UNCERTAIN = 2.0
"""Error of the lag in s where no ramp tells it: that of samples on a puck lies between 0 and 2."""
FLUX = 12e-3
"""Field in T that trapped flux adds to what a 14 T magnet reports: known by its size only."""
NO_LAG = Estimate(0.0, UNCERTAIN, "no lag known")


def branch(run: Run, way: int) -> Ramp:
    """Return one branch of a ramp, at the temperatures of the thermometer.

    Parameters
    ----------
    run
        A temperature ramp or thermal cycle.
    way
        1 for up, -1 for down.

    Returns
    -------
    Ramp
        Times, temperatures at these times, and resistances.

    Raises
    ------
    ColdpointError
        There is no such branch.
    """
    rows = run.data[run.data["Branch"] == way]
    columns = {name: rows[name].to_numpy(dtype=np.float64) for name in rows}
    when = columns["Time (s)"] - columns["Lag (s)"]
    age = columns["Cryostat age (s)"] - columns["Lag (s)"]
    found = at_reading(when, columns["Temperature (K)"], age)
    if isinstance(found, NoResult):
        raise ColdpointError(f"{run.path.name}: branch {way:+d}: {found}; measure that branch")
    return Ramp(when, found.value, columns["Resistance (ohm)"])


def lag_of(up: Run, down: Run) -> Estimate:
    """Return the lag of the sample behind the thermometer from a ramp up and one down.

    Parameters
    ----------
    up
        A ramp over a transition.
    down
        Another one over it, that ends below it; it may stop on its way while a pot fills.

    Returns
    -------
    Estimate
        In s; an uncertain zero where the ramps do not tell it.
    """
    rising, falling = branch(up, 1), branch(down, -1)
    low, top = float(np.min(falling.temperature)), float(np.max(rising.temperature)) - 0.5
    found = lag_between(rising.between(low, top), falling.between(low, top))
    return NO_LAG if isinstance(found, NoResult) else found


def of_sample(run: Run, way: int, lag: float) -> Ramp:
    """Return a branch at the temperatures of the sample, which still follows the branch before it.

    Where the ramp turns the sample needs a few lags to follow: its history tells where it is.

    Parameters
    ----------
    run
        A temperature ramp or thermal cycle.
    way
        1 for up, -1 for down.
    lag
        Of the sample in s.

    Returns
    -------
    Ramp
        All points of that branch.
    """
    own = branch(run, way)
    if -way not in set(run.data["Branch"]):
        return own.of_sample(lag)
    before = branch(run, -way)
    if not before.time[-1] < own.time[0]:
        return own.of_sample(lag)
    time = np.concatenate((before.time, own.time))
    temperature = np.concatenate((before.temperature, own.temperature))
    sample = lagging(time, temperature, lag)[len(before.time) :]
    return Ramp(own.time, sample, own.resistance)


def warming(run: Run, lag: Estimate) -> Ramp:
    """Return the branch up at the temperatures of the sample, while they move.

    Parameters
    ----------
    run
        A ramp.
    lag
        Of the sample in s.

    Returns
    -------
    Ramp
        Without the points at its ends.
    """
    return of_sample(run, 1, lag.value).moving()


def transition_of(run: Run, lag: Estimate) -> Transition | NoResult:
    """Find the transition on the branch up."""
    way = warming(run, lag)
    return resistive_transition(way.temperature, way.resistance)


def with_lag(answer: Estimate | NoResult, run: Run, lag: Estimate) -> Estimate | NoResult:
    """Return a temperature of a ramp with the error of the lag."""
    if isinstance(answer, NoResult):
        return answer
    error = math.hypot(answer.error, float(run.settings["rate_below"]) * lag.error)
    return Estimate(answer.value, error, answer.definition)


def with_flux(answer: Estimate | NoResult) -> Estimate | NoResult:
    """Return a field with the error that trapped flux makes of what the magnet reports."""
    if isinstance(answer, NoResult):
        return answer
    return Estimate(answer.value, math.hypot(answer.error, FLUX), answer.definition)


def transition_temperature(run: Run, lag: Estimate) -> Estimate | NoResult:
    """Return the onset of the transition by tangents, with the error of the lag.

    Parameters
    ----------
    run
        A ramp.
    lag
        Of the sample in s.

    Returns
    -------
    Estimate or NoResult
        In K.
    """
    found = transition_of(run, lag)
    if isinstance(found, NoResult):
        return found
    return with_lag(found.onset_tangent, run, lag)


def vanishing(run: Run, lag: Estimate) -> Estimate | NoResult:
    """Return the temperature at which what is gone of the resistance vanishes.

    Parameters
    ----------
    run
        A ramp.
    lag
        Of the sample in s.

    Returns
    -------
    Estimate or NoResult
        In K, with the error of the lag; no result where there is no transition.
    """
    found = transition_of(run, lag)
    tangent = found if isinstance(found, NoResult) else found.onset_tangent
    if isinstance(tangent, NoResult):
        return tangent
    way = warming(run, lag)
    return with_lag(vanishing_temperature(way.temperature, way.resistance, tangent.value), run, lag)


def largest_rise(
    values: Sequence[Estimate], words: str = "largest step to the next, in K"
) -> Estimate | NoResult:
    """Return the largest step from one value to the next; below zero if they all fall.

    Parameters
    ----------
    values
        In their order.
    words
        What the step is, and its unit.

    Returns
    -------
    Estimate or NoResult
        No result with fewer than two.
    """
    if len(values) < 2:
        return NoResult(f"there are {len(values)} results to compare; 2 are needed")
    steps = [after.value - before.value for before, after in itertools.pairwise(values)]
    place = int(np.argmax(steps))
    error = math.hypot(values[place].error, values[place + 1].error)
    return Estimate(steps[place], error, words)


def found_only(values: Sequence[Estimate | NoResult]) -> list[Estimate]:
    """Return those that have a result."""
    return [value for value in values if isinstance(value, Estimate)]


def overlap(one: Ramp, other: Ramp, low: float, high: float) -> Estimate:
    """Return the rms relative difference of two curves between two temperatures, in %.

    Parameters
    ----------
    one
        A curve.
    other
        Another one over the same temperatures.
    low
        Lowest temperature in K.
    high
        Highest temperature in K.

    Returns
    -------
    Estimate
        The error is that of an rms of so many differences.
    """
    grid: FloatArray = np.linspace(low, high, 60)
    ratio = _on(other, grid) / _on(one, grid) - 1.0
    rms = 100.0 * float(np.sqrt(np.mean(ratio**2)))
    return Estimate(rms, rms / math.sqrt(2.0 * len(grid)), "rms of the difference of R, in %")


def _on(way: Ramp, grid: FloatArray) -> FloatArray:
    order = np.argsort(way.temperature, kind="stable")
    return np.asarray(np.interp(grid, way.temperature[order], way.resistance[order]))
