"""Magnet of the simulated PPMS: supply, persistent switch, status; fields in Oe, rates in Oe/s."""

from math import inf

import numpy as np

from instruments.simulated.ppms_field_course import (
    LINEAR,
    PERSISTENT,
    FieldCourse,
    FieldPiece,
    MagnetOptions,
)
from instruments.simulated.ppms_motion import Lateness, Piece, Trajectory


class Magnet:
    """The magnet, its supply and its persistent switch.

    Parameters
    ----------
    options
        How it behaves.
    rate_factor
        Of every ramp, for a magnet that differs from the book.
    generator
        Of latencies.
    now
        The present in s.
    start
        Field in Oe at which it begins, persistent.
    """

    def __init__(
        self,
        options: MagnetOptions,
        rate_factor: float,
        generator: np.random.Generator,
        now: float,
        start: float,
    ) -> None:
        self.options = options
        self.setpoint = (start, options.fastest, LINEAR, 0)
        self._factor = rate_factor
        self._random = generator
        self._path = Trajectory(FieldPiece(Piece(now, start, code=PERSISTENT)))
        self._late = Lateness()
        self._blocked_until = -inf
        self._until = now

    @property
    def until(self) -> float:
        """Return the time in s at which field and trapped flux come to rest."""
        return self._until

    def true(self, now: float) -> float:
        """Return the true field in Oe."""
        return self._path.at(now).true(now)

    def reported(self, now: float) -> float:
        """Return what follows from the current of the supply, in Oe, without noise."""
        return self._path.at(now).path.value(now)

    def driven(self, now: float) -> bool:
        """Tell whether the supply drives the magnet."""
        return self._path.at(now).warm

    def status(self, now: float) -> int:
        """Return the status code that is shown, 0 to 15."""
        return self._late.show(now, self._path.at(now).path.code)

    def effort(self, start: float, end: float) -> float:
        """Return the time in s that the leads were loaded, weighted with the field."""
        total = 0.0
        for piece, begin, stop in self._path.spans(start, end):
            if piece.warm:
                mean = 0.5 * (abs(piece.path.value(begin)) + abs(piece.path.value(stop)))
                total += (stop - begin) * (0.2 + 0.8 * mean / self.options.highest)
        return total

    def set(self, now: float, target: float, rate: float, approach: int, mode: int) -> None:
        """Lay down a new course to `target` Oe.

        Parameters
        ----------
        now
            The present in s.
        target
            In Oe.
        rate
            In Oe/s.
        approach
            0 linear, 1 no overshoot, 2 oscillate.
        mode
            0 persistent, 1 driven.
        """
        self.setpoint = (target, rate, approach, mode)
        if now < self._blocked_until:
            return
        shown = self.status(now)
        late, unknown = self.options.latency.draw(*self._random.uniform(size=2))
        begin = now + late / 2.0
        self._late.hold(shown, now + late, unknown)
        course = FieldCourse(self.options, self._path.at(begin), begin)
        course.open_switch(self._path.end(begin))
        course.go(target, rate * self._factor, approach)
        course.finish(persistent=mode == 0)
        self._path.follow(course.pieces)
        self._until = course.quiet()

    def quench(self, now: float, code: int) -> None:
        """Lose the field at once, with a status code, for the time of the recovery."""
        true = self.true(now)
        self._late.hold(code, now)
        decay = FieldPiece(Piece(now, 0.0, code=code), true, relaxing=1.0, relaxation=3.0)
        self._path.follow((decay, FieldPiece(Piece(now + 60.0, 0.0, code=code))))
        self._blocked_until = now + self.options.quench_recovery
        self._until = now + 60.0

    def repair(self, now: float) -> None:
        """End a recovery; the magnet stands at zero, persistent."""
        if now < self._blocked_until:
            self._blocked_until = now
            self._path.follow((FieldPiece(Piece(now, 0.0, code=PERSISTENT)),))
