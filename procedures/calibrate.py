"""Calibrate the ac chain on a known resistor in place of the sample."""

import math
from collections.abc import Generator
from typing import Any

import numpy as np

from instruments.averaging import Average
from instruments.errors import ConfigurationError, LimitError
from instruments.excitation import Excitation
from instruments.lockin import flags_of
from instruments.reference_frequency import judge_frequency
from instruments.station import CONTEXT_COLUMNS, Station, record
from instruments.waiting import Event, Events, Progress, Record, Steps
from procedures.averaged import check_frequency, line_frequency
from procedures.base import Resume, StationProcedure
from procedures.settings import boolean, integer, real


class Calibrate(StationProcedure):
    """Read a known resistor at several currents and frequencies, and the zeros between.

    Every row is one average of the outputs as they are. With ``compare_source`` the current source
    drives a sine through the resistor as well, with the oscillator at 0 V: that tells the gain of
    the lock-in from the series resistance, as well as the amplitude of the source is known.
    `daq.analysis.calibration.calibrate` makes a calibration of the rows.
    """

    resistance: float = real("Resistance", units="ohm", default=100.0, minimum=1e-3, maximum=1e7)
    resistance_error: float = real(
        "Resistance error", units="ohm", default=0.01, minimum=0.0, maximum=1e6
    )
    excitation_rms: float = real(
        "Largest excitation, rms", units="A", default=1e-6, minimum=1e-12, maximum=0.074
    )
    currents: int = integer("Currents", default=3, minimum=1, maximum=20)
    frequency: float = real(
        "Lowest frequency", units="Hz", default=137.0, minimum=0.5, maximum=250e3
    )
    highest_frequency: float = real(
        "Highest frequency", units="Hz", default=1131.0, minimum=0.5, maximum=250e3
    )
    frequencies: int = integer("Frequencies", default=4, minimum=2, maximum=100)
    dwell: float = real("Dwell", units="s", default=1.0, minimum=0.1, maximum=1000.0)
    compare_source: bool = boolean("Compare with the source", default=True)
    source_error: float = real(
        "Relative error of the source", default=1e-3, minimum=0.0, maximum=1.0
    )

    resume = Resume.RESTART
    DATA_COLUMNS = [
        *CONTEXT_COLUMNS,
        "Frequency (Hz)",
        "Sensitivity (V)",
        "Oscillator (V)",
        "Source rms (A)",
        "Reference phase (deg)",
        "X (V)",
        "X error (V)",
        "Y (V)",
        "Y error (V)",
        "Resistance (ohm)",
        "Resistance error (ohm)",
        "Relative source error",
        "Series resistance (ohm)",
        "Blocking capacitor (F)",
    ]

    def check(self, station: Station) -> None:
        """Refuse frequencies that cannot be averaged, and currents beyond the limit.

        Parameters
        ----------
        station
            An open station.
        """
        check_frequency(station, self.name, self.frequency, self.dwell)
        check_frequency(station, self.name, self.highest_frequency, self.dwell)
        if not self.frequency < self.highest_frequency:
            raise ConfigurationError(
                f"calibrate: frequency = {self.frequency:g} Hz is not below highest_frequency ="
                f" {self.highest_frequency:g} Hz; a phase against frequency needs both"
            )
        peak = math.sqrt(2.0) * self.excitation_rms
        if not peak <= station.limits.current:
            raise LimitError(
                f"calibrate: an excitation of {self.excitation_rms:g} A rms peaks at {peak:g} A,"
                f" above the limit of {station.limits.current:g} A; choose less"
            )

    def records(self, station: Station) -> Generator[Event, None, None]:
        """At every frequency and current: zero, oscillator, source.

        Parameters
        ----------
        station
            An open station with the resistor in place of the sample.

        Yields
        ------
        Event
            One record per reading.
        """
        self.check(station)
        settings = [
            (frequency, self.excitation_rms * (turn + 1) / self.currents)
            for frequency in self._frequencies(station)
            for turn in range(self.currents)
        ]
        zeroed: set[float] = set()
        for index, (frequency, rms) in enumerate(settings):
            yield Progress(index / len(settings), f"{rms:.3g} A at {frequency:g} Hz")
            yield from station.bias.configure(Excitation.averaged(rms, frequency, self.dwell), 0.0)
            if station.bias.sensitivity not in zeroed:
                zeroed.add(station.bias.sensitivity)
                yield from self._zero(station, frequency)
            mean = yield from station.bias.raw()
            yield self._row(station, frequency, mean, oscillator=station.role("lockin").voltage)
            if self.compare_source:
                mean = yield from self._driven_by_source(station, frequency, rms)
                yield self._row(station, frequency, mean, source=rms)
        yield Progress(1.0, "calibrated")

    def _frequencies(self, station: Station) -> list[float]:
        line = line_frequency(station)
        wanted = np.linspace(self.frequency, self.highest_frequency, self.frequencies)
        verdicts = [
            judge_frequency(round(float(f), 3), self.dwell, line_frequency=line) for f in wanted
        ]
        return [verdict.nearest for verdict in verdicts if verdict.nearest is not None]

    def _zero(self, station: Station, frequency: float) -> Events:
        station.bias.isolate()
        mean = yield from station.bias.raw()
        yield self._row(station, frequency, mean)
        station.bias.reconnect()

    def _driven_by_source(self, station: Station, frequency: float, rms: float) -> Steps[Average]:
        """Return what the lock-in shows of a sine of the source, which has no phase with it."""
        source = station.role("source")
        station.bias.silence()
        try:
            _start_sine(source, frequency, rms)
            mean = yield from station.bias.raw()
        finally:
            source.waveform_abort()
        return mean

    def _row(
        self,
        station: Station,
        frequency: float,
        mean: Average,
        *,
        oscillator: float = 0.0,
        source: float = 0.0,
    ) -> Record:
        wiring = station.bias.snapshot()
        capacitor = wiring["blocking_capacitor_F"]
        values = {
            "Frequency (Hz)": frequency,
            "Sensitivity (V)": station.bias.sensitivity,
            "Oscillator (V)": float(oscillator),
            "Source rms (A)": source,
            "Reference phase (deg)": float(station.role("lockin").reference_phase),
            "X (V)": mean.x,
            "X error (V)": mean.x_error,
            "Y (V)": mean.y,
            "Y error (V)": mean.y_error,
            "Resistance (ohm)": self.resistance,
            "Resistance error (ohm)": self.resistance_error,
            "Relative source error": self.source_error,
            "Series resistance (ohm)": float(wiring["series_resistance_ohm"]),
            "Blocking capacitor (F)": math.nan if capacitor is None else float(capacitor),
        }
        return record(station, values, flags_of(mean.status))


def _start_sine(source: Any, frequency: float, rms: float) -> None:
    source.waveform_abort()
    source.waveform_function = "sine"
    source.waveform_frequency = frequency
    source.waveform_offset = 0.0
    source.waveform_amplitude = math.sqrt(2.0) * rms
    source.waveform_duration_time = math.inf
    source.waveform_ranging = "best"
    source.waveform_arm()
    if not source.source_enabled:
        source.source_enabled = True
    source.waveform_start()
