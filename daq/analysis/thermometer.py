"""The temperature of the sample at the time of a reading.

A record carries the last sample of the cryostat, which is up to one polling period old, and the
sample in the cryostat follows its thermometer with a lag. Both shift a curve that is taken on a
ramp: at 3 K/min a second is 50 mK. The first is undone by interpolating between the samples of the
cryostat, the second by the lag, which the curves of a ramp up and a ramp down tell.

A ramp may stop on its way: below 4.2 K a cryostat stands still for minutes while a pot fills with
helium. The sample catches up then, and falls behind again after it. The lag is told from curves
against its own temperature, by `lagging`, without the rows in which that stands still, by
`Ramp.moving`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from daq.analysis.result import Estimate, FloatArray, NoResult, finite_pairs
from daq.analysis.smoothing import robust_sigma, sharp_smoother, thinned

LEAST_SAMPLES = 3
LEAST_POINTS = 25
SAME = 0.05
"""Difference in s that the times of one sample of the cryostat may have between records."""
STEEP = 6.0
"""Largest slope in units of its error that makes a feature."""
NO_RAMPS = f"a ramp up and a ramp down of {LEAST_POINTS} points each are needed"
NO_FEATURE = "the curves have no feature from which their distance could be told"
ROUNDS = 20
STANDING = 0.5
"""Fraction of the usual rate below which a ramp stands still."""
PASSES = 10
CLOSE = 0.1
"""Change of the lag in units of its error after which it is found."""
NARROW = 4.0
"""Least time in s to either side over which a rate is told: two samples of the cryostat."""
GAP = 5.0
"""Time between rows in units of the usual one from which a row is missing between them."""


@dataclass(frozen=True, slots=True)
class AtReading:
    """A quantity of the cryostat at the times of the readings.

    Parameters
    ----------
    value
        In the unit of the column, shape (n,).
    error
        One sigma of each value from the scatter of the samples, in the same unit.
    samples
        Distinct samples of the cryostat that were found.
    """

    value: FloatArray
    error: float
    samples: int


@dataclass(frozen=True, slots=True)
class Ramp:
    """One curve taken on a ramp.

    Parameters
    ----------
    time
        In s, rising, shape (n,).
    temperature
        Of the thermometer at these times in K.
    resistance
        In ohm.
    """

    time: FloatArray
    temperature: FloatArray
    resistance: FloatArray

    @property
    def rate(self) -> float:
        """Return the mean rate in K/s over the time in which there are rows."""
        steps = np.diff(self.time)
        whole = (steps > 0.0) & (steps <= GAP * np.median(steps))
        return float(np.diff(self.temperature)[whole].sum() / steps[whole].sum())

    def moving(self) -> "Ramp":
        """Return the part in which the temperature moves.

        A row is left out where the temperature changes less than half as fast as usual. Usual is
        the rate up to which half of the way is passed, so that a stop does not count for the time
        that it takes. The rate is told from the temperature up to 4 s, or a hundredth of the ramp,
        to either side.
        """
        if len(self.time) < LEAST_SAMPLES:
            return self
        t, span = self.time, float(self.time[-1] - self.time[0])
        half = max(NARROW, 3.0 * float(np.median(np.diff(t))), 0.01 * span)
        early, late = np.clip(t - half, t[0], None), np.clip(t + half, None, t[-1])
        way = np.interp(late, t, self.temperature) - np.interp(early, t, self.temperature)
        rate = np.abs(way / (late - early))
        order = np.argsort(rate)
        passed = np.cumsum(rate[order] * np.gradient(t)[order])
        usual = rate[order][np.searchsorted(passed, 0.5 * passed[-1])]
        kept = rate >= STANDING * usual
        return Ramp(t[kept], self.temperature[kept], self.resistance[kept])

    def of_sample(self, lag: float) -> "Ramp":
        """Return the same against the temperature of a sample that lags by `lag` s."""
        return Ramp(self.time, lagging(self.time, self.temperature, lag), self.resistance)

    def between(self, low: float, high: float) -> "Ramp":
        """Return the part between two temperatures in K."""
        kept = (self.temperature >= low) & (self.temperature <= high)
        return Ramp(self.time[kept], self.temperature[kept], self.resistance[kept])


def at_reading(time: FloatArray, value: FloatArray, age: FloatArray) -> AtReading | NoResult:
    """Interpolate the samples of the cryostat to the times of the readings.

    Readings after the last sample are extrapolated along the line through the last two.

    Parameters
    ----------
    time
        Of the readings in s, rising, shape (n,).
    value
        Column of the cryostat, such as the temperature in K, shape (n,).
    age
        Of the sample of the cryostat at each reading in s, shape (n,).

    Returns
    -------
    AtReading or NoResult
        No result where there are fewer than three distinct samples.
    """
    taken = np.asarray(time, dtype=np.float64) - np.asarray(age, dtype=np.float64)
    try:
        when, what = finite_pairs(taken, value, LEAST_SAMPLES)
    except ValueError as problem:
        return NoResult(str(problem))
    first = np.flatnonzero(np.append(True, (np.diff(when) > SAME)))
    counts = np.diff(np.append(first, len(when)))
    if len(first) < LEAST_SAMPLES:
        return NoResult(f"there are {len(first)} distinct samples of the cryostat; 3 are needed")
    when = np.add.reduceat(when, first) / counts
    what = np.add.reduceat(what, first) / counts
    beyond = np.clip(time - when[-1], 0.0, None)
    slope = (what[-1] - what[-2]) / (when[-1] - when[-2])
    # a point and the line through its neighbours differ by sqrt(3/2) of the scatter of a sample
    share = (when[1:-1] - when[:-2]) / (when[2:] - when[:-2])
    straight = what[:-2] + share * (what[2:] - what[:-2])
    scatter = (what[1:-1] - straight) / np.sqrt(1.0 + share**2 + (1.0 - share) ** 2)
    sigma = robust_sigma(scatter) if len(scatter) > LEAST_SAMPLES else float(np.std(scatter))
    return AtReading(np.interp(time, when, what) + slope * beyond, sigma, len(when))


def lag_between(up: Ramp, down: Ramp) -> Estimate | NoResult:
    """Estimate the lag of the sample behind the thermometer from two ramps over one feature.

    A sample that lags by tau is at T - tau dT/dt, so that the curves of a ramp up and a ramp down
    are apart by tau times the difference of the rates: twice tau times the rate if both are alike.
    The difference is the shift at which the curves match best, weighted by their slope. Where a
    ramp stops on its way, that is done again with the temperature of a sample of the lag that was
    found, without the rows in which it stands still, until both agree; nothing is compared over the
    gap that these leave.

    Parameters
    ----------
    up
        The ramp to higher temperatures.
    down
        The ramp to lower ones over the same range, in which the resistance changes.

    Returns
    -------
    Estimate or NoResult
        In s; no result where the curves are too short, or have no feature to compare.
    """
    rising, falling = up.moving(), down.moving()
    if min(len(rising.time), len(falling.time)) < LEAST_POINTS:
        return NoResult(NO_RAMPS)
    rates = rising.rate, falling.rate
    found = _lag_of(rising, falling, rates)
    if len(rising.time) == len(up.time) and len(falling.time) == len(down.time):
        return found
    for _ in range(PASSES):
        if isinstance(found, NoResult):
            return found
        lag = max(0.0, found.value)
        left = _lag_of(up.of_sample(lag).moving(), down.of_sample(lag).moving(), rates)
        if isinstance(left, NoResult):
            return left
        found = Estimate(lag + left.value, left.error, left.definition)
        if abs(left.value) < CLOSE * left.error:
            break
    return found


def _lag_of(up: Ramp, down: Ramp, rates: tuple[float, float]) -> Estimate | NoResult:
    """Estimate the lag from the distance of two curves, given the rates of the thermometer."""
    if len(up.time) < LEAST_POINTS or len(down.time) < LEAST_POINTS:
        return NoResult(NO_RAMPS)
    apart = rates[0] - rates[1]
    if apart <= 0.0:
        return NoResult(NO_RAMPS)
    rising, falling = _Smooth.of(up), _Smooth.of(down)
    if rising is None or falling is None:
        return NoResult("the temperature stands still; interpolate it to the times of the readings")
    if min(rising.steepness, falling.steepness) < STEEP:
        return NoResult(NO_FEATURE)
    shift = 0.0
    for _ in range(ROUNDS):
        step, error = _mismatch(rising, falling, shift)
        shift += step
        if abs(step) < 1e-3 * error:
            break
    reach = min(rising.reach, falling.reach)
    if not error < 0.1 * reach or abs(shift) > 0.5 * reach:
        return NoResult(NO_FEATURE)
    return Estimate(
        float(shift / apart),
        float(error / apart),
        "lag in s: up and down differ by lag times rates",
    )


def lagging(time: FloatArray, temperature: FloatArray, lag: float) -> FloatArray:
    """Return the temperature of a sample that follows a thermometer with a lag.

    The first-order response to straight lines between the points; at the first point the sample
    already follows the ramp.

    Parameters
    ----------
    time
        In s, rising, shape (n,).
    temperature
        Of the thermometer in K, shape (n,).
    lag
        In s; zero returns the temperature.

    Returns
    -------
    array
        Of the sample in K, shape (n,).
    """
    if lag == 0.0:
        return np.array(temperature, dtype=np.float64)
    steps = np.diff(time)
    rates = np.diff(temperature) / np.where(steps > 0.0, steps, 1.0)
    few = min(len(time), 10)
    start = np.polynomial.Polynomial.fit(time[:few], temperature[:few], 1).deriv()(time[0])
    behind = np.empty(len(time))
    behind[0] = lag * float(start)
    kept = np.exp(-steps / lag)
    for i, (keep, rate) in enumerate(zip(kept, rates, strict=True)):
        behind[i + 1] = behind[i] * keep + lag * rate * (1.0 - keep)
    return np.asarray(temperature - behind)


@dataclass(frozen=True, slots=True)
class _Smooth:
    t: FloatArray
    r: FloatArray
    slope: FloatArray
    sigma: float
    density: float
    steepness: float

    @classmethod
    def of(cls, ramp: Ramp) -> "_Smooth | None":
        t, r = thinned(*finite_pairs(ramp.temperature, ramp.resistance, LEAST_POINTS))
        if len(t) < LEAST_POINTS:
            return None
        curve = sharp_smoother(t, r)
        sigma = robust_sigma(curve.residuals(r))
        slope = curve.derivative(r)
        errors = max(sigma, 1e-9 * float(np.max(np.abs(r)))) * curve.slope_error
        steepness = float(np.max(np.abs(slope) / errors))
        return cls(t, curve.smooth(r), slope, sigma, len(t) / float(np.ptp(t)), steepness)

    @property
    def reach(self) -> float:
        return float(np.ptp(self.t))

    def known(self, places: FloatArray) -> NDArray[np.bool_]:
        """Tell where the curve has points beside each other, and not a straight line over a gap."""
        steps = np.diff(self.t)
        beside = np.clip(np.searchsorted(self.t, places), 1, len(steps)) - 1
        return np.asarray(steps[beside] <= GAP * np.median(steps))


def _mismatch(up: _Smooth, down: _Smooth, shift: float) -> tuple[float, float]:
    """Return by how much the shift between the curves is wrong, and the error of that, in K."""
    half = 0.5 * shift
    low = max(up.t[0] - half, down.t[0] + half)
    high = min(up.t[-1] - half, down.t[-1] + half)
    if not low < high:
        return 0.0, np.inf
    grid = np.linspace(low, high, 400)
    spacing = (high - low) / len(grid)
    grid = grid[up.known(grid + half) & down.known(grid - half)]
    if len(grid) < LEAST_POINTS:
        return 0.0, np.inf
    difference = np.interp(grid + half, up.t, up.r) - np.interp(grid - half, down.t, down.r)
    slope = 0.5 * (
        np.interp(grid + half, up.t, up.slope) + np.interp(grid - half, down.t, down.slope)
    )
    difference -= np.mean(difference)
    slope -= np.mean(slope)
    strength = float(slope @ slope) * spacing
    if strength <= 0.0:
        return 0.0, np.inf
    variance = up.sigma**2 / up.density + down.sigma**2 / down.density
    return -float(difference @ slope) * spacing / strength, float(np.sqrt(variance / strength))
