"""Watching a cryostat: one poller, one cached sample, and our own judgement of what has settled."""

import logging
import threading
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from instruments.clock import Clock
from instruments.closing import Closing
from instruments.errors import ColdpointError, CommunicationError, RefusedError
from instruments.ppms.axes import Axes, CryostatSettings
from instruments.ppms.axis import Axis
from instruments.ppms.helium import HeliumLog
from instruments.ppms.limits import MagnetConfiguration
from instruments.ppms.link import Link
from instruments.ppms.polling import Poller
from instruments.ppms.reading import CryostatReading, believed

PERIOD = 2.0
"""Time between two samples in s; the PPMS has no fresher values."""

log = logging.getLogger(__name__)


class Monitor(Closing):
    """Watch one PPMS over a link; connecting reads what somebody has set and changes nothing.

    Nothing here waits: the ``..._settled`` methods answer at once and are for
    `instruments.waiting.settle`.

    Parameters
    ----------
    link
        The transport.
    clock
        The clock of the station.
    read_only
        Refuse every order, for a companion that only watches.
    settings
        Limits and rules of the station.
    lock
        Held during every exchange; one of its own if omitted.
    """

    def __init__(
        self,
        link: Link,
        clock: Clock,
        *,
        read_only: bool = False,
        settings: CryostatSettings | None = None,
        lock: "threading.RLock | None" = None,
    ) -> None:
        self.read_only = read_only
        self.settings = CryostatSettings() if settings is None else settings
        self.limits = self.settings.limits
        self.lock = threading.RLock() if lock is None else lock
        self.magnet: MagnetConfiguration | None = None
        self._link = link
        self._clock = clock
        self._axes = Axes(link, clock, self.settings)
        self._cache: CryostatReading | None = None
        self._listeners: list[Callable[[CryostatReading], None]] = []
        self._foreign: dict[str, str] = {}
        self._poller = Poller(clock, self.poll)
        self._helium = HeliumLog(self.settings.helium_rule)
        self._connect()

    @property
    def reading(self) -> CryostatReading:
        """Return the last good sample."""
        if self._cache is None:
            raise CommunicationError("PPMS: nothing has been read yet; call poll()")
        return self._cache

    def age(self) -> float:
        """Return how old the last good sample is in s."""
        return self._clock.now() - self.reading.time

    def poll(self) -> CryostatReading:
        """Take one combined sample and keep it, and compare the setpoints with ours.

        A bad sample is never kept.

        Returns
        -------
        CryostatReading
            The sample.

        Raises
        ------
        CommunicationError
            There was no answer, or one that cannot be true.
        """
        with self.lock:
            sample = believed(self._link.reading(self._clock.now()), self.limits.field)
            self._cache = replace(sample, helium=self._level())
            for axis in self._axes.all:
                axis.sample(self._cache)
            for listener in self._listeners:
                listener(self._cache)
            self._compare_setpoints()
            self._poller.succeeded()
            return self._cache

    def listen(self, listener: Callable[[CryostatReading], None]) -> None:
        """Hand every good sample to `listener` from now on; it must not raise and not wait."""
        self._listeners.append(listener)

    def start_polling(self, period: float = PERIOD) -> None:
        """Take a sample every `period` s of the clock, from a callback of the clock."""
        self._poller.start(period)

    def stop_polling(self) -> None:
        """Take no more samples by itself."""
        self._poller.stop()

    @property
    def trouble(self) -> str | None:
        """Return why polling brings no new samples; None while it does."""
        return self._poller.trouble

    @property
    def last_failure(self) -> str:
        """Return what went wrong at the last poll that failed; empty if none did."""
        return self._poller.last

    @property
    def foreign_setpoint(self) -> str | None:
        """Return what somebody else has set since we did; None if nobody has."""
        return "; ".join(self._foreign.values()) or None

    def adopt(self) -> None:
        """Take the setpoints that the PPMS has now for our own; nothing is sent."""
        with self.lock:
            for axis in self._axes.all:
                axis.adopt()
            self._foreign.clear()

    def helium(self) -> float | None:
        """Return the level in percent, asked for once per period of the rule; None if unknown."""
        with self.lock:
            return self._level()

    def measure_helium(self) -> None:
        """Switch the level meter on for one reading."""
        with self.lock:
            self._refuse_when_read_only("the level meter")
            self._link.measure_helium()

    @property
    def helium_alarm(self) -> str | None:
        """Return what is wrong with the helium, by value or by trend; None if nothing is."""
        return self._helium.alarm

    def temperature_settled(self) -> bool:
        """Tell whether the temperature has settled at our setpoint; raise if it never will."""
        return self._settled(self._axes.temperature)

    def field_settled(self) -> bool:
        """Tell whether the field has settled at our setpoint; raise if it never will."""
        return self._settled(self._axes.field)

    def angle_settled(self) -> bool:
        """Tell whether the rotator has settled at our setpoint; raise if it never will."""
        return self._settled(self._axes.angle)

    def snapshot(self) -> dict[str, Any]:
        """Return settings and the last sample, for the file of a run."""
        reading = asdict(self.reading)
        for name in ("temperature_status", "field_status", "angle_status", "chamber_status"):
            reading[name] = reading[name].value
        axes = {axis.name: axis for axis in self._axes.all}
        return {
            "driver": type(self).__name__,
            "link": self._link.name,
            "read_only": self.read_only,
            "setpoints": {
                name: None if axis.ours is None else asdict(axis.ours)
                for name, axis in axes.items()
            },
            "settled": {name: asdict(axis.watch.rule) for name, axis in axes.items()},
            "limits": asdict(self.limits),
            "magnet": None if self.magnet is None else asdict(self.magnet),
            "reading": reading,
        }

    def close(self) -> None:
        """Stop polling and give the PPMS free; it stays as it is."""
        self.stop_polling()
        with self.lock:
            self._link.close()

    def _connect(self) -> None:
        try:
            self.magnet = self._link.magnet()
            self.adopt()
            self.poll()
        except ColdpointError:
            self._link.close()
            raise

    def _compare_setpoints(self) -> None:
        for axis in self._axes.all:
            foreign = axis.confirm()
            if foreign is None:
                self._foreign.pop(axis.name, None)
            else:
                self._foreign[axis.name] = foreign

    def _level(self) -> float | None:
        now = self._clock.now()
        if self._helium.due(now):
            try:
                level = self._link.helium()
            except CommunicationError as failure:
                log.warning("helium level not read: %s", failure)
            else:
                if level is not None:
                    self._helium.add(now, level)
        return self._helium.level

    def _settled(self, axis: Axis[Any]) -> bool:
        with self.lock:
            if not self._poller.running and self.age() >= PERIOD:
                self.poll()
            return axis.settled(self.reading)

    def _refuse_when_read_only(self, what: str) -> None:
        if self.read_only:
            raise RefusedError(
                f"PPMS: {what} was not set, it was opened read only; open it anew to command it"
            )
