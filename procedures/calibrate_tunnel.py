"""Calibrate a tunnelling station on a known resistor in place of the junction."""

import math
from collections.abc import Generator

from instruments.errors import LimitError
from instruments.lockin import flags_of
from instruments.station import CONTEXT_COLUMNS, Station, record
from instruments.status import Status
from instruments.tunnel_reading import Modulation, RawReading
from instruments.voltage_bias import VoltageBias
from instruments.waiting import Event, Progress, Record
from procedures.averaged import check_frequency
from procedures.base import Resume, StationProcedure
from procedures.bias_points import bias_points
from procedures.settings import integer, real
from procedures.tunnel_spectrum import bias_of

LARGEST_SHARE = 0.9
"""Of the full scale of the preamplifier that dc plus peak ac may take."""
SETTLED = 1e-4
"""What may be left of the signal when the zero is read."""


class CalibrateTunnel(StationProcedure):
    """Read a known resistor at several voltages, and the zero of the lock-in.

    Every row is one average of what the lock-in and its ADC show, uncorrected. A small resistor
    is the better one: the offset at the input of the preamplifier drives a larger current through
    it, against the offset of its output. A resistor tells only products of a divider and the gain;
    the errors by specification (one sigma) say how to share what is found between the two, and are
    left in the result. `daq.analysis.tunnel_calibration` makes a calibration of the rows.
    """

    resistance: float = real("Resistance", units="ohm", default=100e3, minimum=1e3, maximum=1e12)
    resistance_error: float = real(
        "Resistance error", units="ohm", default=10.0, minimum=0.0, maximum=1e11
    )
    largest: float = real("Largest voltage", units="V", default=8e-3, minimum=1e-6, maximum=1.0)
    points: int = integer("Points", default=9, minimum=3, maximum=1001)
    modulation_rms: float = real(
        "Modulation, rms", units="V", default=200e-6, minimum=1e-9, maximum=0.1
    )
    frequency: float = real("Frequency", units="Hz", default=977.0, minimum=0.5, maximum=250e3)
    dwell: float = real("Dwell", units="s", default=0.5, minimum=0.1, maximum=1000.0)
    readings: int = integer("Readings of the ADC", default=32, minimum=2, maximum=10_000)
    divider_error: float = real(
        "Relative error of divider and converter", default=3.2e-3, minimum=0.0, maximum=0.1
    )
    oscillator_error: float = real(
        "Relative error of oscillator and its divider", default=3.4e-3, minimum=0.0, maximum=0.1
    )
    preamplifier_error: float = real(
        "Relative error of the preamplifier", default=5e-3, minimum=0.0, maximum=0.1
    )
    lockin_error: float = real(
        "Relative error of the lock-in", default=3e-3, minimum=0.0, maximum=0.1
    )
    output_error: float = real(
        "Error of the output of the preamplifier", units="V", default=1e-3, minimum=0.0, maximum=1.0
    )

    resume = Resume.RESTART
    DATA_COLUMNS = [
        *CONTEXT_COLUMNS,
        "Converter (V)",
        "Oscillator (V)",
        "ADC (V)",
        "ADC error (V)",
        "X (V)",
        "X error (V)",
        "Y (V)",
        "Y error (V)",
        "Frequency (Hz)",
        "Resistance (ohm)",
        "Resistance error (ohm)",
        "Converter number",
        "Divider",
        "Oscillator divider",
        "Preamplifier gain (V/A)",
        "Gain at the frequency (V/A)",
        "Relative divider error",
        "Relative oscillator error",
        "Relative preamplifier error",
        "Relative lock-in error",
        "Output error (V)",
    ]

    def check(self, station: Station) -> None:
        """Refuse a station without a voltage bias, and what overloads its preamplifier.

        Parameters
        ----------
        station
            An open station.
        """
        amplifier = bias_of(station, self.name).preamplifier
        check_frequency(station, self.name, self.frequency, self.dwell)
        peak = self.largest + math.sqrt(2.0) * self.modulation_rms
        output = amplifier.gain * peak / self.resistance
        if output > LARGEST_SHARE * amplifier.full_scale:
            raise LimitError(
                f"calibrate_tunnel: {peak:g} V peak through {self.resistance:g} ohm make"
                f" {output:.3g} V of the preamplifier, which ends at {amplifier.full_scale:g} V;"
                " choose a smaller largest voltage or a larger resistor"
            )

    def records(self, station: Station) -> Generator[Event, None, None]:
        """Step the voltage with the modulation on, then read the zero without it.

        Parameters
        ----------
        station
            An open station with the resistor in place of the junction.

        Yields
        ------
        Event
            One record per voltage, and one of the zero.
        """
        self.check(station)
        bias = bias_of(station, self.name)
        modulation = Modulation.averaged(
            self.modulation_rms, self.frequency, self.dwell, settle_fraction=SETTLED
        )
        yield Progress(0.0, "choosing sensitivity and phase")
        yield from bias.configure(modulation, self.largest, self.largest)
        targets = bias_points(-self.largest, self.largest, self.points, both_ways=False)
        for index, target in enumerate(targets):
            yield from bias.set(target)
            reading = yield from bias.raw(self.readings)
            yield self._row(station, bias, reading)
            yield Progress((index + 1) / (self.points + 1), f"{1e3 * target:.3g} mV")
        yield from bias.set(0.0)
        bias.silence()
        reading = yield from bias.raw(self.readings)
        yield self._row(station, bias, reading)
        yield Progress(1.0, "calibrated")

    def _row(self, station: Station, bias: VoltageBias, reading: RawReading) -> Record:
        amplifier, dividers, mean = bias.preamplifier, bias.dividers, reading.mean
        values = {
            "Converter (V)": reading.converter,
            "Oscillator (V)": reading.oscillator,
            "ADC (V)": reading.output[0],
            "ADC error (V)": reading.output[1],
            "X (V)": mean.x,
            "X error (V)": mean.x_error,
            "Y (V)": mean.y,
            "Y error (V)": mean.y_error,
            "Frequency (Hz)": self.frequency,
            "Resistance (ohm)": self.resistance,
            "Resistance error (ohm)": self.resistance_error,
            "Converter number": dividers.dac,
            "Divider": dividers.divider,
            "Oscillator divider": dividers.oscillator_divider,
            "Preamplifier gain (V/A)": amplifier.gain,
            "Gain at the frequency (V/A)": amplifier.gain_at(self.frequency),
            "Relative divider error": self.divider_error,
            "Relative oscillator error": self.oscillator_error,
            "Relative preamplifier error": self.preamplifier_error,
            "Relative lock-in error": self.lockin_error,
            "Output error (V)": self.output_error,
        }
        status = flags_of(mean.status)
        if amplifier.overloaded(reading.output[0], math.hypot(mean.x, mean.y)):
            status |= Status.OVERLOAD
        return record(station, values, status)
