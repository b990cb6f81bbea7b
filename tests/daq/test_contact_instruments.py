import math
import threading

import pytest

from daq.analysis.spectrum import spectrum
from daq.config.document import parse_document
from daq.config.station import station_from
from daq.runs.engine import MemorySink, execute
from daq.simulation import build_bench
from daq.station_file import clock_of, open_configured, openers
from instruments.errors import ConfigurationError, RefusedError
from instruments.simulated.sample import Resistor
from procedures.bias_spectrum import MEASURED_COLUMN, VOLTAGE_COLUMN, BiasSpectrum
from procedures.voltage_pulse import VoltagePulse

CRYOSTAT = "  cryostat: {driver"
ONE = '  contact 1: {source: "I+ I-", lockin: "V+ V-"}\n'
TWO = ONE + ONE.replace("contact 1", "contact 2")
ADC = "  voltmeter: {driver: ADC1, lockin: lockin, gain: 1000}\n"
NANO = "  voltmeter: {driver: Keithley2182, resource: GPIB0::7::INSTR}\n"
MATRIX = (
    "  switch: {driver: Keithley2700, resource: GPIB0::16::INSTR,"
    " channels: {contact 1: [101, 102], contact 2: [103, 104]}}\n"
)


def config(text):
    return station_from(parse_document(text, "station.yaml"))


@pytest.fixture
def opened(cold_station):
    stations = []

    def make(beside, *changes, sample=None, **options):
        said = config(cold_station((CRYOSTAT, beside + CRYOSTAT), *changes))
        twins = build_bench(said)
        twins.bench.insert(Resistor(100.0) if sample is None else sample)
        stations.append(open_configured(said, bench=twins, **options))
        return stations[-1], twins.bench

    yield make
    for station in stations:
        station.close()


def rows(procedure, station):
    sink = MemorySink()
    outcome = execute(procedure, station, sink, threading.Event())
    assert outcome.status == "finished", outcome.traceback
    return sink.rows


SHORT = {"start": -1e-4, "stop": 1e-4, "points": 5}


@pytest.mark.parametrize(("beside", "error"), [(ADC, 3.5e-6), (NANO, 1e-9)])
def test_the_measured_bias_voltage_is_that_of_the_contact(opened, beside, error):
    station, _ = opened(beside, ("noise: on", "noise: off"))
    for row in rows(BiasSpectrum(**SHORT), station):
        assert row[MEASURED_COLUMN] == pytest.approx(
            100.0 * row["Current (A)"], abs=error, rel=2e-3
        )
    assert station.snapshot()["voltmeter"]["kind"] in {"ADC 1", "simulated"}


def test_without_a_voltmeter_the_measured_voltage_is_not_a_number(opened):
    station, _ = opened("")
    for row in rows(BiasSpectrum(**SHORT), station):
        assert math.isnan(row[MEASURED_COLUMN])
        assert math.isfinite(row[VOLTAGE_COLUMN])


def test_at_the_second_harmonic_the_leak_follows_the_measured_voltage(opened):
    station, _ = opened(NANO, ("100 kohm", "20 kohm"), sample=Resistor(1000.0))
    last = rows(BiasSpectrum(harmonic=2, start=0.0, stop=1e-4, points=2), station)[-1]
    assert math.isnan(last[VOLTAGE_COLUMN])
    assert last["Current (A)"] == pytest.approx(1e-4 / (1.0 + 1000.0 / 20050.0), rel=2e-3)


def test_a_pulse_reads_the_voltmeter(opened, monkeypatch):
    station, _ = opened(ADC)
    monkeypatch.setattr(type(station.role("lockin")), "adc1", property(lambda _: 0.5))
    (row,) = rows(VoltagePulse(amplitude=5.0), station)
    assert row["ADC1 (V)"] == pytest.approx(5e-4)


def test_the_voltmeter_follows_the_contact_and_may_have_terminals_of_its_own(opened):
    class Nested(Resistor):
        def _between(self, terminals, source):
            return {"V+ V-": 100.0, "W+ W-": 50.0}.get(terminals, 100.0)

    wired = ONE.replace('"V+ V-"}', '"V+ V-", voltmeter: "W+ W-"}')
    other = ONE.replace("contact 1", "contact 2")
    station, _ = opened(NANO, (ONE, wired + other), sample=Nested())
    ratios = []
    for name in ("contact 1", "contact 2"):
        station.connect(name)
        last = rows(BiasSpectrum(**SHORT), station)[-1]
        ratios.append(last[MEASURED_COLUMN] / last["Current (A)"])
    assert ratios == pytest.approx([50.0, 100.0], rel=2e-3)


def test_a_spectrum_takes_the_measured_voltage_where_there_is_one(opened):
    import pandas as pd

    station, _ = opened("")
    data = pd.DataFrame([dict(row) for row in rows(BiasSpectrum(**SHORT), station)])
    assert spectrum(data).voltage == pytest.approx(data[VOLTAGE_COLUMN].to_numpy())
    data[MEASURED_COLUMN] = [0.5, 0.25, math.nan, -0.25, -0.5]
    voltage = spectrum(data).voltage
    assert voltage[[0, 1, 3, 4]] == pytest.approx([0.5, 0.25, -0.25, -0.5])
    assert voltage[2] == data[VOLTAGE_COLUMN][2]


@pytest.mark.parametrize("switch", [MATRIX, "  switch: {driver: AskOperator}\n"])
def test_on_a_bench_of_twins_every_switch_is_played(opened, switch):
    station, _ = opened(switch, (ONE, TWO))
    station.connect("contact 2")
    assert station.contact == "contact 2"


def test_one_contact_needs_no_switch(opened):
    station, _ = opened("")
    assert set(station.instruments) == {"source", "lockin"}


def test_the_guardian_opens_only_what_has_outputs(cold_station):
    text = cold_station((CRYOSTAT, ADC + MATRIX + CRYOSTAT), (ONE, TWO)).split("simulated:\n")[0]
    said = config(text + "clock: {scale: 1.0, epoch: '2026-01-01T00:00:00Z'}\n")
    assert set(openers(said, clock_of(said))) == {"source", "lockin", "cryostat"}


OPERATOR = "  switch: {driver: AskOperator, wired: contact 2}\n"


@pytest.mark.parametrize(
    ("beside", "part"),
    [
        (ADC.replace("lockin: lockin", "lockin: lockn"), "voltmeter.lockin: found 'lockn'"),
        (ADC.replace("1000", "0"), "voltmeter.gain: found 0, expected a gain"),
        (OPERATOR.replace("contact 2", "contact 3"), "switch.wired: found 'contact 3'"),
        (MATRIX.replace("contact 2", "contact 3"), "switch.channels.contact 3: found 'contact 3'"),
        (MATRIX.replace(", contact 2: [103, 104]", ""), "switch.channels.contact 2: found no such"),
        (MATRIX.replace("[103, 104]", "[]"), "switch.channels.contact 2: found an empty list"),
        (ADC.replace("voltmeter:", "switch:"), "switch.driver: found the driver ADC1"),
    ],
)
def test_a_file_whose_switch_or_voltmeter_does_not_fit_is_refused(cold_station, beside, part):
    with pytest.raises(ConfigurationError, match=r"station.yaml:\d+: instruments\.") as refused:
        config(cold_station((CRYOSTAT, beside + CRYOSTAT), (ONE, TWO)))
    assert part in str(refused.value)


def real(cold_station, switch):
    """Return a station without twins whose only instrument is a switch."""
    kept = cold_station((ONE, TWO)).split("simulated:\n")[0].splitlines(keepends=True)
    drivers = ("Keithley6221", "DSP7265", "MultiVu")
    text = "".join(line for line in kept if not any(driver in line for driver in drivers))
    text = text.replace("instruments:\n", f"instruments:\n{switch}").replace("bias:", "bias:", 1)
    return config(text.replace('{source: "I+ I-", lockin: "V+ V-"}', "{switch: 'a b'}"))


def test_a_simulated_switch_needs_a_bench_in_this_process(cold_station):
    from daq.contact_instruments import open_switch

    said = real(cold_station, "  switch: {driver: Simulated}\n")
    with pytest.raises(ConfigurationError, match="within the process of their bench"):
        open_switch(said, None, "")


def test_the_operator_begins_with_the_contact_that_the_file_says_is_wired(cold_station):
    from daq.contact_instruments import open_switch

    switch = open_switch(real(cold_station, OPERATOR), None, "")
    assert switch.contact == "contact 2"
    with pytest.raises(RefusedError):
        switch.connect("contact 1")
    asked = open_switch(real(cold_station, OPERATOR), None, "", lambda _contact: True)
    asked.connect("contact 1")
    assert asked.contact == "contact 1"
