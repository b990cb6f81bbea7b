"""Check a contact before a night is spent on it: resistance, leads, noise and line pick-up."""

import math
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from enum import IntFlag

from instruments.averaging import Average, average
from instruments.errors import LimitError, RefusedError
from instruments.excitation import BiasReading, Excitation
from instruments.reference_frequency import (
    Detection,
    averaging_time_constant,
    judge_frequency,
)
from instruments.station import CONTEXT_COLUMNS, Station, record
from instruments.status import Status
from instruments.waiting import Event, Progress, Steps, Value, wait
from procedures.averaged import check_frequency, line_frequency
from procedures.base import Resume, StationProcedure
from procedures.settings import boolean, integer, real

BOLTZMANN = 1.380649e-23
AMPLIFIER_NOISE = 5e-9
"""Of the FET input of a 7265 in V/rtHz, at 1 kHz."""
ROOM = 300.0
"""Temperature in K for the Johnson noise where no cryostat tells it."""
COMPLIANCE_OFFSET = 0.02
COMPLIANCE_GAIN = 1e-3
"""Accuracy of the compliance of a 6221: 0.1 % + 20 mV."""
STEPS = 6
"""Dc currents that are tried, each twice the one before."""
SIGNIFICANT = 5.0
QUADRATURE = 0.05
FIRST_RANGE = 10e-6
"""Full scale in V on which noise is measured, as long as it is not overloaded."""
LINE_TIME_CONSTANT = 0.02
LINES = 3
ADC_READINGS = 10
NOISE_AT = (1.0, 3.0, 7.0)
"""Frequencies at which noise is measured, over the one of the excitation."""


class Verdict(IntFlag):
    """What is wrong with a contact; 0 means that nothing was found.

    Attributes
    ----------
    OPEN
        Its resistance is above what was called open.
    NO_SIGNAL
        No voltage above the noise: shorted, or a current lead or voltage lead is open.
    COMPLIANCE
        The source was held by its compliance: more resistance in the current path than stated.
    QUADRATURE
        The quadrature exceeds 5 % of the in-phase signal: capacitance, or an open lead.
    OFFSET
        The dc voltage at no current is above what was called too large.
    NOISY
        The noise is above the expected floor by more than the stated factor.
    LINE
        Line pick-up is above what was called too large.
    OVERLOAD
        The lock-in was overloaded.
    """

    OPEN = 1
    NO_SIGNAL = 2
    COMPLIANCE = 4
    QUADRATURE = 8
    OFFSET = 16
    NOISY = 32
    LINE = 64
    OVERLOAD = 128


MEANING: Mapping[Verdict, str] = {
    Verdict.OPEN: "open: the resistance is too large",
    Verdict.NO_SIGNAL: "no signal: shorted, or a lead is open",
    Verdict.COMPLIANCE: "the source is in compliance: a current lead is open or too resistive",
    Verdict.QUADRATURE: "large quadrature: capacitance, or an open lead",
    Verdict.OFFSET: "large dc offset",
    Verdict.NOISY: "noisier than expected",
    Verdict.LINE: "line pick-up",
    Verdict.OVERLOAD: "the lock-in is overloaded",
}


def verdict_text(verdict: Verdict) -> str:
    """Return a verdict in words."""
    found = [text for flag, text in MEANING.items() if verdict & flag]
    return "; ".join(found) if found else "good"


@dataclass(frozen=True, slots=True)
class _Contact:
    """What was found with the excitation on; ohm and V."""

    resistance: float
    error: float
    quadrature: float
    at_least: float
    at_most: float
    offset: float
    verdict: Verdict

    def columns(self) -> dict[str, Value]:
        """Return the columns that every row repeats."""
        return {
            "R (ohm)": self.resistance,
            "R error (ohm)": self.error,
            "Quadrature (ohm)": self.quadrature,
            "Two-terminal R from (ohm)": self.at_least,
            "Two-terminal R to (ohm)": self.at_most,
            "DC offset (V)": self.offset,
        }


class ContactCheck(StationProcedure):
    """Measure the contact, the leads, and what the lock-in sees without excitation.

    The four-wire resistance is read at no dc. Then the dc is doubled step by step up to
    ``test_current``: where the compliance of the source is not reached, the two-terminal resistance
    is below a bound; where it is, above one. Nothing better can be said of the leads, since no
    meter sees the terminals of the source; a lead of r ohm makes dV/dI too small by r over the
    series resistance. With the excitation off, noise is read at a few
    frequencies and the first three line harmonics. The dc offset is read where the station
    has a ``voltmeter``, and is not a number elsewhere. The last row has the whole verdict.
    """

    excitation_rms: float = real(
        "Excitation, rms", units="A", default=1e-6, minimum=1e-12, maximum=0.074
    )
    frequency: float = real("Frequency", units="Hz", default=137.0, minimum=0.5, maximum=250e3)
    dwell: float = real("Dwell", units="s", default=1.0, minimum=0.1, maximum=1000.0)
    test_current: float = real("Test current", units="A", default=1e-5, minimum=0.0, maximum=0.105)
    open_above: float = real("Open above", units="ohm", default=50e3, minimum=1e-3, maximum=1e12)
    noise_factor: float = real("Noise factor", default=2.0, minimum=1.0, maximum=1e6)
    noise_frequencies: int = integer("Noise frequencies", default=3, minimum=1, maximum=3)
    line_limit: float = real("Line limit, rms", units="V", default=5e-6, minimum=0.0, maximum=1.0)
    offset_limit: float = real("Offset limit", units="V", default=0.01, minimum=0.0, maximum=10.0)
    stop_on_fault: bool = boolean("Stop on a fault", default=False)

    resume = Resume.RESTART
    DATA_COLUMNS = [
        *CONTEXT_COLUMNS,
        "Frequency (Hz)",
        "Signal (V)",
        "Noise in 1 Hz (V)",
        "Expected noise in 1 Hz (V)",
        "R (ohm)",
        "R error (ohm)",
        "Quadrature (ohm)",
        "Two-terminal R from (ohm)",
        "Two-terminal R to (ohm)",
        "DC offset (V)",
        "Verdict",
    ]

    def check(self, station: Station) -> None:
        """Refuse a frequency that cannot be averaged, and currents beyond the limit.

        Parameters
        ----------
        station
            An open station.
        """
        check_frequency(station, self.name, self.frequency, self.dwell)
        peak = self.test_current + math.sqrt(2.0) * self.excitation_rms
        if not peak <= station.limits.current:
            raise LimitError(
                f"contact_check: a test current of {self.test_current:g} A plus the excitation"
                f" reach {peak:g} A, above the limit of {station.limits.current:g} A; choose less"
            )

    def records(self, station: Station) -> Generator[Event, None, None]:
        """Measure the contact, then what is there without excitation.

        Parameters
        ----------
        station
            An open station.

        Yields
        ------
        Event
            One record with excitation, one per noise frequency, one per line harmonic.
        """
        self.check(station)
        yield Progress(0.0, "resistance and leads")
        excitation = Excitation.averaged(self.excitation_rms, self.frequency, self.dwell)
        yield from station.bias.configure(excitation, self.test_current, accept=True)
        reading = yield from station.bias.read()
        contact = yield from self._judge(station, reading)
        verdict = contact.verdict
        values: dict[str, Value] = {
            **contact.columns(),
            "Frequency (Hz)": self.frequency,
            "Signal (V)": math.hypot(reading.x, reading.y),
            "Noise in 1 Hz (V)": math.nan,
            "Expected noise in 1 Hz (V)": math.nan,
        }
        yield record(station, {**values, "Verdict": int(verdict)}, reading.status)
        yield Progress(0.4, "noise and line")
        # the smallest range of the source: a larger one is noisier than the lock-in
        yield from station.bias.configure(excitation, 0.0, accept=True)
        station.bias.silence()
        expected = self._expected_noise(station, contact)
        for frequency, is_line in self._quiet_frequencies(station):
            mean = yield from self._quiet(station, frequency, is_line=is_line)
            verdict |= self._judge_quiet(mean, expected, is_line=is_line)
            values["Frequency (Hz)"] = frequency
            values["Signal (V)"] = math.hypot(mean.x, mean.y)
            values["Noise in 1 Hz (V)"] = math.nan if is_line else mean.density
            values["Expected noise in 1 Hz (V)"] = math.nan if is_line else expected
            status = Status.OVERLOAD if mean.status.overload else Status(0)
            yield record(station, {**values, "Verdict": int(verdict)}, status)
        self._conclude(contact, verdict)
        yield Progress(1.0, f"{contact.resistance:.6g} ohm, {verdict_text(verdict)}")

    def _judge(self, station: Station, reading: BiasReading) -> Steps[_Contact]:
        """Judge the first reading, try the leads with dc, and read the offset."""
        current = reading.excitation
        quadrature = reading.y / current if current > 0.0 else math.nan
        verdict = Verdict(0)
        if not abs(reading.resistance) <= self.open_above:
            verdict |= Verdict.OPEN
        elif abs(reading.resistance) < SIGNIFICANT * reading.error:
            verdict |= Verdict.NO_SIGNAL
        elif abs(quadrature) > QUADRATURE * abs(reading.resistance) + SIGNIFICANT * reading.error:
            verdict |= Verdict.QUADRATURE
        if reading.status & Status.OVERLOAD:
            verdict |= Verdict.OVERLOAD
        offset = yield from _adc_offset(station)
        if abs(offset) > self.offset_limit:
            verdict |= Verdict.OFFSET
        low, high = yield from self._leads(station, reading)
        if low > 0.0:
            verdict |= Verdict.COMPLIANCE
        return _Contact(reading.resistance, reading.error, quadrature, low, high, offset, verdict)

    def _leads(self, station: Station, first: BiasReading) -> Steps[tuple[float, float]]:
        """Return the bounds of the two-terminal resistance in ohm; the dc ends at zero."""
        compliance = float(station.role("source").source_compliance)
        least = compliance * (1.0 - COMPLIANCE_GAIN) - COMPLIANCE_OFFSET
        most = compliance * (1.0 + COMPLIANCE_GAIN) + COMPLIANCE_OFFSET
        peak = math.sqrt(2.0) * self.excitation_rms
        series = float(station.bias.snapshot()["series_resistance_ohm"])
        if first.status & Status.COMPLIANCE:
            return least / peak, math.inf
        at_most = _without(series, most / peak)
        for turn in range(STEPS if self.test_current > 0.0 else 0):
            current = self.test_current * 2.0 ** (turn + 1 - STEPS)
            yield from station.bias.set(current)
            reading = yield from station.bias.read()
            if reading.status & Status.COMPLIANCE:
                yield from station.bias.set(0.0)
                return least / (current + peak), at_most
            at_most = _without(series, most / (current + peak))
        yield from station.bias.set(0.0)
        return 0.0, at_most

    def _quiet_frequencies(self, station: Station) -> list[tuple[float, bool]]:
        """Return the frequencies in Hz without excitation, and whether each is of the line."""
        line = line_frequency(station)
        found = []
        for factor in NOISE_AT[: self.noise_frequencies]:
            wanted = round(factor * self.frequency, 3)
            nearest = judge_frequency(wanted, self.dwell, line_frequency=line).nearest
            if nearest is not None:
                found.append((nearest, False))
        return found + [(order * line, True) for order in range(1, LINES + 1)]

    def _quiet(self, station: Station, frequency: float, *, is_line: bool) -> Steps[Average]:
        """Average without excitation, on the most sensitive range that is not overloaded."""
        lockin = station.role("lockin")
        seconds = LINE_TIME_CONSTANT if is_line else averaging_time_constant(frequency)
        lockin.frequency = frequency
        lockin.time_constant = min(
            value for value in lockin.time_constants() if value >= seconds * (1.0 - 1e-9)
        )
        for full in (value for value in lockin.sensitivities() if value >= FIRST_RANGE):
            lockin.sensitivity = full
            time_constant = float(lockin.time_constant)
            yield from wait(station.clock, 20.0 * time_constant, "the lock-in to settle")
            detection = Detection(
                frequency,
                time_constant,
                line_frequency=line_frequency(station),
                quantum=full / 10_000.0,
            )
            mean = yield from average(lockin, station.clock, self.dwell, detection)
            if not mean.status.overload:
                break
        return mean

    def _expected_noise(self, station: Station, contact: _Contact) -> float:
        """Return Johnson and amplifier noise in V/rtHz; not a number for an open contact."""
        if contact.verdict & Verdict.OPEN:
            return math.nan
        temperature = ROOM
        if station.cryostat is not None:
            temperature = float(station.cryostat.reading.temperature)
        johnson = 4.0 * BOLTZMANN * temperature * abs(contact.resistance)
        return math.sqrt(johnson + AMPLIFIER_NOISE**2)

    def _judge_quiet(self, mean: Average, expected: float, *, is_line: bool) -> Verdict:
        verdict = Verdict.OVERLOAD if mean.status.overload else Verdict(0)
        if is_line and math.hypot(mean.x, mean.y) > self.line_limit:
            verdict |= Verdict.LINE
        if not is_line and mean.density > self.noise_factor * expected:
            verdict |= Verdict.NOISY
        return verdict

    def _conclude(self, contact: _Contact, verdict: Verdict) -> None:
        if verdict and self.stop_on_fault:
            raise RefusedError(
                f"contact_check: the contact of {contact.resistance:.4g} ohm is not good"
                f" ({verdict_text(verdict)}); look at the wiring before going on"
            )


def _without(series: float, parallel: float) -> float:
    """Return the resistance in ohm that with the series resistance in parallel makes `parallel`."""
    return parallel * series / (series - parallel) if parallel < series else math.inf


def _adc_offset(station: Station) -> Steps[float]:
    """Return the mean voltage of the voltmeter in V; not a number without one."""
    if "voltmeter" not in station.instruments:
        return math.nan
    total = 0.0
    for _ in range(ADC_READINGS):
        total += station.voltage()
        yield from wait(station.clock, 0.01, "the dc offset")
    return total / ADC_READINGS
