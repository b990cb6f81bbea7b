"""dV/dI at no dc: the quickest look at whether a contact is still what it was."""

from collections.abc import Generator

from instruments.excitation import Excitation
from instruments.station import CONTEXT_COLUMNS, Station, record
from instruments.waiting import Event, Progress
from procedures.averaged import check_frequency
from procedures.base import Resume, StationProcedure
from procedures.settings import integer, real


class ZeroBias(StationProcedure):
    """Read dV/dI a few times at a dc current of 0 A, each an average over ``dwell``.

    Time constant and slope follow from a rule, as in a bias spectrum. The error is one standard
    error from noise and quantisation.
    """

    excitation_rms: float = real(
        "Excitation, rms", units="A", default=1e-6, minimum=1e-12, maximum=0.074
    )
    frequency: float = real("Frequency", units="Hz", default=137.0, minimum=0.5, maximum=250e3)
    dwell: float = real("Dwell", units="s", default=1.0, minimum=0.1, maximum=1000.0)
    readings: int = integer("Readings", default=5, minimum=1, maximum=1000)

    resume = Resume.RESTART
    DATA_COLUMNS = [
        *CONTEXT_COLUMNS,
        "dV/dI (ohm)",
        "X (V)",
        "Y (V)",
        "Excitation (A)",
        "dV/dI error (ohm)",
    ]

    def check(self, station: Station) -> None:
        """Refuse a frequency that cannot be averaged.

        Parameters
        ----------
        station
            An open station.
        """
        check_frequency(station, self.name, self.frequency, self.dwell)

    def records(self, station: Station) -> Generator[Event, None, None]:
        """Choose sensitivity and phase, then read.

        Parameters
        ----------
        station
            An open station.

        Yields
        ------
        Event
            One record per reading.
        """
        self.check(station)
        yield Progress(0.0, "choosing sensitivity and phase")
        excitation = Excitation.averaged(self.excitation_rms, self.frequency, self.dwell)
        yield from station.bias.configure(excitation, 0.0)
        yield from station.bias.set(0.0)
        for index in range(self.readings):
            reading = yield from station.bias.read()
            values = {
                "dV/dI (ohm)": reading.resistance,
                "X (V)": reading.x,
                "Y (V)": reading.y,
                "Excitation (A)": reading.excitation,
                "dV/dI error (ohm)": reading.error,
            }
            yield record(station, values, reading.status)
            yield Progress((index + 1) / self.readings)
