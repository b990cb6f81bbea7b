"""The base of every procedure: settings, and a story told as events.

A `StationProcedure` is a pymeasure `Procedure`: its settings are pymeasure parameters, its files
are pymeasure's, and `StationProcedure.on` makes a class that pymeasure's own Worker, ManagedWindow
and Results take unmodified. Unlike pymeasure's, it refuses unknown settings and values out of range
when they are given, and it never waits or writes files itself: it yields events, and an engine
carries them out.
"""

import logging
import re
from collections.abc import Sequence
from enum import Enum
from typing import Any, ClassVar, Self

from pymeasure.experiment import Procedure
from pymeasure.experiment.parameters import Parameter

from instruments.errors import ColdpointError, ConfigurationError
from instruments.station import CONTEXT_COLUMNS, Station, record
from instruments.waiting import Event, Events, Progress, Record, Stop, drive
from procedures.settings import Setting, SettingValue, describe

log = logging.getLogger(__name__)

__all__ = ["CONTEXT_COLUMNS", "Events", "Resume", "StationProcedure", "record"]


class Resume(Enum):
    """What may be done with a run that did not reach its end.

    Attributes
    ----------
    CONTINUE
        The missing points can be taken by themselves: the procedure has `StationProcedure.targets`
        and begins with `StationProcedure.first`.
    RESTART
        The run can be taken again from its start.
    ASK
        Taking it again may change the sample: only a person can decide.
    """

    CONTINUE = "continue"
    RESTART = "restart"
    ASK = "ask"


class StationProcedure(Procedure):
    """Settings plus a story.

    A subclass declares its settings with `real`, `integer`, `boolean` and `choice`, its columns in
    ``DATA_COLUMNS``, and tells its story in `records`.

    Parameters
    ----------
    **settings
        Values of the settings in SI units.

    Raises
    ------
    ConfigurationError
        A setting is unknown or its value is out of range.
    """

    DATA_COLUMNS: list[str] = []
    name: ClassVar[str] = ""
    resume: ClassVar[Resume] = Resume.RESTART
    station: ClassVar[Station | None] = None
    first: int = 0
    """Index of the first point that is still to be taken; above zero when a run goes on."""

    _parameters: dict[str, Parameter]

    def __init__(self, **settings: SettingValue) -> None:
        known = type(self).settings()
        for key in settings:
            if key not in known:
                raise ConfigurationError(
                    f"{type(self).__name__}: there is no setting {key!r}; known are {sorted(known)}"
                )
        super().__init__(**settings)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "name" not in cls.__dict__ and cls.station is None:
            cls.name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()

    def __setattr__(self, key: str, value: Any) -> None:
        parameter = self.__dict__.get("_parameters", {}).get(key)
        if parameter is not None and value is not None:
            value = self._checked(key, parameter, value)
        super().__setattr__(key, value)

    @classmethod
    def settings(cls) -> dict[str, Setting]:
        """Return what each setting accepts, by name, in the order of declaration."""
        found: dict[str, Setting] = {}
        for base in reversed(cls.__mro__):
            for key, value in vars(base).items():
                if isinstance(value, Parameter):
                    found[key] = describe(key, value)
        return found

    @classmethod
    def on(cls, station: Station) -> type[Self]:
        """Return this class bound to `station`, for pymeasure's Worker, ManagedWindow and Results.

        pymeasure writes column names without quotes, so commas are left out of them here.

        Parameters
        ----------
        station
            An open station.

        Returns
        -------
        type
            A class that can be made without arguments and executed by pymeasure.
        """
        columns = [column.replace(",", "") for column in cls.DATA_COLUMNS]
        members = {"station": station, "__module__": cls.__module__, "DATA_COLUMNS": columns}
        return type(cls.__name__, (cls,), members)

    def targets(self) -> Sequence[float] | None:
        """Return what is set for each point, in order; None if points are not known.

        With `Resume.CONTINUE` a run that was broken off goes on with the first target that has no
        row.
        """
        return None

    def records(self, station: Station) -> Events:
        """Tell the story: yield records, waits and progress.

        Parameters
        ----------
        station
            An open station.

        Returns
        -------
        Events
            What happens, in order.
        """
        raise NotImplementedError(
            f"{type(self).__name__} has no story for station {station.name}; write records()"
        )

    def check(self, station: Station) -> None:
        """Refuse settings that this station cannot carry out, before anything is sent.

        Parameters
        ----------
        station
            An open station.
        """

    def end(self, station: Station) -> None:
        """Clean up after the story, whatever its end; synchronous.

        Parameters
        ----------
        station
            An open station.
        """
        station.finish()

    def startup(self) -> None:
        """Check the settings against the bound station (called by pymeasure's Worker)."""
        self.check(self._bound())

    def execute(self) -> None:
        """Carry the story out on the bound station (called by pymeasure's Worker)."""
        station = self._bound()
        try:
            drive(
                self.records(station), station.clock, stopped=self.should_stop, handle=self._publish
            )
        except Stop:
            log.info("%s was asked to stop", type(self).__name__)

    def shutdown(self) -> None:
        """Clean up (called by pymeasure's Worker); never raises, since its queue would stall."""
        try:
            self.end(self._bound())
        except Exception:  # a Worker whose shutdown raises never ends
            log.exception("%s: the station did not finish cleanly", type(self).__name__)

    def setting_values(self) -> dict[str, SettingValue | None]:
        """Return the settings by name, in SI units."""
        return {key: getattr(self, key) for key in type(self).settings()}

    def _publish(self, event: Event) -> None:
        if isinstance(event, Record):
            values = {column.replace(",", ""): value for column, value in event.values.items()}
            self.emit("results", values)
        elif isinstance(event, Progress):
            self.emit("progress", 100.0 * event.fraction)

    def _bound(self) -> Station:
        if self.station is None:
            raise ColdpointError(
                f"{type(self).__name__} has no station; use {type(self).__name__}.on(station)"
            )
        return self.station

    def _checked(self, key: str, parameter: Parameter, value: Any) -> Any:
        try:
            return parameter.convert(value)
        except (ValueError, TypeError) as problem:
            raise ConfigurationError(
                f"{type(self).__name__}: {key} = {value!r} is not accepted; {problem}"
            ) from None
