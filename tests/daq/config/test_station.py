import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from daq.config.bias import BiasConfig
from daq.config.document import parse_document
from daq.config.simulated import ClockChoice, SampleChoice
from daq.config.station import load_station, station_from
from instruments.errors import ConfigurationError
from instruments.limits import StationLimits

TEXT = """\
name: bench
instruments:
  source: {driver: Keithley6221, resource: GPIB0::12::INSTR}
  lockin: {driver: DSP7265, resource: GPIB0::14::INSTR, line: 50 Hz}
  cryostat: {driver: Model6000, resource: GPIB0::15::INSTR}
bias: {kind: oscillator, series_resistance: 100 kohm}
contacts:
  contact 1: {source: "I+ I-", lockin: "V+  V-"}
limits:
  current: 0.2 mA
  current_rate: 0.1 mA/s
  temperature: [1.8 K, 350 K]
  temperature_rate: 12 K/min
  field: 14 T
  field_rate: 42 Oe/s
safe: {field: persistent}
simulated: {sample: {name: resistor, lead: 1 ohm}, clock: "scaled:60", latency: 20 ms, noise: off}
"""


def station(text):
    return station_from(parse_document(text, "s.yaml"))


def refusal(text):
    with pytest.raises(ConfigurationError) as error:
        station(text)
    message = str(error.value)
    assert message.isprintable()
    assert "found " in message
    assert ", expected " in message
    return message


def test_a_station_file_is_read_into_si():
    config = station(TEXT)
    assert config.name == "bench"
    assert config.instruments["cryostat"].driver == "Model6000"
    assert config.instruments["lockin"].line == 50.0
    assert config.bias.series_resistance == 1e5
    assert config.bias.accept_loading is False
    assert config.contacts == {"contact 1": {"source": "I+ I-", "lockin": "V+ V-"}}
    assert config.safe.field == "persistent"
    assert config.safe.temperature == "hold"
    assert config.simulated.sample == SampleChoice("resistor", {"lead": "1 ohm"})
    assert config.simulated.clock == ClockChoice("scaled", 60.0)
    assert config.simulated.latency == 0.02
    assert config.simulated.noise is False
    assert config.text == TEXT


def test_without_limits_of_its_own_a_pulse_has_those_of_everything_else():
    assert station(TEXT).limits == StationLimits(
        current=2e-4,
        current_rate=1e-4,
        compliance=0.5,
        pulse_voltage=0.5,
        pulse_current=2e-4,
        temperature=(1.8, 350.0),
        temperature_rate=0.2,
        field=14.0,
        field_rate=4.2e-3,
    )


def test_the_simulated_station_comes_with_coldpoint():
    config = load_station("simulated")
    assert config.simulated.clock.kind == "virtual"
    assert config.simulated.seed == 1
    assert config.limits.pulse_voltage == 10.0
    assert config.instruments["cryostat"].port == 27183


def test_a_real_bench_has_no_twins():
    assert station(TEXT.replace("simulated:", "#")).simulated is None


@pytest.mark.parametrize(
    ("old", "new", "start", "part"),
    [
        (
            "Keithley6221",
            "Keithley2400",
            "s.yaml:3: instruments.source.driver: ",
            "DSP7265, MultiVu",
        ),
        ("driver: DSP7265, ", "", "s.yaml:4: instruments.lockin.driver: ", "add 'driver'"),
        ("  lockin: {", "  lokin: {", "s.yaml:4: instruments.lokin: ", "source, lockin, cryostat"),
        ("  source: {", "  lockin_yx: {", "s.yaml:3: instruments.lockin_yx.driver: ", "DSP7265"),
        ("::14::", "::12::", "s.yaml:4: instruments.lockin.resource: ", "than that of 'source'"),
        ("line: 50 Hz", "line: 55 Hz", "s.yaml:4: instruments.lockin.line: ", "50 Hz or 60 Hz"),
        ("line: 50 Hz", "lin: 50 Hz", "s.yaml:4: instruments.lockin.lin: ", "did you mean 'line'?"),
        ("kind: oscillator", "kind: magic", "s.yaml:6: bias.kind: ", "'oscillator'"),
        (", series_resistance: 100 kohm", "", "s.yaml:6: bias.series_resistance: ", "in ohm"),
        ("kind: oscillator", "kind: waveform", "s.yaml:6: bias.series_resistance: ", "waveform"),
        ("bias:", "#", "s.yaml:1: bias: ", "add 'bias'"),
        ('"I+ I-"', '"I+ I+"', "s.yaml:8: contacts.contact 1.source: ", "two different terminals"),
        ('lockin: "V', 'voltmeter: "V', "s.yaml:8: contacts.contact 1.voltmeter: ", "a role"),
        ("current: 0.2 mA", "current: 0.2", "s.yaml:10: limits.current: ", "add the unit"),
        ("current: 0.2 mA", "current: 0.2 mV", "s.yaml:10: limits.current: ", "a quantity in A"),
        ("current: 0.2 mA", "current: nan A", "s.yaml:10: limits.current: ", "a quantity in A"),
        ("current: 0.2 mA", "current: -1 mA", "s.yaml:10: limits.current: ", "more than 0"),
        (
            "current: 0.2 mA",
            "curent: 1 mA",
            "s.yaml:10: limits.curent: ",
            "did you mean 'current'?",
        ),
        ("  current: 0.2 mA\n", "", "s.yaml:9: limits.current: ", "since there is a source"),
        ("  field: 14 T\n", "", "s.yaml:9: limits.field: ", "since there is a cryostat"),
        ("[1.8 K, 350 K]", "[350 K, 1.8 K]", "s.yaml:12: limits.temperature: ", "the lower one"),
        ("[1.8 K, 350 K]", "[1.8 K]", "s.yaml:12: limits.temperature: ", "[lowest, highest]"),
        ("[1.8 K, 350 K]", "[1.8 K, 9**9**8 K]", "s.yaml:12: limits.temperature[2]: ", "in K"),
        ("field: persistent", "field: off", "s.yaml:16: safe.field: ", "'hold'"),
        ("scaled:60", "scaled:0", "s.yaml:17: simulated.clock: ", "scaled:60"),
        ("noise: off", "noise: loud", "s.yaml:17: simulated.noise: ", "true or false"),
        ("noise: off", "seed: -1", "s.yaml:17: simulated.seed: ", "at least 0"),
        ("latency: 20 ms", "latency: -1 ms", "s.yaml:17: simulated.latency: ", "0 or more"),
        ("name: resistor, ", "", "s.yaml:17: simulated.sample.name: ", "the name of a sample"),
        ("name: bench", "keep_below: 50\nname: b", "s.yaml:1: keep_below: ", "add the unit"),
        ("name: bench", "name: 3", "s.yaml:1: name: ", "quotes"),
        ("name: bench", "format: 2\nname: b", "s.yaml:1: format: ", "at most 1"),
        ("name: bench", "format: 1", "s.yaml:1: name: ", "add 'name'"),
    ],
)
def test_a_mistake_is_told_with_file_line_and_key(old, new, start, part):
    assert old in TEXT
    message = refusal(TEXT.replace(old, new, 1))
    assert message.startswith(start)
    assert part in message


def test_of_several_mistakes_the_first_in_the_file_is_told():
    text = (
        TEXT.replace("14 T", "14 K").replace("0.2 mA", "0.2 K").replace("line: 50 Hz", "line: 5 T")
    )
    assert refusal(text).startswith("s.yaml:4: instruments.lockin.line: ")


def test_keys_may_be_written_with_spaces():
    assert station(TEXT.replace("series_resistance", "series resistance")) is not None


def test_in_python_a_model_takes_si_numbers_and_stays_as_it_is():
    bias = BiasConfig(kind="oscillator", series_resistance=1e5)
    with pytest.raises(ValidationError):
        bias.series_resistance = 1.0


@given(st.data())
def test_a_damaged_station_file_is_read_or_refused_in_one_line(data):
    begin = data.draw(st.integers(0, len(TEXT)))
    end = data.draw(st.integers(begin, min(len(TEXT), begin + 20)))
    text = TEXT[:begin] + data.draw(st.text(max_size=8)) + TEXT[end:]
    try:
        station(text)
    except ConfigurationError as error:
        message = str(error)
    else:
        message = "s.yaml: accepted"
    assert message.startswith("s.yaml:")
    assert message.isprintable()
