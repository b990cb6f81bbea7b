"""What procedures that measure a resistance along the way have in common."""

from collections.abc import Generator, Mapping

from instruments.excitation import Excitation
from instruments.meters import Together
from instruments.station import CONTEXT_COLUMNS, Station, record
from instruments.waiting import Event, Progress, Record, Steps, Value
from procedures.averaged import check_frequency, excitation_of
from procedures.base import StationProcedure
from procedures.settings import choice, real

TRANSVERSE = "lockin_yx"
"""Role of the lock-in at the transverse contacts."""
NOT_MEASURED = float("nan")
RESISTANCE_COLUMNS = [
    *CONTEXT_COLUMNS,
    "Lag (s)",
    "Current (A)",
    "Resistance (ohm)",
    "Resistance error (ohm)",
    "X (V)",
    "Y (V)",
    "Excitation (A)",
    "R_yx (ohm)",
    "X_yx (V)",
    "Y_yx (V)",
]


class ResistanceProcedure(StationProcedure):
    """Measure dV/dI at one dc current, at many points along the way.

    With a dc current of 0 A, the default, this is the resistance by four probes and a small ac
    current. Where a lock-in plays ``lockin_yx`` it is read at the same time; else its columns are
    not a number. ``Lag (s)`` is how long before ``Time (s)`` the signal was at the sample: the
    delay of the output filter and half of an average. The temperature at the reading is the one at
    the time less the lag. A sweep begins and ends at 0 A; one that is broken off stops temperature,
    field and angle where they are.

    ``single`` reads once behind the time constant, which suits a point every few seconds;
    ``averaged`` averages over ``dwell`` behind a shorter one that follows from a rule, as in a bias
    spectrum, and gives the error.
    """

    current: float = real("Dc current", units="A", default=0.0, minimum=-0.105, maximum=0.105)
    excitation_rms: float = real(
        "Excitation, rms", units="A", default=1e-6, minimum=1e-12, maximum=0.074
    )
    frequency: float = real("Frequency", units="Hz", default=137.0, minimum=0.5, maximum=250e3)
    acquisition: str = choice("Acquisition", ["single", "averaged"], default="single")
    dwell: float = real("Dwell", units="s", default=0.2, minimum=0.1, maximum=1000.0)
    time_constant: float = real("Time constant", units="s", default=0.1, minimum=1e-5, maximum=1e5)
    slope: int = choice("Slope in dB/oct", [6, 12, 18, 24], default=24)
    settle_fraction: float = real("Settle fraction", default=0.01, minimum=1e-6, maximum=0.5)

    _under_way: bool = False

    def check(self, station: Station) -> None:
        """Refuse a frequency that cannot be averaged.

        Parameters
        ----------
        station
            An open station.
        """
        if self.acquisition == "averaged":
            check_frequency(station, self.name, self.frequency, self.dwell)

    def excitation(self) -> Excitation:
        """Return the ac part of the measurement."""
        return excitation_of(Excitation, self.excitation_rms, self)

    def records(self, station: Station) -> Generator[Event, None, None]:
        """Check, tell the story of the sweep, and end at 0 A.

        Parameters
        ----------
        station
            An open station.

        Yields
        ------
        Event
            One record per point.
        """
        self.check(station)
        self._under_way = True
        yield from self.sweep(station)
        yield from station.bias.set(0.0)
        self._under_way = False

    def sweep(self, station: Station) -> Steps[None]:
        """Go to the start with nothing flowing, call `switch_on`, and take the points.

        Parameters
        ----------
        station
            An open station.

        Returns
        -------
        Steps
            What happens, in order.
        """
        raise NotImplementedError(
            f"{type(self).__name__} has no sweep for station {station.name}; write sweep()"
        )

    def end(self, station: Station) -> None:
        """Take the outputs down; a sweep that was broken off stops where it is.

        Parameters
        ----------
        station
            An open station.
        """
        try:
            station.finish()
        finally:
            if self._under_way and station.cryostat is not None:
                self._under_way = False
                station.cryostat.hold()

    def switch_on(self, station: Station) -> Generator[Event, None, None]:
        """Choose sensitivity and phase at 0 A, then ramp to the dc current.

        Parameters
        ----------
        station
            An open station.

        Yields
        ------
        Event
            Waits.
        """
        yield Progress(0.0, "choosing sensitivity and phase")
        excitation = self.excitation()
        yield from station.bias.configure(excitation, abs(self.current))
        yield from station.meters.configure(excitation)
        yield from station.bias.set(self.current)

    def row(self, station: Station, further: Mapping[str, Value]) -> Steps[Record]:
        """Read all lock-ins.

        Parameters
        ----------
        station
            An open station.
        further
            Columns of the procedure itself.

        Returns
        -------
        Record
            A row, not yet yielded.
        """
        reading = yield from station.meters.read(station.bias)
        values = self._values(station, reading)
        return record(station, {**values, **further}, reading.status)

    def _values(self, station: Station, reading: Together) -> dict[str, Value]:
        main, beside = reading.main, reading.beside.get(TRANSVERSE)
        leak = station.bias.leak(self.current * main.resistance)
        x_yx = NOT_MEASURED if beside is None else beside.x
        return {
            "Lag (s)": station.clock.now() - reading.time,
            "Current (A)": self.current - leak,
            "Resistance (ohm)": main.resistance,
            "Resistance error (ohm)": main.error,
            "X (V)": main.x,
            "Y (V)": main.y,
            "Excitation (A)": main.excitation,
            "R_yx (ohm)": x_yx / main.excitation if main.excitation else NOT_MEASURED,
            "X_yx (V)": x_yx,
            "Y_yx (V)": NOT_MEASURED if beside is None else beside.y,
        }
