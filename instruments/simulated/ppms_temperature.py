"""Block of the simulated PPMS: its temperature, its controller, and the status of both."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf, log, pi, sin

import numpy as np

from instruments.simulated.ppms_motion import Lateness, Piece, Trajectory
from instruments.simulated.ppms_temperature_course import (
    FAST_SETTLE,
    NOTHING,
    POT,
    POT_LEVEL,
    TRACKING,
    WARM,
    History,
    Misfit,
    TemperatureCourse,
    TemperatureOptions,
)

STABLE, NEAR, CHASING, STANDBY, DISABLED, IMPEDANCE, FAILURE = 1, 5, 6, 10, 13, 14, 15
GRID = 0.5
"""Step in s of the absolute grid on which settling is judged, so that polling changes nothing."""
DRIFT_STEP = 10.0
DRIFT_PERIOD = 1800.0
"""Of the slow wandering in s (assumed)."""


@dataclass(slots=True)
class Judge:
    """Decide between chasing, near and stable, with hysteresis, on an absolute grid of time."""

    tolerance: float
    stable_after: float
    looked: float
    code: int = STABLE
    inside_since: float = -inf

    def restart(self, when: float, tolerance: float) -> None:
        """Begin anew at the time at which the ramp ends."""
        self.tolerance = tolerance
        self.code = CHASING
        self.looked = when

    def advance(self, now: float, deviation: Callable[[float], float], quiet: float) -> int:
        """Look at every grid time up to `now`; from `quiet` s on the deviation is zero."""
        while self.looked + GRID <= now:
            if self.looked >= quiet:
                self._leap(now)
                break
            step = (self.looked // GRID + 1.0) * GRID
            self._look(step, abs(deviation(step)))
        return self.code

    def _look(self, when: float, deviation: float) -> None:
        self.looked = when
        allowed = self.tolerance * (2.0 if self.code == STABLE else 1.0)
        if deviation > allowed:
            self.code = CHASING
        elif self.code == CHASING:
            self.code, self.inside_since = NEAR, when
        elif when - self.inside_since >= self.stable_after:
            self.code = STABLE

    def _leap(self, now: float) -> None:
        if self.code == CHASING:
            self.code, self.inside_since = NEAR, self.looked
        self._look((now // GRID) * GRID, 0.0)


class Block:
    """The block under the sample puck, its controller and the status of both.

    Parameters
    ----------
    options
        How it behaves.
    misfit
        How it differs from the book.
    generator
        Of overshoots, latencies and filling times.
    now
        The present in s.
    temperature
        At which it starts settled, in K.
    """

    def __init__(
        self,
        options: TemperatureOptions,
        misfit: Misfit,
        generator: np.random.Generator,
        now: float,
        temperature: float,
    ) -> None:
        self.options = options
        self.setpoint = (temperature, options.fastest, FAST_SETTLE)
        self.disturbance: Callable[[float], float] = _none
        self.disturbed_until: Callable[[], float] = _never
        self._misfit = misfit
        self._random = generator
        self._path = Trajectory(Piece(now, temperature))
        self._late = Lateness()
        patience = options.stable_after * misfit.settling
        self._judge = Judge(options.allowed(temperature), patience, looked=now)
        self._ramp_end = now
        self._planned = now
        fill = (-inf, now) if temperature <= POT_LEVEL else (inf, inf)
        self._history = History(fill=fill)
        self._phase = float(generator.uniform(0.0, 2.0 * pi))
        self._note_warmth(now, temperature)

    @property
    def until(self) -> float:
        """Return the time in s at which the block comes to rest by itself."""
        return self._path.last_start

    def value(self, now: float) -> float:
        """Return the true temperature in K, without what the rotator adds."""
        base = self._path.at(now).value(now)
        if self.options.drift == 0.0:
            return base
        moment = now // DRIFT_STEP * DRIFT_STEP
        wander = sin(2.0 * pi * moment / DRIFT_PERIOD + self._phase)
        return base * (1.0 + self.options.drift * wander)

    def filling(self, start: float, end: float) -> float:
        """Return the time in s between two times that was spent on pot operation."""
        return sum(
            stop - begin for piece, begin, stop in self._path.spans(start, end) if piece.code == POT
        )

    def status(self, now: float) -> int:
        """Return the status code that is shown, 0 to 15."""
        return self._late.show(now, self._code(now))

    def set(self, now: float, target: float, rate: float, mode: int) -> None:
        """Lay down a new course to `target` K at `rate` K/min.

        Parameters
        ----------
        now
            The present in s.
        target
            In K.
        rate
            In K/min.
        mode
            0 fast settle, 1 no overshoot.
        """
        self.setpoint = (target, rate, mode)
        if self._path.at(now).code in {IMPEDANCE, FAILURE}:
            return
        shown = self.status(now)
        late, unknown = self.options.latency.draw(*self._random.uniform(size=2))
        begin = now + late / 2.0
        self._remember(begin)
        self._late.hold(shown, now + late, unknown)
        course = TemperatureCourse(
            self.options,
            self._misfit,
            self._random,
            self._history,
            when=begin,
            value=self._path.at(begin).value(begin),
        )
        course.go(target, rate / 60.0 * self._misfit.rate, mode)
        self._path.follow(course.pieces)
        self._planned = begin
        self._ramp_end = course.ramp_end
        self._history = replace(self._history, fill=course.fill)
        self._judge.restart(course.ramp_end, self.options.allowed(target))

    def fall_to(self, now: float, code: int, towards: float, tau: float) -> None:
        """Leave control: drift towards a temperature in K with `tau` s while `code` is shown.

        Parameters
        ----------
        now
            The present in s.
        code
            Status code.
        towards
            In K.
        tau
            Time constant in s.
        """
        value = self._path.at(now).value(now)
        self._remember(now)
        self._late.hold(code, now)
        settled = now + tau * max(1.0, log(max(abs(value - towards), NOTHING) / NOTHING))
        self._path.follow(
            (
                Piece(now, towards, amount=value - towards, tau=tau, code=code),
                Piece(settled, towards, code=code),
            )
        )
        self._planned = self._ramp_end = now
        self._history = replace(self._history, fill=(inf, inf))
        self._judge.restart(now, self.options.allowed(value))

    def repair(self, now: float) -> None:
        """Take up control again after a failure, towards the last set point."""
        present = self._path.at(now)
        if present.code not in {STANDBY, DISABLED, IMPEDANCE, FAILURE}:
            return
        self._path.follow((Piece(now, present.value(now)),))
        self._judge.restart(now, self._judge.tolerance)
        self.set(now, *self.setpoint)

    def _code(self, now: float) -> int:
        piece = self._path.at(now)
        if now < self._ramp_end or piece.code not in {0, TRACKING, POT}:
            return piece.code or TRACKING
        quiet = max(self.until, self.disturbed_until())
        return self._judge.advance(now, self._deviation, quiet)

    def _deviation(self, when: float) -> float:
        return self._path.at(when).value(when) + self.disturbance(when) - self.setpoint[0]

    def _remember(self, now: float) -> None:
        """Note how warm the block has been since the last command."""
        for piece, begin, end in self._path.spans(self._planned, now):
            self._note_warmth(begin, piece.value(begin))
            self._note_warmth(end, piece.value(end))
            if piece.slope:
                crossing = piece.start + (WARM - piece.base) / piece.slope
                if begin < crossing < end:
                    self._note_warmth(crossing, WARM)

    def _note_warmth(self, when: float, temperature: float) -> None:
        free = max(self._history.warm_until, self.options.warm_until(when, temperature))
        self._history = replace(self._history, warm_until=free)


def _none(_now: float) -> float:
    return 0.0


def _never() -> float:
    return -inf
