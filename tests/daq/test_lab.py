import json

import pytest

from daq import Lab
from daq.runs.files import open_run
from instruments.errors import ColdpointError, ConfigurationError, LimitError, StorageError
from procedures.bias_spectrum import BiasSpectrum
from procedures.voltage_pulse import VoltagePulse


@pytest.fixture
def station(tmp_path, cold_station):
    file = tmp_path / "cold.yaml"
    file.write_text(cold_station())
    return file


def short(**settings):
    return BiasSpectrum(start=-1e-5, stop=1e-5, points=5, **settings)


def test_a_script_measures_and_has_a_data_frame(station, tmp_path):
    with Lab.open(station, data=tmp_path / "data", title="By hand") as lab:
        run = lab.run(short())
    assert run.outcome == "finished"
    assert run.data["dV/dI (ohm)"].to_numpy() == pytest.approx(100.0, rel=0.03)
    assert run.path.parent.parent == tmp_path / "data"
    assert run.path.parent.name.endswith("By-hand")
    assert open_run(run.path).data.equals(run.data)


def test_a_script_sets_temperature_field_and_angle(station, tmp_path):
    with Lab.open(station, data=tmp_path / "data") as lab:
        lab.temperature(2.5)
        lab.field(0.01)
        run = lab.run(short())
    row = run.data.iloc[-1]
    assert row["Temperature (K)"] == pytest.approx(2.5, abs=0.03)
    assert row["Field (T)"] == pytest.approx(0.01, abs=5e-4)
    assert row["Status"] == 0


def test_a_station_is_safe_and_closed_after_the_block_whatever_happens(station, tmp_path):
    with pytest.raises(ZeroDivisionError):
        with Lab.open(station, data=tmp_path / "data") as lab:
            lab.run(short())
            source = lab.station.role("source")
            source.source_current = 1e-6
            calls = []
            lab.station.on_close.append(lambda: calls.append("closed"))
            safe = lab.station.make_safe
            lab.station.make_safe = lambda: calls.append("safe") or safe()
            raise ZeroDivisionError
    assert calls == ["safe", "closed"]


def test_a_run_that_fails_raises_and_names_its_file(station, tmp_path):
    station.write_text(station.read_text().replace("105 mA", "20 mA"))
    with Lab.open(station, data=tmp_path / "data") as lab:
        with pytest.raises(ColdpointError, match=r"voltage_pulse failed: .*0001-voltage_pulse.csv"):
            lab.run(VoltagePulse(amplitude=6.0))
        assert lab.run(short()).outcome == "finished"
    (failed,) = (tmp_path / "data").rglob("0001-voltage_pulse.json")
    assert json.loads(failed.read_text())["outcome"] == "failed"


def test_a_limit_holds_in_a_script_too(station, tmp_path):
    with Lab.open(station, data=tmp_path / "data") as lab:
        with pytest.raises(LimitError):
            lab.field(15.0)
        with pytest.raises(ColdpointError, match="above the limit"):
            lab.run(BiasSpectrum(start=0.0, stop=1e-3, points=3))


def test_a_wrong_setting_is_refused_before_anything_runs():
    with pytest.raises(ConfigurationError, match="there is no setting 'stopp'"):
        BiasSpectrum(stopp=1.0)


def test_a_folder_that_cannot_be_made_leaves_no_station_open(station, tmp_path):
    (tmp_path / "data").write_text("a file")
    with pytest.raises(StorageError, match="another folder"):
        Lab.open(station, data=tmp_path / "data")
