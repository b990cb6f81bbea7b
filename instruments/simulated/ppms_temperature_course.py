"""Courses of the simulated block: ramps, the regimes at 10 K and 4.2 K, and the approach.

Durations and sizes marked (assumed) were not found in any document; all can be set.
"""

from dataclasses import dataclass, field
from math import e, inf, log

import numpy as np

from instruments.simulated.ppms_motion import Latency, Piece

TRACKING, POT = 2, 7
TEN_KELVIN = 10.0
WARM = 50.0
POT_LEVEL = 4.2
FAST_SETTLE, NO_OVERSHOOT = 0, 1
NOTHING = 1e-4
"""Deviation in K below which a tail is cut off."""


@dataclass(frozen=True)
class TemperatureOptions:
    """How the block behaves in time.

    Parameters
    ----------
    lowest
        Of the settable range in K.
    highest
        Of the settable range in K.
    fastest
        Cap of the rate in K/min (assumed 12; 20 is accepted by MultiPyVu).
    slowest
        Least rate in K/min.
    fastest_below_ten
        Cap while cooling below 10 K in K/min.
    fastest_in_pot
        Cap while cooling below 4.2 K in K/min (assumed).
    overshoot
        Fraction of the step by which fast settle overshoots, least and most (assumed).
    overshoot_limit
        Most it overshoots, in K (assumed).
    overshoot_tau
        Time constant of the overshoot in s (assumed).
    approach_fraction
        Last part of the step that no overshoot approaches exponentially (assumed).
    approach_tau
        Time constant of that in s (assumed).
    tolerance
        Relative deviation within which the block counts as near (assumed).
    least_tolerance
        The same, at least, in K (assumed).
    stable_after
        Time inside the tolerance until the status says stable, in s (assumed).
    ten_kelvin_hold
        Hold at 10 K while cooling, in s per K that the block was above 10 K, counted up to 50 K.
    pot_fill
        Least and longest time to fill the pot at 4.2 K, in s (assumed).
    pot_empty
        Time during which the status says pot operation when warming through 4.2 K, in s (assumed).
    drift
        Slow wandering, relative to the temperature (assumed).
    noise
        Of a reading above 10 K, relative (assumed).
    noise_below_ten
        Of a reading below 10 K, relative (assumed).
    standby
        Where a shut-down cryostat drifts to, in K (assumed).
    standby_tau
        How slowly, in s (assumed).
    latency
        Of status and motion after a command.
    """

    lowest: float = 1.8
    highest: float = 400.0
    fastest: float = 12.0
    slowest: float = 0.01
    fastest_below_ten: float = 2.0
    fastest_in_pot: float = 1.0
    overshoot: tuple[float, float] = (0.01, 0.02)
    overshoot_limit: float = 2.0
    overshoot_tau: float = 30.0
    approach_fraction: float = 0.05
    approach_tau: float = 60.0
    tolerance: float = 0.005
    least_tolerance: float = 0.02
    stable_after: float = 60.0
    ten_kelvin_hold: float = 30.0
    pot_fill: tuple[float, float] = (300.0, 600.0)
    pot_empty: float = 30.0
    drift: float = 2e-5
    noise: float = 2e-4
    noise_below_ten: float = 1e-3
    standby: float = 100.0
    standby_tau: float = 6 * 3600.0
    latency: Latency = field(default_factory=Latency)

    def warm_until(self, when: float, temperature: float) -> float:
        """Return until when, in s, a temperature in K at a time keeps a cooling block at 10 K."""
        above = min(temperature, WARM) - TEN_KELVIN
        return when + self.ten_kelvin_hold * above if above > 0.0 else -inf

    def allowed(self, target: float) -> float:
        """Return the deviation in K within which the block counts as near."""
        return max(self.tolerance * target, self.least_tolerance)


@dataclass(frozen=True, slots=True)
class Misfit:
    """Factors by which this cryostat differs from the book.

    Parameters
    ----------
    rate
        Of every ramp.
    settling
        Of every settling time.
    pot
        Of the time to fill the pot.
    """

    rate: float = 1.0
    settling: float = 1.0
    pot: float = 1.0


@dataclass(frozen=True, slots=True)
class History:
    """What a new course must know about the past.

    Parameters
    ----------
    warm_until
        Time in s before which the 10 K stage has not let go of its warmth.
    fill
        Begin and end in s of the last filling of the pot; infinite when it is empty.
    """

    warm_until: float = -inf
    fill: tuple[float, float] = (inf, inf)

    def left(self, when: float, temperature: float) -> float | None:
        """Return the seconds left of a filling; 0 for a full pot, None for an empty one."""
        begin, end = self.fill
        if temperature > POT_LEVEL + 0.05 or when < begin:
            return None
        return max(0.0, end - when)


class TemperatureCourse:
    """Lay pieces one after the other, from where the block is.

    Parameters
    ----------
    options
        How the block behaves.
    misfit
        How it differs from the book.
    generator
        Of overshoots and filling times.
    history
        What the past asks for.
    when
        At which the course begins, in s.
    value
        Temperature at that time in K.
    """

    def __init__(
        self,
        options: TemperatureOptions,
        misfit: Misfit,
        generator: np.random.Generator,
        history: History,
        *,
        when: float,
        value: float,
    ) -> None:
        self.options = options
        self.pieces: list[Piece] = []
        self.time = when
        self.value = value
        self.ramp_end = when
        self._misfit = misfit
        self._random = generator
        self._history = history
        self._left = history.left(when, value)
        self.fill = (inf, inf) if self._left is None else (-inf, when + self._left)

    def go(self, target: float, rate: float, mode: int) -> None:
        """Go to `target` K at `rate` K/s through the regimes on the way."""
        if target < self.value:
            rate = self._cool(target, rate)
        elif self.value < POT_LEVEL < target:
            self._leave_pot(target, rate)
        if mode == NO_OVERSHOOT:
            self._creep(target, rate)
        else:
            self._fast(target, rate)

    def _cool(self, target: float, rate: float) -> float:
        """Pass 10 K and 4.2 K; return the rate in K/s that is left."""
        if target < TEN_KELVIN <= self.value + 1e-9:
            self._wait_at_ten_kelvin(rate)
        if self.value <= TEN_KELVIN + 1e-9:
            rate = min(rate, self.options.fastest_below_ten / 60.0)
        if target < POT_LEVEL:
            self._fill_pot(rate)
            rate = min(rate, self.options.fastest_in_pot / 60.0)
        return rate

    def _wait_at_ten_kelvin(self, rate: float) -> None:
        start, top = self.time, self.value
        self._line(TEN_KELVIN, rate)
        free = max(self._history.warm_until, self.options.warm_until(start, top))
        if top > WARM:
            passed = start + (top - WARM) / rate
            free = max(free, self.options.warm_until(passed, WARM))
        self._hold(free - self.time, TRACKING)

    def _fill_pot(self, rate: float) -> None:
        if self._left is None:
            self._line(POT_LEVEL, rate)
            self._left = float(self._random.uniform(*self.options.pot_fill)) * self._misfit.pot
        if self._left > 0.0:
            self.fill = (self.time, self.time + self._left)
            self._hold(self._left, POT)

    def _leave_pot(self, target: float, rate: float) -> None:
        self._line(POT_LEVEL, rate)
        length = min(self.options.pot_empty * rate, 0.5 * (target - POT_LEVEL))
        self._line(self.value + length, rate, POT)

    def _line(self, to: float, rate: float, code: int = TRACKING) -> None:
        if abs(to - self.value) < 1e-9:
            return
        duration = abs(to - self.value) / rate
        slope = (to - self.value) / duration
        self.pieces.append(Piece(self.time, self.value, slope=slope, code=code))
        self.time += duration
        self.value = to

    def _hold(self, duration: float, code: int) -> None:
        if duration > 0.0:
            self.pieces.append(Piece(self.time, self.value, code=code))
            self.time += duration

    def _fast(self, target: float, rate: float) -> None:
        step = target - self.value
        tau = self.options.overshoot_tau * self._misfit.settling
        part = float(self._random.uniform(*self.options.overshoot))
        over = min(part * abs(step), self.options.overshoot_limit, rate * tau)
        self._line(target, rate)
        self.ramp_end = self.time
        if over > NOTHING:
            bump = over * e / tau * (1.0 if step > 0.0 else -1.0)
            self.pieces.append(Piece(self.time, target, bump=bump, tau=tau))
            self.time += tau * (4.0 + 1.3 * log(over / NOTHING))
        self.pieces.append(Piece(self.time, target))

    def _creep(self, target: float, rate: float) -> None:
        step = target - self.value
        tau = self.options.approach_tau * self._misfit.settling
        rest = min(self.options.approach_fraction * abs(step), rate * tau)
        sign = 1.0 if step > 0.0 else -1.0
        self._line(target - sign * rest, rate)
        self.ramp_end = self.time
        if rest > NOTHING:
            self.pieces.append(Piece(self.time, target, amount=-sign * rest, tau=tau))
            self.time += tau * log(rest / NOTHING)
        self.pieces.append(Piece(self.time, target))
