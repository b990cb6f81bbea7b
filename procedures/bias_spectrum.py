"""dV/dI against bias: the differential resistance of a contact, point by point."""

import math
from collections.abc import Generator

import numpy as np

from instruments.excitation import BiasReading, Excitation
from instruments.station import CONTEXT_COLUMNS, Station, record
from instruments.waiting import Event, Progress, Steps
from procedures.averaged import check_frequency, excitation_of
from procedures.base import Resume, StationProcedure
from procedures.bias_points import bias_points
from procedures.settings import boolean, choice, integer, real

APPROACH_POINTS = 20
"""Readings on the way from 0 A to the first point, from which its voltage is integrated."""
VOLTAGE_COLUMN = "Bias voltage, integrated (V)"
MEASURED_COLUMN = "Bias voltage, measured (V)"
ERROR_COLUMN = "dV/dI error (ohm)"


class BiasSpectrum(StationProcedure):
    """Step the dc bias and read the response of the contact to a small ac current.

    The bias voltage is the integral of dV/dI over the current through the contact, from 0 A on: on
    the way to the first point a few readings are taken that are not recorded. With ``both_ways``
    the bias steps back again to the first point. At the second harmonic X and Y are those of 2f,
    and dV/dI and the integrated voltage are not a number. The measured bias voltage is what the
    ``voltmeter`` of the station reads at each point, and not a number without one.

    ``averaged`` settles behind a short time constant and averages readings over ``dwell``: time
    constant and slope follow from a rule then (5 ms and 24 dB/oct at most frequencies), and
    ``time_constant`` and ``slope`` are those of ``single`` readings only. A frequency at which
    ripple or line pick-up would be averaged to a constant is refused, and a better one is named.
    The error of dV/dI is one standard error from noise and quantisation; it is not a number for
    single readings.
    """

    start: float = real("Start", units="A", default=-1e-4, minimum=-0.105, maximum=0.105)
    stop: float = real("Stop", units="A", default=1e-4, minimum=-0.105, maximum=0.105)
    points: int = integer("Points", default=201, minimum=2, maximum=1_000_000)
    both_ways: bool = boolean("Both ways", default=False)
    excitation_rms: float = real(
        "Excitation, rms", units="A", default=1e-6, minimum=1e-12, maximum=0.074
    )
    frequency: float = real("Frequency", units="Hz", default=137.0, minimum=0.5, maximum=250e3)
    acquisition: str = choice("Acquisition", ["averaged", "single"], default="averaged")
    dwell: float = real("Dwell", units="s", default=0.2, minimum=0.1, maximum=1000.0)
    time_constant: float = real("Time constant", units="s", default=0.02, minimum=1e-5, maximum=1e5)
    slope: int = choice("Slope in dB/oct", [6, 12, 18, 24], default=24)
    settle_fraction: float = real("Settle fraction", default=0.01, minimum=1e-6, maximum=0.5)
    harmonic: int = choice("Harmonic", [1, 2], default=1)

    resume = Resume.CONTINUE
    DATA_COLUMNS = [
        *CONTEXT_COLUMNS,
        "Current (A)",
        VOLTAGE_COLUMN,
        MEASURED_COLUMN,
        "dV/dI (ohm)",
        "X (V)",
        "Y (V)",
        "Excitation (A)",
        ERROR_COLUMN,
    ]

    def check(self, station: Station) -> None:
        """Refuse a frequency that cannot be averaged.

        Parameters
        ----------
        station
            An open station.
        """
        if self.acquisition == "averaged":
            check_frequency(station, self.name, self.frequency, self.dwell, self.harmonic)

    def targets(self) -> list[float]:
        """Return the dc current of every point in A, in the order in which they are taken."""
        return bias_points(self.start, self.stop, self.points, both_ways=self.both_ways)

    def records(self, station: Station) -> Generator[Event, None, None]:
        """Configure, walk to the first point, then step and read.

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
        excitation = self._excitation()
        largest = max(abs(self.start), abs(self.stop))
        yield Progress(0.0, "choosing sensitivity and phase")
        yield from station.bias.configure(excitation, largest)
        targets = self.targets()
        voltage = yield from self._approach(station, targets[self.first])
        for index, target in enumerate(targets[self.first :], self.first):
            yield from station.bias.set(target)
            reading = yield from station.bias.read()
            bias_voltage = voltage.follow(target, reading.resistance)
            measured = station.voltage()
            leak = station.bias.leak(_first_known(bias_voltage, measured))
            values = {
                "Current (A)": target - leak,
                VOLTAGE_COLUMN: bias_voltage,
                MEASURED_COLUMN: measured,
                "dV/dI (ohm)": reading.resistance,
                "X (V)": reading.x,
                "Y (V)": reading.y,
                "Excitation (A)": reading.excitation,
                ERROR_COLUMN: reading.error,
            }
            yield record(station, values, reading.status)
            yield Progress((index + 1) / len(targets), f"point {index + 1} of {len(targets)}")
        yield from station.bias.set(0.0)

    def _excitation(self) -> Excitation:
        return excitation_of(Excitation, self.excitation_rms, self, self.harmonic)

    def _approach(self, station: Station, first: float) -> Steps["_Integral"]:
        """Walk from 0 A to the first point, integrating on the way."""
        integral = _Integral(station)
        steps = APPROACH_POINTS if self.harmonic == 1 and first != 0.0 else 0
        for fraction in np.linspace(0.0, 1.0, steps + 1)[:-1] if steps else ():
            target = float(first * fraction)
            yield from station.bias.set(target)
            reading: BiasReading = yield from station.bias.read()
            integral.follow(target, reading.resistance)
        return integral


class _Integral:
    """The contact voltage as the integral of dV/dI over the current through the contact."""

    def __init__(self, station: Station) -> None:
        self._leak = station.bias.leak
        self._last: tuple[float, float] | None = None
        self._voltage = 0.0

    def follow(self, current: float, resistance: float) -> float:
        """Return the voltage in V at a source current in A, given dV/dI there in ohm."""
        if self._last is not None:
            before, slope = self._last
            mean = 0.5 * (slope + resistance)
            self._voltage += mean * (current - before) / (1.0 + self._leak(mean))
        else:
            self._voltage = current * resistance
        self._last = (current, resistance)
        return self._voltage


def _first_known(*voltages: float) -> float:
    return next((voltage for voltage in voltages if not math.isnan(voltage)), 0.0)
