from pathlib import Path

import pytest

from daq.config.document import parse_document, read_document
from daq.config.folder import find_config
from daq.config.station import load_station, station_from
from daq.reproduction.blind import Hidden, shifted_sample
from daq.reproduction.le2020_spectra import normal_resistance
from daq.reproduction.recipe import Measured
from daq.samples.catalogue import make_sample
from daq.simulation import build_bench
from instruments.calibration import Calibration
from instruments.errors import ColdpointError


def hidden_errors(config):
    """Return what no campaign may know of the instruments of a station."""
    devices = build_bench(config).devices
    source = devices["source"]._model  # noqa: SLF001 (only a test may know them)
    return devices["lockin"].errors, source.output.calibration


def test_the_resistor_and_the_sample_are_measured_with_the_very_same_instruments(contact):
    station = contact.folders[0] / "station.yaml"
    lockin, source = hidden_errors(load_station(station))
    (file,) = contact.task.folder.glob("*calibration/station.yaml")
    resistor = load_station(file)
    assert resistor.simulated.sample.name == "resistor"
    assert hidden_errors(resistor) == (lockin, source)
    text = read_document(station).edited({("simulated", "seed"): 7})
    others = hidden_errors(station_from(parse_document(text, "s.yaml")))
    assert others[0] != lockin
    assert others[1] != source


def test_a_resistance_that_nobody_knows_is_right_by_the_calibration_and_not_without(contact):
    station = Measured(contact.folders).station()
    calibration = Calibration.from_json(Path(station.calibration).read_text())
    choice = station.simulated.sample
    truth = make_sample(choice.name, choice.options).truth()["normal_resistance"]
    assert abs(truth / 100.0 - 1.0) > 0.05
    found = normal_resistance(Measured(contact.folders).runs("bias_spectrum")[0])
    known = found.error + truth * calibration.ac_factor.error
    assert found.value == pytest.approx(truth, abs=3.0 * known)
    assert found.error < 3e-4 * truth
    assert abs(found.value * calibration.ac_factor.value - truth) > 10.0 * known


@pytest.mark.parametrize("name", ["le2020_contact", "yi2024_8_50", "le2020_contacts"])
def test_the_options_of_a_sample_stay_when_its_truth_is_hidden(name):
    document = read_document(find_config("stations", name))
    before = station_from(document).simulated.sample
    text = document.edited(shifted_sample(document, Hidden(7, 0.1)))
    after = station_from(parse_document(text, "s.yaml")).simulated.sample
    assert after.name == before.name
    assert after.options == {**before.options, "truth_spread": 0.1, "truth_seed": 7}


def test_a_real_station_has_nothing_that_a_test_could_hide():
    with pytest.raises(ColdpointError, match="no part 'simulated'"):
        shifted_sample(parse_document("format: 1\nname: real\n", "real.yaml"), Hidden(1))
