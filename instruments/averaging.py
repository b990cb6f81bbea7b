"""Average the outputs of a lock-in: many correlated readings behind a short time constant.

White noise behind n equal RC poles is correlated over a few time constants, with a correlation
that is known; the readings are weighted by it (Aitken 1935), and their scatter about the fit gives
the standard error. What the multiplier leaves besides (twice the reference, line pick-up) is a set
of tones whose frequencies are known too; sampled they stand at aliased frequencies and are fitted
together with the mean. A tone that is sampled to zero frequency cannot be told from the signal:
`judge_frequency` finds the reference frequencies that avoid it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from instruments.clock import Clock
from instruments.lockin import LockinReading, Readable
from instruments.reference_frequency import (
    POLL_INTERVAL,
    REFRESH,
    Detection,
    aliased,
    disturbing_tones,
)
from instruments.waiting import Steps, wait

FEWEST = 8
"""Readings of the shortest average."""
LEAST_WHITE = 1e-3
"""Share of the variance that is taken as uncorrelated at least: keeps the weights finite."""
SHARES = 4.0
"""Steps per factor of two in which that share is rounded, so that weights can be kept."""
BANDWIDTH = (1.0 / 4.0, 1.0 / 8.0, 3.0 / 32.0, 5.0 / 64.0)
"""Equivalent noise bandwidth times the time constant, for 1 to 4 poles."""

ComplexArray = NDArray[np.complex128]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class AverageStatus:
    """What the lock-in said of any of the readings."""

    overload: bool
    reference_unlocked: bool


@dataclass(frozen=True, slots=True)
class Average:
    """The mean of many readings.

    Parameters
    ----------
    x, y
        In-phase signal and quadrature, rms in V.
    x_error, y_error
        One standard error in V: noise, as the readings scatter, and quantisation.
    density
        White noise at the input in V/rtHz, as the readings scatter.
    readings
        How many were used.
    status
        What the lock-in said of any of them.
    """

    x: float
    y: float
    x_error: float
    y_error: float
    density: float
    readings: int
    status: AverageStatus


@dataclass(frozen=True, slots=True)
class _Weights:
    """How readings at certain times become a mean.

    Parameters
    ----------
    solve
        From readings to the mean and the amplitudes of the tones; shape (1 + tones, n).
    design
        The way back; shape (n, 1 + tones).
    inverse
        Of the correlation matrix; shape (n, n).
    variance
        Of the mean, for readings of unit variance.
    """

    solve: ComplexArray
    design: ComplexArray
    inverse: FloatArray
    variance: float


def correlation(poles: int, steps: FloatArray) -> FloatArray:
    """Return the correlation of white noise behind `poles` equal RC poles.

    The inverse transform of (1 + w^2)^-n is exp(-s) times a reverse Bessel polynomial of 2s.

    Parameters
    ----------
    poles
        1 to 4.
    steps
        Time between two readings over the time constant, not negative; any shape.

    Returns
    -------
    array
        1 at zero; the shape of `steps`.
    """
    n = poles
    total = np.zeros_like(steps)
    for k in range(n):
        above = math.factorial(n - 1) * math.factorial(2 * n - 2 - k)
        below = math.factorial(2 * n - 2) * math.factorial(n - 1 - k) * math.factorial(k)
        total += above / below * (2.0 * steps) ** k
    decayed: FloatArray = total * np.exp(-steps)
    return decayed


def average(lockin: Readable, clock: Clock, dwell: float, detection: Detection) -> Steps[Average]:
    """Poll a settled lock-in for `dwell` s and average.

    Readings are taken every 10 ms, or as often as the bus allows in multiples of that.

    Parameters
    ----------
    lockin
        Settled.
    clock
        The clock of the station.
    dwell
        In s; at least 8 readings are taken.
    detection
        How the lock-in is set.

    Returns
    -------
    Average
        With its standard errors.
    """
    times: list[float] = []
    values: list[complex] = []
    overload = unlocked = False
    began = clock.now()
    turn, last = 0, max(FEWEST, round(dwell / POLL_INTERVAL))
    while turn < last or len(times) < FEWEST:
        moment, reading = yield from _reading_at(lockin, clock, began + turn * POLL_INTERVAL)
        times.append(moment)
        values.append(complex(reading.x, reading.y))
        overload = overload or reading.status.overload
        unlocked = unlocked or reading.status.reference_unlocked
        turn = max(turn + 1, math.ceil((clock.now() - began) / POLL_INTERVAL - 1e-6))
    status = AverageStatus(overload, unlocked)
    return mean_of_correlated(times, values, detection, status)


def _reading_at(lockin: Readable, clock: Clock, due: float) -> Steps[tuple[float, LockinReading]]:
    """Wait for a time and read; return when, and what."""
    yield from wait(clock, max(0.0, due - clock.now()), "the average")
    return clock.now(), lockin.read_xy()


def mean_of_correlated(
    times: Sequence[float],
    values: Sequence[complex],
    detection: Detection,
    status: AverageStatus = AverageStatus(overload=False, reference_unlocked=False),
) -> Average:
    """Return the weighted mean of readings X + iY, and its standard error.

    Parameters
    ----------
    times
        In s, rising; they matter to the refresh of the outputs, 5 ms. Shape (n,).
    values
        In V. Shape (n,).
    detection
        How the lock-in was set.
    status
        For the result.

    Returns
    -------
    Average
        A mean of fewer readings where several saw the same refresh.
    """
    index = np.rint((np.asarray(times) - times[0]) / REFRESH).astype(int)
    index, first = np.unique(index, return_index=True)
    z = np.asarray(values, np.complex128)[first]
    steps = tuple(int(i) for i in index)
    tones = _separable(steps, detection)
    spread = _spread(steps, tones, z)
    grain = detection.quantum**2 / 12.0
    white = min(1.0, max(LEAST_WHITE, grain / spread if spread > 0.0 else 1.0))
    white = min(1.0, 2.0 ** (round(SHARES * math.log2(white)) / SHARES))
    ratio = REFRESH / detection.time_constant
    weights = _weights(steps, ratio, detection.poles, tones, white)
    found = weights.solve @ z
    rest = z - weights.design @ found
    freedom = len(steps) - len(found)
    parts = [float(part @ weights.inverse @ part) / freedom for part in (rest.real, rest.imag)]
    stuck = _undithered(z, detection.quantum)
    errors = [math.sqrt(part * weights.variance + stuck) for part in parts]
    bandwidth = BANDWIDTH[detection.poles - 1] / detection.time_constant
    density = math.sqrt(0.5 * sum(parts) * (1.0 - white) / bandwidth)
    mean = complex(found[0])
    return Average(mean.real, mean.imag, errors[0], errors[1], density, len(steps), status)


def _separable(steps: tuple[int, ...], detection: Detection) -> tuple[float, ...]:
    """Return the aliased frequencies in Hz that can be told from zero and from each other."""
    span = REFRESH * (steps[-1] + 1)
    interval = REFRESH * float(np.median(np.diff(steps)))
    kept: list[float] = []
    for tone in disturbing_tones(detection):
        seen = aliased(tone, interval)
        apart = all(abs(aliased(seen - other, interval)) > 0.5 / span for other in (0.0, *kept))
        if apart and 3 * (len(kept) + 1) < len(steps):
            kept.append(seen)
    return tuple(kept)


def _spread(steps: tuple[int, ...], tones: tuple[float, ...], z: ComplexArray) -> float:
    """Return the variance of X and Y about mean and tones, mean of the two."""
    design = _design(steps, tones)
    found = np.linalg.lstsq(design, z, rcond=None)[0]
    left = z - design @ found
    spread: float = float(np.sum(np.abs(left) ** 2)) / (2.0 * (len(z) - design.shape[1]))
    return spread


def _design(steps: tuple[int, ...], tones: tuple[float, ...]) -> ComplexArray:
    times = REFRESH * np.asarray(steps, float)[:, np.newaxis]
    design: ComplexArray = np.exp(2j * np.pi * times * np.array((0.0, *tones)))
    return design


@lru_cache(maxsize=512)
def _weights(
    steps: tuple[int, ...], ratio: float, poles: int, tones: tuple[float, ...], white: float
) -> _Weights:
    index = np.asarray(steps, float)
    distance = np.abs(index[:, np.newaxis] - index) * ratio
    matrix = (1.0 - white) * correlation(poles, distance) + white * np.eye(len(index))
    inverse = cho_solve(cho_factor(matrix), np.eye(len(index)))
    design = _design(steps, tones)
    weighted = design.conj().T @ inverse
    normal = np.linalg.inv(weighted @ design)
    return _Weights(normal @ weighted, design, inverse, float(normal[0, 0].real))


def _undithered(z: ComplexArray, quantum: float) -> float:
    """Return the variance in V^2 that rounding leaves in a mean, however many readings it has.

    With Gaussian dither of rms s it falls as exp(-(2 pi s/q)^2) (Widrow 1961), from q^2/12.
    """
    if quantum <= 0.0:
        return 0.0
    grain = quantum**2 / 12.0
    dither = max(0.0, 0.5 * float(np.var(z)) - grain)
    left: float = grain * math.exp(-min(700.0, (2.0 * math.pi / quantum) ** 2 * dither))
    return left
