"""Rotator of the simulated PPMS: steps, backlash, limit and index switch, heat; in degrees."""

from dataclasses import dataclass, field
from math import exp, log

import numpy as np

from instruments.simulated.ppms_motion import Latency, Lateness, Piece, Trajectory

STOPPED, MOVING, AT_LIMIT, AT_INDEX = 1, 5, 8, 9
GO, FIND_LIMIT, REDEFINE = 0, 1, 2
COLD = 1e-4
"""Heating in K below which it is forgotten."""


@dataclass(frozen=True)
class RotatorOptions:
    """A horizontal rotator.

    Parameters
    ----------
    step
        Of the motor in degrees.
    lowest
        End of the travel in degrees.
    highest
        Other end in degrees.
    backlash
        Play between motor and sample in degrees (assumed).
    fastest
        Speed for slow code 0 in degrees/s; code n makes (15 - n)/15 of it.
    index_switch
        Whether the end at `lowest` is an index switch and not a limit switch.
    heating
        Of the block in K at 2 K and full speed (assumed); it falls as 1/T.
    heating_tau
        Time constant of the heating in s (assumed).
    latency
        Of status and motion after a command (assumed).
    """

    step: float = 0.8 / 15.0
    lowest: float = -10.0
    highest: float = 370.0
    backlash: float = 0.5
    fastest: float = 12.0
    index_switch: bool = False
    heating: float = 0.05
    heating_tau: float = 60.0
    latency: Latency = field(default_factory=lambda: Latency(0.2, 2.0, 0.0, 0.0))


@dataclass(frozen=True, slots=True)
class AnglePiece:
    """A stretch on which the motor turns one way or stands.

    Parameters
    ----------
    path
        Of the motor in degrees; its code is the status.
    sample
        True angle at the start in degrees.
    play
        Backlash in degrees.
    """

    path: Piece
    sample: float
    play: float

    @property
    def start(self) -> float:
        """Return the time in s from which the piece holds."""
        return self.path.start

    def true(self, now: float) -> float:
        """Return the true angle in degrees: right when approached from below, else too high."""
        motor = self.path.value(now)
        return min(max(self.sample, motor), motor + self.play)


class Rotator:
    """The stepper motor, the sample that it turns, and the heat that this makes.

    Parameters
    ----------
    options
        How it behaves.
    generator
        Of latencies.
    now
        The present in s.
    start
        Angle at which it begins, in degrees.
    """

    def __init__(
        self, options: RotatorOptions, generator: np.random.Generator, now: float, start: float
    ) -> None:
        self.options = options
        self.setpoint = (start, GO, 0)
        self._random = generator
        motor = self._on_step(start)
        first = AnglePiece(Piece(now, motor, code=STOPPED), motor, options.backlash)
        self._path = Trajectory(first)
        self._heat = Trajectory(Piece(now, 0.0))
        self._offset = Trajectory(Piece(now, 0.0))
        self._late = Lateness()

    @property
    def until(self) -> float:
        """Return the time in s at which the motor has stopped and its heat is gone."""
        return max(self._path.last_start, self._heat.last_start)

    def true(self, now: float) -> float:
        """Return the true angle of the sample in degrees."""
        return self._path.at(now).true(now)

    def heat(self, now: float) -> float:
        """Return by how much the motion warms the block, in K."""
        return self._heat.at(now).value(now)

    def reported(self, now: float) -> float:
        """Return the position in degrees that follows from the steps of the motor."""
        offset = self._offset.at(now).base
        return self._on_step(self._path.at(now).path.value(now)) + offset

    def status(self, now: float) -> int:
        """Return the status code that is shown, 0 to 15."""
        return self._late.show(now, self._path.at(now).path.code)

    def counts(self, now: float) -> tuple[int, int]:
        """Return present and final count of the motor."""
        final = self._path.at(self._path.last_start).path.base
        present = self._path.at(now).path.value(now)
        return round(present / self.options.step), round(final / self.options.step)

    def set(self, now: float, position: float, mode: int, slow: int, temperature: float) -> None:
        """Move, find the end of the travel, or call the present position by another number.

        Parameters
        ----------
        now
            The present in s.
        position
            In degrees.
        mode
            0 go there, 1 go to the limit or index switch and call it so, 2 call the present one so.
        slow
            Slow code 0 (fast) to 14.
        temperature
            Of the block in K, for the heat of the motion.
        """
        self.setpoint = (position, mode, slow)
        if mode == REDEFINE:
            offset = position - self.reported(now) + self._offset.at(now).base
            self._offset.follow((Piece(now, offset),))
            return
        shown = self.status(now)
        late, unknown = self.options.latency.draw(*self._random.uniform(size=2))
        begin = now + late / 2.0
        self._late.hold(shown, now + late, unknown)
        self._offset.follow((Piece(now, self._offset.at(now).base),))
        motor = self._motor_target(now, position, mode)
        end = self._turn(begin, motor, self._end_code(motor, mode, position), slow)
        self._warm(begin, end, slow, temperature)
        if mode == FIND_LIMIT:
            self._offset.follow((Piece(end, position - motor),))

    def _motor_target(self, now: float, position: float, mode: int) -> float:
        if mode == FIND_LIMIT:
            return self._on_step(self.options.lowest)
        wanted = position - self._offset.at(now).base
        inside = max(self.options.lowest, min(self.options.highest, wanted))
        return self._on_step(inside)

    def _end_code(self, motor: float, mode: int, position: float) -> int:
        at_end = motor <= self.options.lowest + self.options.step
        at_end = at_end or motor >= self.options.highest - self.options.step
        if mode == FIND_LIMIT:
            return AT_INDEX if self.options.index_switch else AT_LIMIT
        wanted = position - self._offset.at(self._offset.last_start).base
        beyond = at_end and abs(wanted - motor) > 1.0
        return AT_LIMIT if beyond else STOPPED

    def _turn(self, begin: float, target: float, code: int, slow: int) -> float:
        """Lay down the motion of the motor and return when it ends, in s."""
        present = self._path.at(begin)
        motor, sample = present.path.value(begin), present.true(begin)
        duration = abs(target - motor) / self._speed(slow)
        end = begin + duration
        play = self.options.backlash
        pieces: list[AnglePiece] = []
        if duration > 0.0:
            slope = (target - motor) / duration
            turning = AnglePiece(Piece(begin, motor, slope=slope, code=MOVING), sample, play)
            pieces.append(turning)
            sample = turning.true(end)
        pieces.append(AnglePiece(Piece(end, target, code=code), sample, play))
        self._path.follow(pieces)
        return end

    def _warm(self, begin: float, end: float, slow: int, temperature: float) -> None:
        """Lay down the heat of a motion between two times."""
        tau = self.options.heating_tau
        power = self.options.heating * self._speed(slow) / self.options.fastest
        power *= min(1.0, 2.0 / temperature)
        before = self.heat(begin)
        reached = power + (before - power) * exp(-(end - begin) / tau)
        pieces = [Piece(begin, power, amount=before - power, tau=tau)] if end > begin else []
        if reached > COLD:
            pieces.append(Piece(end, 0.0, amount=reached, tau=tau))
            end += tau * log(reached / COLD)
        pieces.append(Piece(end, 0.0))
        self._heat.follow(pieces)

    def _speed(self, slow: int) -> float:
        return self.options.fastest * (15 - slow) / 15.0

    def _on_step(self, angle: float) -> float:
        return round(angle / self.options.step) * self.options.step
