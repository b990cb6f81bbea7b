"""dI/dV against voltage: the spectrum of a tunnel junction, point by point."""

import math
from collections.abc import Generator

from instruments.errors import ConfigurationError
from instruments.station import CONTEXT_COLUMNS, Station, record
from instruments.tunnel_reading import Modulation, TunnelReading
from instruments.voltage_bias import VoltageBias
from instruments.waiting import Event, Progress
from procedures.averaged import check_frequency, excitation_of
from procedures.base import Resume, StationProcedure
from procedures.bias_points import bias_points
from procedures.settings import boolean, choice, integer, real

CONDUCTANCE_COLUMN = "dI/dV (S)"
SET_VOLTAGE_COLUMN = "Set-point voltage (V)"
SET_CURRENT_COLUMN = "Set-point current (A)"
POSITION_COLUMN = "Position (m)"
_COUNTERPART = {"calibrate_tunnel": "calibrate"}


class TunnelSpectrum(StationProcedure):
    """Step the dc voltage and read the response of the junction to a small ac voltage.

    Sensitivity and phase are chosen at the set-point, where the junction conducts as in the normal
    state; voltage and dc current there are written into every row, so that a spectrum can be
    normalised by their ratio. The tip is left where it stands: no feedback acts. The voltage of a
    row is that which the converter makes, a whole step of it. With ``both_ways`` the voltage steps
    back again to the first point. At the second harmonic X and Y are those of 2f, and dI/dV is not
    a number. ``acquisition`` is as for a bias spectrum.
    """

    start: float = real("Start", units="V", default=-8e-3, minimum=-1.0, maximum=1.0)
    stop: float = real("Stop", units="V", default=8e-3, minimum=-1.0, maximum=1.0)
    points: int = integer("Points", default=201, minimum=2, maximum=1_000_000)
    both_ways: bool = boolean("Both ways", default=False)
    set_point: float = real("Set-point", units="V", default=0.01, minimum=-1.0, maximum=1.0)
    modulation_rms: float = real(
        "Modulation, rms", units="V", default=50e-6, minimum=1e-9, maximum=0.1
    )
    frequency: float = real("Frequency", units="Hz", default=977.0, minimum=0.5, maximum=250e3)
    acquisition: str = choice("Acquisition", ["averaged", "single"], default="averaged")
    dwell: float = real("Dwell", units="s", default=0.2, minimum=0.1, maximum=1000.0)
    time_constant: float = real("Time constant", units="s", default=0.02, minimum=1e-5, maximum=1e5)
    slope: int = choice("Slope in dB/oct", [6, 12, 18, 24], default=24)
    settle_fraction: float = real("Settle fraction", default=0.01, minimum=1e-6, maximum=0.5)
    harmonic: int = choice("Harmonic", [1, 2], default=1)

    resume = Resume.CONTINUE
    DATA_COLUMNS = [
        *CONTEXT_COLUMNS,
        "Voltage (V)",
        CONDUCTANCE_COLUMN,
        "dI/dV error (S)",
        "Current (A)",
        "X (V)",
        "Y (V)",
        "Modulation (V)",
        SET_VOLTAGE_COLUMN,
        SET_CURRENT_COLUMN,
        POSITION_COLUMN,
    ]

    def check(self, station: Station) -> None:
        """Refuse a station without a voltage bias, and a frequency that cannot be averaged.

        Parameters
        ----------
        station
            An open station.
        """
        bias_of(station, self.name)
        if self.acquisition == "averaged":
            check_frequency(station, self.name, self.frequency, self.dwell, self.harmonic)

    def targets(self) -> list[float]:
        """Return the dc voltage of every point in V, in the order in which they are taken."""
        return bias_points(self.start, self.stop, self.points, both_ways=self.both_ways)

    def records(self, station: Station) -> Generator[Event, None, None]:
        """Read at the set-point, walk to the first point, then step and read.

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
        bias = bias_of(station, self.name)
        largest = max(abs(self.start), abs(self.stop))
        yield Progress(0.0, "choosing sensitivity and phase at the set-point")
        yield from bias.configure(self._modulation(), largest, self.set_point)
        position = math.nan if station.scanner is None else station.scanner.position
        targets = self.targets()
        for index, target in enumerate(targets[self.first :], self.first):
            yield from bias.set(target)
            reading: TunnelReading = yield from bias.read()
            values = {
                "Voltage (V)": bias.voltage,
                CONDUCTANCE_COLUMN: reading.conductance,
                "dI/dV error (S)": reading.error,
                "Current (A)": reading.current,
                "X (V)": reading.x,
                "Y (V)": reading.y,
                "Modulation (V)": reading.modulation,
                SET_VOLTAGE_COLUMN: self.set_point,
                SET_CURRENT_COLUMN: bias.at_set_point.current,
                POSITION_COLUMN: position,
            }
            yield record(station, values, reading.status)
            yield Progress((index + 1) / len(targets), f"point {index + 1} of {len(targets)}")
        yield from bias.set(0.0)

    def _modulation(self) -> Modulation:
        return excitation_of(Modulation, self.modulation_rms, self, self.harmonic)


def bias_of(station: Station, procedure: str) -> VoltageBias:
    """Return the voltage bias of a station.

    Parameters
    ----------
    station
        An open station.
    procedure
        Name of what needs it, for the message.

    Returns
    -------
    VoltageBias
        As it stands.

    Raises
    ------
    ConfigurationError
        The station has none.
    """
    if station.tunnelling is None:
        raise ConfigurationError(
            f"{procedure}: station {station.name} biases its sample with a current; use"
            f" {_COUNTERPART.get(procedure, 'bias_spectrum')}, or a station with"
            " 'bias: {kind: voltage}'"
        )
    return station.tunnelling
