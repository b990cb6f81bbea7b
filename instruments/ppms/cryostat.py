"""The cryostat that procedures see: temperature, field, angle, chamber; SI units and degrees."""

import logging
from collections.abc import Callable
from typing import Any, Literal

from instruments.errors import ColdpointError, ConfigurationError, RefusedError
from instruments.ppms import estimates
from instruments.ppms.axis import Axis, Setpoint
from instruments.ppms.limits import (
    OERSTED,
    SLOWEST_TEMPERATURE_RATE,
    CryostatLimits,
    within,
)
from instruments.ppms.monitor import Monitor
from instruments.ppms.reading import CryostatReading
from instruments.ppms.setpoints import (
    CHAMBER_ACTIONS,
    FIELD_APPROACHES,
    FIELD_MODES,
    TEMPERATURE_APPROACHES,
    AngleSetpoint,
    ChamberAction,
    FieldApproach,
    FieldMode,
    FieldSetpoint,
    TemperatureApproach,
    TemperatureSetpoint,
)
from instruments.ppms.status import AngleStatus, FieldStatus

WARM = 290.0
"""The chamber is not vented below this temperature in K."""
NO_FIELD = 1.0 * OERSTED
"""Below this field in T the magnet is at zero."""

log = logging.getLogger(__name__)


class Cryostat(Monitor):
    """Command one PPMS over a link; `Monitor` says what it is made with and how it is watched."""

    def apply_limits(self, limits: CryostatLimits) -> None:
        """Hold every later order to `limits`; what runs already is left alone."""
        self.limits = limits

    def set_temperature(
        self, to: float, rate: float | None = None, approach: TemperatureApproach = "fast"
    ) -> None:
        """Send the temperature on its way, unless it is there or on its way already.

        Parameters
        ----------
        to
            Target in K.
        rate
            In K/s; the limit if omitted.
        approach
            "fast" settles fast and overshoots; "no overshoot" takes longer.

        Raises
        ------
        LimitError
            Target or rate lies outside the limits; nothing was sent.
        """
        _choose("approach of the temperature", approach, TEMPERATURE_APPROACHES)
        limits = self.limits
        rate = limits.temperature_rate if rate is None else rate
        within("temperature", to, *limits.temperature, "K")
        within("temperature rate", rate, SLOWEST_TEMPERATURE_RATE, limits.temperature_rate, "K/s")
        self._order(self._axes.temperature, TemperatureSetpoint(to, rate, approach))

    def set_field(
        self,
        to: float,
        rate: float | None = None,
        approach: FieldApproach = "linear",
        mode: FieldMode = "driven",
    ) -> None:
        """Send the field on its way, unless it is there or on its way already.

        Parameters
        ----------
        to
            Target in T.
        rate
            In T/s; if omitted the limit, or what the magnet's supply can keep up if that is less.
        approach
            How the target is reached.
        mode
            "driven" leaves current in the leads, which costs helium; "persistent" takes it out.

        Raises
        ------
        LimitError
            Target or rate lies outside the limits; nothing was sent.
        """
        _choose("approach of the field", approach, FIELD_APPROACHES)
        _choose("mode of the field", mode, FIELD_MODES)
        highest = self.limits.field
        if self.magnet is not None:
            highest = min(highest, self.magnet.field)
        fastest = self._fastest_field_rate()
        rate = fastest if rate is None else rate
        within("field", to, -highest, highest, "T")
        within("field rate", rate, self.settings.field_rate_floor, fastest, "T/s")
        self._order(self._axes.field, FieldSetpoint(to, rate, approach, mode))

    def set_angle(self, to: float, rate: float | None = None) -> None:
        """Send the rotator on its way, unless it is there or on its way already.

        Parameters
        ----------
        to
            Target in degrees.
        rate
            In degrees per second, taken as an upper bound by a stepped drive; the limit if omitted.

        Raises
        ------
        LimitError
            Target or rate lies outside the limits; nothing was sent.
        """
        if self.reading.angle_status is AngleStatus.ABSENT:
            raise ConfigurationError(
                "PPMS: this station was opened without a rotator; open it with rotator: true"
            )
        limits = self.limits
        within("angle", to, *limits.angle, "deg")
        slowest = self._link.slowest_angle_rate()
        if rate is not None and slowest == 0.0:
            log.warning("%s has no say in the rate of the rotator; it turns fast", self._link.name)
        rate = limits.angle_rate if rate is None else rate
        within("angle rate", rate, slowest, limits.angle_rate, "deg/s")
        self._order(self._axes.angle, AngleSetpoint(to, rate))

    def set_chamber(self, action: ChamberAction) -> None:
        """Seal, purge, pump or vent the chamber.

        Parameters
        ----------
        action
            What to do; it is always sent.

        Raises
        ------
        RefusedError
            The chamber would be vented while it is cold.
        """
        _choose("action of the chamber", action, CHAMBER_ACTIONS)
        with self.lock:
            self._refuse_when_read_only("the chamber")
            if action in {"vent", "vent and seal"} and self.poll().temperature < WARM:
                raise RefusedError(
                    f"PPMS: will not vent at {self.reading.temperature:.1f} K; "
                    f"warm up to {WARM:g} K first"
                )
            self._link.set_chamber(action)

    def hold(self) -> None:
        """Stop where things are: the PPMS knows no stop, so the present values become the targets.

        Each is clamped between where it came from and where it was going. What is at rest is not
        touched, and the magnet keeps its mode. The limits do not apply: staying is no move.
        """
        with self.lock:
            self._refuse_when_read_only("anything")
            latest = self.poll()
            self._stop_field(latest)
            self._stop_temperature(latest)
            self._stop_angle(latest)

    def make_safe(
        self,
        field: Literal["zero", "persistent", "hold"] = "zero",
        temperature: Literal["hold", "leave"] = "hold",
    ) -> tuple[str, ...]:
        """Leave the cryostat safe for a night alone; all is tried before anything is raised.

        Parameters
        ----------
        field
            "zero" sends the field to zero and takes the current out of the leads, "persistent"
            stops it and takes the current out of the leads, "hold" stops it and leaves the mode
            alone.
        temperature
            "hold" stops a ramp, "leave" does not touch it.

        Returns
        -------
        tuple of str
            What was ordered, in words.

        Raises
        ------
        ExceptionGroup
            What could not be ordered.
        """
        if self.read_only:
            return ("read only: cryostat left as it is",)
        orders: list[tuple[str, Callable[[], None]]] = [
            (f"field: {field}", lambda: self._secure_field(field)),
            ("rotator: stopped", lambda: self._stop_angle(self.poll())),
        ]
        if temperature == "hold":
            orders.append(("temperature: held", lambda: self._stop_temperature(self.poll())))
        done, failures = [], []
        with self.lock:
            for words, order in orders:
                try:
                    order()
                except ColdpointError as failure:
                    failures.append(failure)
                else:
                    done.append(words)
        if failures:
            raise ExceptionGroup(f"PPMS: not made safe; done: {', '.join(done)}", failures)
        return tuple(done)

    def shut_down(self) -> None:
        """Send the PPMS into standby, heaters off.

        Raises
        ------
        RefusedError
            The magnet is not at zero with its leads empty.
        """
        with self.lock:
            self._refuse_when_read_only("standby")
            latest = self.poll()
            persistent = latest.field_status is FieldStatus.PERSISTENT
            if abs(latest.field) >= NO_FIELD or not persistent:
                raise RefusedError(
                    f"PPMS: will not go into standby at {latest.field:g} T ({latest.raw}); "
                    'first set_field(0.0, mode="persistent") and wait'
                )
            self._link.shut_down()

    def temperature_time(self, to: float, rate: float | None = None) -> float:
        """Estimate the time in s to settle at `to` K from here with `rate` K/s."""
        rate = self.limits.temperature_rate if rate is None else rate
        rule = self._axes.temperature.watch.rule
        return estimates.temperature_time(self.reading.temperature, to, rate, rule)

    def field_time(self, to: float, rate: float | None = None, mode: FieldMode = "driven") -> float:
        """Estimate the time in s to settle at `to` T from here with `rate` T/s."""
        rate = self._fastest_field_rate() if rate is None else rate
        latest, rule = self.reading, self._axes.field.watch.rule
        return estimates.field_time(latest, to, rate, mode=mode, magnet=self.magnet, rule=rule)

    def _order(self, axis: Axis[Any], wanted: Setpoint) -> None:
        with self.lock:
            self._refuse_when_read_only(f"the {axis.name}")
            if axis.command(wanted, self.reading):
                self._foreign.pop(axis.name, None)

    def _fastest_field_rate(self) -> float:
        fastest = self.limits.field_rate
        return fastest if self.magnet is None else min(fastest, self.magnet.rate)

    def _secure_field(self, field: str) -> None:
        latest, axis = self.poll(), self._axes.field
        if field == "hold":
            self._stop_field(latest)
            return
        target = 0.0
        if field == "persistent":
            resting = axis.ours is not None and not axis.must_stop(latest)
            target = axis.ours.target if axis.ours and resting else axis.stopping_target(latest)
        rate = max(self._fastest_field_rate(), self.settings.field_rate_floor)
        self._order(axis, FieldSetpoint(target, rate, "linear", "persistent"))

    def _stop_field(self, latest: CryostatReading) -> None:
        axis = self._axes.field
        axis.confirm()
        if axis.must_stop(latest):
            known = axis.actual or axis.ours
            rate = self._fastest_field_rate() if known is None else known.rate
            mode = "driven" if known is None else known.mode
            target = axis.stopping_target(latest)
            self._order(axis, FieldSetpoint(target, rate, "linear", mode))

    def _stop_temperature(self, latest: CryostatReading) -> None:
        axis = self._axes.temperature
        axis.confirm()
        if axis.must_stop(latest):
            known = axis.actual or axis.ours
            rate = self.limits.temperature_rate if known is None else known.rate
            target = axis.stopping_target(latest)
            self._order(axis, TemperatureSetpoint(target, rate, "fast"))

    def _stop_angle(self, latest: CryostatReading) -> None:
        axis = self._axes.angle
        if latest.angle_status is AngleStatus.ABSENT:
            return
        axis.confirm()
        if axis.must_stop(latest):
            target = axis.stopping_target(latest)
            self._order(axis, AngleSetpoint(target, self.limits.angle_rate))


def _choose(what: str, word: str, words: tuple[str, ...]) -> None:
    if word not in words:
        raise ConfigurationError(f"PPMS: {word!r} is no {what}; choose one of {', '.join(words)}")
