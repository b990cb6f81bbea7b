import pytest

from daq.config import folder
from daq.config.folder import config_names, configs_folder, find_config
from instruments.errors import ConfigurationError


def test_the_configurations_of_the_checkout_are_found_by_name():
    assert find_config("stations", "simulated") == configs_folder() / "stations" / "simulated.yaml"
    assert "zero_bias_peak_in_field" in config_names("sequences")


def test_a_wheel_carries_its_configurations_inside_the_package(tmp_path, monkeypatch):
    package = tmp_path / "daq"
    (package / "config").mkdir(parents=True)
    monkeypatch.setattr(folder, "__file__", str(package / "config" / "folder.py"))
    assert configs_folder() == tmp_path / "configs"
    (package / "configs").mkdir()
    assert configs_folder() == package / "configs"


def test_a_path_is_taken_as_it_is(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("name: x\n")
    assert find_config("stations", str(path)) == path
    assert find_config("stations", path) == path


@pytest.mark.parametrize("name", ["simulatd", "../none/at_all", "", "a\nb", "\0", "x" * 5000])
def test_a_missing_configuration_is_told_in_one_line(name):
    with pytest.raises(ConfigurationError) as error:
        find_config("stations", name)
    message = str(error.value)
    assert ":1: (whole file): found no file" in message
    assert message.isprintable()
    if name == "simulatd":
        assert "did you mean 'simulated'?" in message
