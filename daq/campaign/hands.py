"""What a person can do with an open station: look, set one thing, read one bias, come to rest."""

import threading
from collections.abc import Callable, Generator, Mapping
from typing import Any, TypeVar

from daq.campaign.told_state import cryostat_state
from daq.config.quantity import parse_quantity
from daq.runs.plain import plain
from instruments.errors import ColdpointError, RefusedError
from instruments.excitation import BiasReading, Excitation
from instruments.ppms.cryostat import Cryostat
from instruments.station import Station
from instruments.tunnel_reading import Modulation, TunnelReading
from instruments.voltage_bias import VoltageBias
from instruments.waiting import Event, Stop, drive
from procedures.environment import send_temperature

DWELL = 0.2
"""Time in s over which a reading by hand is averaged."""

Said = Mapping[str, Any]
T = TypeVar("T")


class Hands:
    """Carry out what a person asks of an open station.

    Parameters
    ----------
    station
        The station.
    stop
        Set to end a wait: by ``make safe`` and ``release``.
    beat
        Called again and again during a wait.
    """

    def __init__(
        self, station: Station, stop: threading.Event, beat: Callable[[], None] = lambda: None
    ) -> None:
        self.station = station
        self._stop = stop
        self._beat = beat
        self.reading: BiasReading | TunnelReading | None = None

    def carry_out(self, said: Said) -> Mapping[str, Any]:
        """Do what was asked.

        Parameters
        ----------
        said
            ``do``: ``state``, ``set`` (with ``what``, ``to`` and perhaps ``rate``), ``bias`` (with
            ``current``, ``excitation_rms`` and ``frequency``, or at a tunnel junction ``voltage``,
            ``modulation_rms``, ``frequency`` and ``set_point``), ``rest``, ``make safe`` or
            ``release``.

        Returns
        -------
        mapping
            The answer.

        Raises
        ------
        ColdpointError
            It cannot be done; nothing was changed by what a limit forbids.
        """
        does: dict[str, Callable[[Said], Mapping[str, Any]]] = {
            "state": lambda _: self.state(),
            "set": self._set,
            "bias": self._bias,
            "rest": lambda _: self._rest(),
            "make safe": lambda _: self._make_safe(),
            "release": lambda _: {},
        }
        what = str(said["do"])
        if what not in does:
            raise RefusedError(f"by hand: found {what[:40]!r}, expected one of {', '.join(does)}")
        return does[what](said)

    def state(self) -> Mapping[str, Any]:
        """Return what every instrument shows now; a question each, nothing is set."""
        station = self.station
        found: dict[str, Any] = {
            "station": station.name,
            "simulated": station.simulated,
            "time": station.clock.utc().isoformat(),
            "contact": station.contact,
            "limits": plain(station.limits),
            "instruments": {},
        }
        for role, instrument in station.instruments.items():
            try:
                found["instruments"][role] = _shown(instrument)
            except ColdpointError as failure:
                found["instruments"][role] = {"problem": str(failure)}
        found["bias"] = plain(station.bias.setpoints())
        if station.cryostat is not None:
            found["cryostat"] = _of_cryostat(station.cryostat)
        if station.scanner is not None:
            scanner = station.scanner
            found["scanner"] = {"target": scanner.target, "position": scanner.position}
        if self.reading is not None:
            found["reading"] = {**_read(self.reading), "status": int(self.reading.status)}
        return {"state": plain(found)}

    def _set(self, said: Said) -> Mapping[str, Any]:
        cryostat, what = self.station.cryostat, str(said.get("what", ""))
        units = {"temperature": "K", "field": "T", "angle": "deg"}
        if what not in units:
            raise RefusedError(f"by hand: cannot set {what[:40]!r}; one of {', '.join(units)}")
        if cryostat is None:
            raise RefusedError(f"station {self.station.name} has no cryostat")
        to = parse_quantity(said.get("to"), units[what])
        rate = said.get("rate") or None
        per_second = None if rate is None else parse_quantity(rate, f"{units[what]}/s")
        if what == "temperature":
            send_temperature(self.station, to, per_second)
        elif what == "field":
            cryostat.set_field(to, per_second)
        else:
            cryostat.set_angle(to, per_second)
        return {}

    def _bias(self, said: Said) -> Mapping[str, Any]:
        tunnelling = self.station.tunnelling
        found = self._current(said) if tunnelling is None else self._voltage(said, tunnelling)
        self.reading = found
        return _read(found)

    def _current(self, said: Said) -> BiasReading:
        current = parse_quantity(said.get("current", "0 A"), "A")
        rms = parse_quantity(said.get("excitation_rms", "1 uA"), "A")
        frequency = parse_quantity(said.get("frequency", "137 Hz"), "Hz")
        bias = self.station.bias
        excitation = Excitation.averaged(rms, frequency, DWELL)

        def story() -> Generator[Event, None, BiasReading]:
            yield from bias.configure(excitation, max(abs(current), rms))
            yield from bias.set(current)
            return (yield from bias.read())

        return self._drive(story())

    def _voltage(self, said: Said, bias: VoltageBias) -> TunnelReading:
        voltage = parse_quantity(said.get("voltage", "0 V"), "V")
        rms = parse_quantity(said.get("modulation_rms", "50 uV"), "V")
        frequency = parse_quantity(said.get("frequency", "977 Hz"), "Hz")
        set_point = parse_quantity(said.get("set_point", "10 mV"), "V")
        modulation = Modulation.averaged(rms, frequency, DWELL)

        def story() -> Generator[Event, None, TunnelReading]:
            yield from bias.configure(modulation, abs(voltage), set_point)
            yield from bias.set(voltage)
            return (yield from bias.read())

        return self._drive(story())

    def _drive(self, story: Generator[Event, None, T]) -> T:
        try:
            return drive(
                story,
                self.station.clock,
                stopped=self._stop.is_set,
                handle=lambda _: None,
                stop=self._stop,
                look=self._beat,
            )
        except BaseException as failure:
            self.station.finish()
            if isinstance(failure, Stop):
                raise RefusedError("stopped; current and excitation are at zero") from None
            raise

    def _rest(self) -> Mapping[str, Any]:
        self.reading = None
        self.station.finish()
        return {}

    def _make_safe(self) -> Mapping[str, Any]:
        self.reading = None
        return {"reached": [step.role for step in self.station.make_safe()]}


def _read(reading: BiasReading | TunnelReading) -> dict[str, float]:
    """Return the response of a contact in ohm or of a junction in S, with its error."""
    if isinstance(reading, TunnelReading):
        return {"conductance": reading.conductance, "error": reading.error}
    return {"resistance": reading.resistance, "error": reading.error}


def _shown(instrument: Any) -> dict[str, Any]:
    """Return what an instrument shows, and for a lock-in both channels and its lamps."""
    found = dict(instrument.snapshot())
    if hasattr(instrument, "read_xy"):
        reading = instrument.read_xy()
        found |= {
            "x": reading.x,
            "y": reading.y,
            "overload": reading.status.overload,
            "reference_unlocked": reading.status.reference_unlocked,
        }
    if hasattr(instrument, "compliance_tripped"):
        found["compliance_tripped"] = instrument.compliance_tripped()
    return found


def _of_cryostat(cryostat: Cryostat) -> dict[str, Any]:
    """Return what the cryostat shows; its last sample stays when it does not answer any more."""
    found: dict[str, Any] = {**cryostat_state(cryostat), "helium": None}
    try:
        found["helium"] = cryostat.helium()
    except (ColdpointError, OSError) as failure:
        found["trouble"] = found["trouble"] or str(failure)
    return found
