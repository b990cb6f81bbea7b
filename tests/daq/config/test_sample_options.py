import pytest

from daq.config.document import parse_document
from daq.config.sample_options import SAMPLE_OPTIONS, check_sample, check_shift, read_options
from daq.config.simulated import SampleChoice, SimulatedConfig
from daq.config.station import station_from
from instruments.errors import ConfigurationError

STATION = """\
name: twins
instruments:
  lockin: {{driver: DSP7265, resource: GPIB0::14::INSTR}}
limits: {{}}
simulated:
  sample: {sample}
  seed: 1
"""
SPREAD_OUT = """
    name: crbst_fete
    m: 8
    n: 17"""


def load(sample):
    return station_from(parse_document(STATION.format(sample=sample), "s.yaml"))


@pytest.mark.parametrize("sample", ["crbst_fete", "{name: crbst_fete}"])
def test_a_sample_is_a_name_or_a_mapping_with_one(sample):
    assert load(sample).simulated.sample == SampleChoice("crbst_fete", {})


def test_a_film_is_chosen_by_its_layers():
    sample = load("{name: crbst_fete, m: 4, n: 38, truth_spread: 15 %, truth_seed: 3}")
    options = {"m": 4, "n": 38, "truth_spread": "15 %", "truth_seed": 3}
    assert sample.simulated.sample == SampleChoice("crbst_fete", options)
    assert read_options("crbst_fete", options) == {"m": 4, "n": 38}
    assert check_shift(options) == (0.15, 3)


@pytest.mark.parametrize(
    ("sample", "message"),
    [
        ("lead", "s.yaml:6: simulated.sample: found 'lead', expected a virtual sample; use one of"),
        ("crbst_fet", "s.yaml:6: simulated.sample: found 'crbst_fet', expected a virtual sample; "
         "did you mean 'crbst_fete'?"),
        ("{name: lead}", "s.yaml:6: simulated.sample.name: found 'lead'"),
        ("{name: crbst_fete, k: 3}", "s.yaml:6: simulated.sample.k: found the unknown option 'k', "
         "expected an option of crbst_fete; use one of: m, n, truth_seed, truth_spread"),
        (SPREAD_OUT, "s.yaml:9: simulated.sample.n: found 17, expected one of 6, 8, 10, 12, 14,"),
        ("{name: crbst_fete, m: 8.0}", "simulated.sample.m: found 8.0, expected one of 1, 2, 4"),
        ("{name: crbst_fete, m: true}", "simulated.sample.m: found true, expected one of 1, 2, 4"),
        ("{name: hall_bar, hall: 3 ohm}", "simulated.sample.hall: found '3 ohm', expected a "
         "quantity in ohm/T; "),
        ("{name: resistor, lead: 3}", "simulated.sample.lead: found 3, expected a quantity in ohm"),
        ("{name: bi2se3_flake, written: half}", "simulated.sample.written: found 'half'"),
        ("{name: bi2se3_flake, truth_spread: 30 %}", "simulated.sample.truth_spread: found '30 %', "
         "expected 0 % to 20 %"),
        ("{name: bi2se3_flake, truth_seed: -3}", "simulated.sample.truth_seed: found -3"),
    ],
)  # fmt: skip
def test_a_wrong_sample_or_option_is_told_with_its_line_when_the_file_is_read(sample, message):
    with pytest.raises(ConfigurationError) as error:
        load(sample)
    assert message in str(error.value)
    assert str(error.value).isprintable()
    assert str(error.value).startswith("s.yaml:")


def test_in_python_a_wrong_sample_is_refused_as_well():
    with pytest.raises(ValueError, match="'lead', expected a virtual sample"):
        SimulatedConfig(sample="lead")


def test_every_sample_can_be_named_without_options():
    for name in SAMPLE_OPTIONS:
        check_sample(name, {})
