"""A voltage pulse across the contact, timed by the source."""

from collections.abc import Generator
from typing import Any

from instruments.errors import LimitError, RefusedError
from instruments.excitation import Excitation
from instruments.station import CONTEXT_COLUMNS, Station, record
from instruments.waiting import Event, Progress, Steps, settle, wait
from procedures.base import Resume, StationProcedure
from procedures.settings import choice, integer, real

SOURCE_LIMIT = 0.105
"""The largest current of the source in A."""
OVERDRIVE = 1.05
"""Programmed current over V/R: the compliance, not the resistance, sets the voltage."""


class VoltagePulse(StationProcedure):
    """Drive the contact at a voltage for a few milliseconds.

    The source is programmed for 5 % more current than the voltage needs, and its compliance holds
    the voltage; at the limit of the station it is lower by the accuracy of the compliance. The
    width is timed by the source, never by the program. Meanwhile the oscillator is down and the
    input of the lock-in is grounded. R is measured before and after at zero bias.
    ``ADC1`` is what the voltmeter of the station reads after the pulse, in V at the contact; not a
    number without one.
    """

    amplitude: float = real("Amplitude", units="V", default=6.0, minimum=-10.0, maximum=10.0)
    width: float = real("Width", units="s", default=5e-3, minimum=1e-5, maximum=9.999e-3)
    pulses: int = integer("Pulses", default=1, minimum=1, maximum=1000)
    excitation_rms: float = real(
        "Excitation, rms", units="A", default=1e-6, minimum=1e-12, maximum=0.074
    )
    frequency: float = real("Frequency", units="Hz", default=137.0, minimum=0.5, maximum=250e3)
    time_constant: float = real("Time constant", units="s", default=0.05, minimum=1e-5, maximum=1e5)
    slope: int = choice("Slope in dB/oct", [6, 12, 18, 24], default=24)

    resume = Resume.ASK
    DATA_COLUMNS = [
        *CONTEXT_COLUMNS,
        "Amplitude (V)",
        "Programmed current (A)",
        "Compliance (V)",
        "Width (s)",
        "Compliance event",
        "R before (ohm)",
        "R after (ohm)",
        "ADC1 (V)",
    ]

    def records(self, station: Station) -> Generator[Event, None, None]:
        """Measure R, fire, measure R again, for every pulse.

        Parameters
        ----------
        station
            An open station whose source can pulse.

        Yields
        ------
        Event
            One record per pulse.
        """
        excitation = Excitation(
            self.excitation_rms, self.frequency, self.time_constant, self.slope, 1e-3
        )
        for index in range(self.pulses):
            yield Progress(index / self.pulses, "measuring R before the pulse")
            before = yield from _resistance(station, excitation)
            current = self._current(station, before)
            station.bias.isolate()
            report, adc = yield from self._fire(station, current)
            station.bias.reconnect()
            after = yield from _resistance(station, excitation)
            values = {
                "Amplitude (V)": self.amplitude,
                "Programmed current (A)": float(report.current),
                "Compliance (V)": float(report.compliance),
                "Width (s)": float(report.width),
                "Compliance event": int(report.compliance_event),
                "R before (ohm)": before,
                "R after (ohm)": after,
                "ADC1 (V)": adc,
            }
            yield record(station, values)
        yield Progress(1.0, "pulsed")

    def _current(self, station: Station, resistance: float) -> float:
        """Return the current to program in A, or refuse and name the reachable voltage."""
        if abs(self.amplitude) > station.limits.pulse_voltage:
            raise LimitError(
                f"voltage_pulse: {self.amplitude:g} V is above the station's pulse_voltage of"
                f" {station.limits.pulse_voltage:g} V"
            )
        if not resistance > 0.0:
            raise RefusedError(
                f"voltage_pulse: the contact measures {resistance:g} ohm; check the wiring"
            )
        largest = min(SOURCE_LIMIT, station.limits.pulse_current)
        current = OVERDRIVE * self.amplitude / resistance
        if abs(current) > largest:
            reachable = largest * resistance / OVERDRIVE
            raise RefusedError(
                f"voltage_pulse: {abs(self.amplitude):g} V across {resistance:.4g} ohm needs"
                f" {abs(current) * 1e3:.4g} mA, above {largest * 1e3:g} mA; at most"
                f" {reachable:.4g} V"
                " can be reached on this contact"
            )
        return current

    def _fire(self, station: Station, current: float) -> Steps[tuple[Any, float]]:
        """Fire one pulse and return the source's report and what the voltmeter reads."""
        source = station.role("source")
        highest = source.compliance_within(station.limits.pulse_voltage)
        source.prepare_pulse(current, self.width, min(abs(self.amplitude), highest))
        try:
            source.fire_pulse()
            yield from wait(station.clock, self.width, "the pulse")
            yield from settle(
                station.clock,
                lambda: not source.pulse_running(),
                "the pulse",
                timeout=self.width + 5.0,
                poll=0.01,
            )
        finally:
            report = source.end_pulse()
        return report, station.voltage()


def _resistance(station: Station, excitation: Excitation) -> Steps[float]:
    yield from station.bias.configure(excitation, 0.0)
    reading = yield from station.bias.read()
    return reading.resistance
