"""Courses of the simulated magnet: leads, switch, approach, trapped flux; in Oe and Oe/s.

The field that is reported is worked out from the current of the supply. The true field differs from
it by the flux that is trapped in the windings, which depends on the way the field has come.
"""

from dataclasses import dataclass, field
from math import exp, log

from instruments.simulated.ppms_motion import Latency, Piece

PERSISTENT, WARMING, COOLING, DRIVEN, ITERATING, CHARGING, DISCHARGING = 1, 2, 3, 4, 5, 6, 7
LINEAR, NO_OVERSHOOT, OSCILLATE = 0, 1, 2
NOTHING = 0.05
"""Deviation in Oe below which an approach ends."""
QUIET_FLUX = 0.1
"""Remaining relaxation in Oe below which the field counts as still."""


@dataclass(frozen=True)
class MagnetOptions:
    """The magnet of a 14 T system.

    Parameters
    ----------
    highest
        Field in Oe.
    oersted_per_ampere
        Of the solenoid.
    inductance
        In H; with the charging voltage it makes the cap of the rate.
    charge_voltage
        At low and at high field in V.
    slowest
        Floor of the rate in Oe/s.
    switch_heat
        Time to warm the persistent switch in s.
    switch_cool
        Time to cool it in s.
    lead_ramp
        Time in s that the leads need to reach the current of the highest field (assumed).
    iterate
        Time of the final approach in s (assumed).
    overshoot
        Of a linear approach in Oe (assumed).
    approach_tau
        Time constant of the last part without overshoot in s (assumed).
    swing
        First overshoot of an oscillating approach as a fraction of the step (assumed).
    swing_ratio
        Of one overshoot to the one before (assumed).
    remanence
        Trapped field at saturation in Oe; up to 120 Oe in a 14 T magnet.
    remanence_scale
        Change of field in Oe over which it builds up and turns (assumed).
    relaxing
        Fraction of it that relaxes after the field has arrived (assumed).
    relaxation
        Time constant of that in s (assumed).
    noise
        Of the reading while the supply drives the magnet, in Oe (assumed).
    quench_recovery
        Time in s after a quench during which the magnet takes no command (assumed).
    latency
        Of status and motion after a command.
    """

    highest: float = 140_000.0
    oersted_per_ampere: float = 1490.0
    inductance: float = 35.0
    charge_voltage: tuple[float, float] = (1.0, 1.0)
    slowest: float = 9.3
    switch_heat: float = 20.0
    switch_cool: float = 20.0
    lead_ramp: float = 30.0
    iterate: float = 5.0
    overshoot: float = 5.0
    approach_tau: float = 5.0
    swing: float = 0.25
    swing_ratio: float = 0.6
    remanence: float = 120.0
    remanence_scale: float = 10_000.0
    relaxing: float = 0.15
    relaxation: float = 180.0
    noise: float = 0.1
    quench_recovery: float = 600.0
    latency: Latency = field(default_factory=Latency)

    @property
    def fastest(self) -> float:
        """Return the cap of the rate in Oe/s: voltage times Oe/A over inductance."""
        return min(self.charge_voltage) * self.oersted_per_ampere / self.inductance


@dataclass(frozen=True, slots=True)
class FieldPiece:
    """A stretch on which the reported field follows one curve.

    Parameters
    ----------
    path
        Of the reported field in Oe; its code is the status.
    flux
        Trapped field at the start in Oe.
    direction
        Sign of the change of field, 0 when it stands.
    saturation
        Trapped field in Oe that the flux tends to while the field changes.
    scale
        Change of field in Oe over which it does so.
    relaxing
        Fraction of the flux that relaxes while the field stands.
    relaxation
        Time constant of that in s.
    warm
        Whether the persistent switch is open.
    """

    path: Piece
    flux: float = 0.0
    direction: int = 0
    saturation: float = 0.0
    scale: float = 1.0
    relaxing: float = 0.0
    relaxation: float = 1.0
    warm: bool = False

    @property
    def start(self) -> float:
        """Return the time in s from which the piece holds."""
        return self.path.start

    def trapped(self, now: float) -> float:
        """Return the trapped field in Oe at `now` s.

        While the field changes, the flux tends to a value with the sign of the change: after a
        sweep down from a positive field the remanence is negative (sign and shape assumed).
        """
        if self.direction == 0:
            kept = exp(-(now - self.path.start) / self.relaxation) if self.flux else 1.0
            return self.flux * (1.0 - self.relaxing * (1.0 - kept))
        way = abs(self.path.value(now) - self.path.value(self.path.start))
        limit = self.direction * self.saturation
        return limit + (self.flux - limit) * exp(-way / self.scale)

    def true(self, now: float) -> float:
        """Return the true field in Oe at `now` s."""
        return self.path.value(now) + self.trapped(now)


class FieldCourse:
    """Lay pieces one after the other, from where the magnet is.

    Parameters
    ----------
    options
        How the magnet behaves.
    present
        The piece on which it is.
    when
        At which the course begins, in s.
    """

    def __init__(self, options: MagnetOptions, present: FieldPiece, when: float) -> None:
        self.options = options
        self.pieces: list[FieldPiece] = []
        self.time = when
        self.field = present.path.value(when)
        self.flux = present.trapped(when)
        self._present = present

    def open_switch(self, phase_end: float) -> None:
        """Bring the leads to the current of the magnet and warm the switch, if still needed."""
        if self._present.warm:
            return
        if self._present.path.code == WARMING:
            self._stand(phase_end - self.time, WARMING)
            return
        leads = self.options.lead_ramp * abs(self.field) / self.options.highest
        self._stand(leads, PERSISTENT)
        self._stand(self.options.switch_heat, WARMING)

    def go(self, target: float, rate: float, approach: int) -> None:
        """Go to `target` Oe at `rate` Oe/s."""
        step = target - self.field
        if abs(step) < NOTHING:
            self.field = target
        elif approach == OSCILLATE:
            self._oscillate(target, rate)
        elif approach == NO_OVERSHOOT:
            self._creep(target, rate)
        else:
            over = min(self.options.overshoot, 0.01 * abs(step))
            self._line(self._within(target + over * _sign(step)), rate)
            self._approach(target, 1.0)
        self._stand(self.options.iterate, ITERATING, warm=True)

    def finish(self, *, persistent: bool) -> None:
        """Cool the switch if asked, and stay."""
        if persistent:
            self._stand(self.options.switch_cool, COOLING)
        code = PERSISTENT if persistent else DRIVEN
        self._add(Piece(self.time, self.field, code=code), warm=not persistent)

    def quiet(self) -> float:
        """Return the time in s at which the trapped flux has come to rest."""
        left = abs(self.flux) * self.options.relaxing
        if left <= QUIET_FLUX:
            return self.time
        return self.time + self.options.relaxation * log(left / QUIET_FLUX)

    def _oscillate(self, target: float, rate: float) -> None:
        side = _sign(target - self.field)
        swing = self.options.swing * abs(target - self.field)
        while swing > self.options.overshoot:
            self._line(self._within(target + side * swing), rate)
            side, swing = -side, swing * self.options.swing_ratio
        self._line(target, rate)

    def _creep(self, target: float, rate: float) -> None:
        step = target - self.field
        rest = min(rate * self.options.approach_tau, 0.5 * abs(step))
        self._line(target - rest * _sign(step), rate)
        self._approach(target, self.options.approach_tau)

    def _line(self, to: float, rate: float) -> None:
        if self.field * to < 0.0:
            self._line(0.0, rate)
        if to == self.field:
            return
        duration = abs(to - self.field) / rate
        code = CHARGING if abs(to) > abs(self.field) else DISCHARGING
        slope = (to - self.field) / duration
        self._travel(Piece(self.time, self.field, slope=slope, code=code), to, duration)

    def _approach(self, to: float, tau: float) -> None:
        rest = self.field - to
        if abs(rest) > NOTHING:
            path = Piece(self.time, to, amount=rest, tau=tau, code=ITERATING)
            self._travel(path, to, tau * log(abs(rest) / NOTHING))
        self.field = to

    def _travel(self, path: Piece, to: float, duration: float) -> None:
        direction = _sign(to - self.field)
        piece = FieldPiece(
            path,
            self.flux,
            direction,
            self.options.remanence,
            self.options.remanence_scale,
            warm=True,
        )
        self.pieces.append(piece)
        self.time += duration
        self.flux = piece.trapped(self.time)
        self.field = to

    def _stand(self, duration: float, code: int, *, warm: bool = False) -> None:
        if duration > 0.0:
            piece = self._add(Piece(self.time, self.field, code=code), warm=warm)
            self.time += duration
            self.flux = piece.trapped(self.time)

    def _add(self, path: Piece, *, warm: bool) -> FieldPiece:
        piece = FieldPiece(
            path,
            self.flux,
            relaxing=self.options.relaxing,
            relaxation=self.options.relaxation,
            warm=warm,
        )
        self.pieces.append(piece)
        return piece

    def _within(self, target: float) -> float:
        return max(-self.options.highest, min(self.options.highest, target))


def _sign(value: float) -> int:
    return 1 if value > 0.0 else -1
