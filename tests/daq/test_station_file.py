import pytest

from daq import open_station
from daq.config.document import parse_document
from daq.config.station import load_station, station_from
from daq.runs.lock import StationLock
from daq.station_file import open_configured
from instruments.calibration import Calibration, Measured
from instruments.clock import VirtualClock
from instruments.errors import (
    CommunicationError,
    ConfigurationError,
    LimitError,
    StationBusyError,
)
from instruments.mount import Mount
from instruments.ppms.model6000 import Model6000
from instruments.ppms.multivu import MultiVu

MULTIVU = "{driver: MultiVu, host: 127.0.0.1, port: 27183}"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    for name in ("XDG_STATE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))


@pytest.fixture
def opened(cold_station):
    stations = []

    def open_text(*changes, **options):
        config = station_from(parse_document(cold_station(*changes), "cold.yaml"))
        stations.append(open_configured(config, **options))
        return stations[-1]

    yield open_text
    for station in stations:
        station.close()


def test_a_station_is_opened_by_name_with_all_that_its_file_says():
    station = open_station("simulated")
    try:
        assert station.name == "simulated"
        assert station.simulated
        assert isinstance(station.clock, VirtualClock)
        assert set(station.instruments) == {"source", "lockin"}
        assert station.contact == "contact 1"
        assert station.safe.field == "zero"
        assert station.limits == load_station("simulated").limits
    finally:
        station.close()


def test_a_station_is_opened_by_the_path_of_its_file(tmp_path, cold_station):
    file = tmp_path / "mine.yaml"
    file.write_text(cold_station(("name: simulated", "name: mine")))
    station = open_station(file)
    assert station.name == "mine"
    station.close()


@pytest.mark.parametrize(
    ("instrument", "kind"),
    [(MULTIVU, MultiVu), ("{driver: Model6000, resource: GPIB0::15::INSTR}", Model6000)],
)
def test_both_transports_of_the_cryostat_tell_the_temperature(opened, instrument, kind):
    station = opened((MULTIVU, instrument))
    assert isinstance(station.cryostat, kind)
    assert station.cryostat.reading.temperature == pytest.approx(1.9, abs=0.05)


def test_the_limits_of_the_file_stand_in_the_drivers(opened):
    station = opened()
    source = station.role("source")
    for refused in (
        lambda: setattr(source, "source_current", 2.1e-4),
        lambda: setattr(source, "source_compliance", 0.6),
        lambda: setattr(station.role("lockin"), "voltage", 0.5),
        lambda: station.cryostat.set_field(15.0),
        lambda: station.cryostat.set_temperature(400.0),
    ):
        with pytest.raises(LimitError):
            refused()


def test_tighter_limits_take_the_place_of_those_of_the_file(opened):
    limits = load_station("simulated").limits.tightened(current=1e-5)
    station = opened(limits=limits)
    assert station.limits.current == 1e-5
    with pytest.raises(LimitError):
        station.role("source").source_current = 2e-5


def test_opening_a_station_touches_no_output(cold_station):
    from daq.simulation import build_bench

    config = station_from(parse_document(cold_station(), "cold.yaml"))
    bench = build_bench(config)
    before = bench.bench.truth()
    station = open_configured(config, bench=bench)
    station.close()
    after = bench.bench.truth()
    for key in ("source_current", "source_connected", "oscillator_rms", "peak_contact_voltage"):
        assert after[key] == before[key]


def test_mount_and_harmful_temperature_of_the_file_are_those_of_the_station_and_its_twins(opened):
    mount = "mount: {towards: [0, 0, 1], offset: 10 deg, misalignment: 1 deg, backlash: 0.2 deg}"
    station = opened(("format: 1", f"{mount}\nkeep_below: 50 K"))
    assert station.mount == Mount((1.0, 0.0, 0.0), (0.0, 0.0, 1.0), 10.0, 1.0, 0.2)
    assert station.keep_below == 50.0
    assert not station.confirmed_above
    bare = opened()
    assert bare.mount is None
    assert bare.keep_below is None
    assert bare.calibration is None


def calibration_at(path, **changes):
    exact = Measured(1.0, 1e-4)
    values = dict.fromkeys(("ac_factor", "gain", "phase", "phase_slope"), exact) | {
        "date": "2026-01-01T00:00:00+00:00",
        "contact": "contact 1",
        "wiring_resistance": 1e5,
        "blocking_capacitor": None,
        "lowest_frequency": 137.0,
        "highest_frequency": 1131.0,
        "series_resistance": Measured(1e5, 10.0),
        "phase_covariance": 0.0,
        "separated": True,
        "ranges": (),
    }
    found = Calibration(**(values | changes))
    path.write_text(found.to_json())
    return found


def test_the_calibration_that_the_file_names_is_used(tmp_path, opened):
    file = tmp_path / "calibration.json"
    found = calibration_at(file)
    station = opened(("format: 1", f"calibration: {file}"))
    assert station.calibration == found
    assert station.snapshot()["calibration"]["wiring_resistance"] == 1e5


def test_a_calibration_of_another_wiring_is_refused_with_the_line_of_the_file(tmp_path, opened):
    file = tmp_path / "calibration.json"
    calibration_at(file, wiring_resistance=1e6)
    with pytest.raises(ConfigurationError, match=r"^cold.yaml:2: calibration: .*calibrate again"):
        opened(("format: 1", f"calibration: {file}"))


def test_a_bias_that_cannot_be_used_yet_is_refused_and_nothing_stays_open(cold_station):
    text = cold_station(("kind: oscillator", "kind: differential"))
    with pytest.raises(ConfigurationError, match="differential"):
        open_configured(station_from(parse_document(text, "cold.yaml")))


def real(text):
    """Return a station without twins, on the clock that a client of twins has."""
    text = text.replace("name: simulated", "name: real").split("simulated:\n")[0]
    text += "clock: {scale: 1.0, epoch: '2026-01-01T00:00:00Z'}\n"
    return station_from(parse_document(text, "real.yaml"))


def test_a_station_that_somebody_owns_is_refused_and_the_owner_named(cold_station):
    with StationLock("real"):
        with pytest.raises(StationBusyError, match="in use by process"):
            open_configured(real(cold_station()))


NOBODY = "TCPIP0::127.0.0.1::9::SOCKET"


@pytest.mark.parametrize(
    ("changes", "role"),
    [
        ([], "source: GPIB0::12::INSTR"),
        ([("GPIB0::12::INSTR", NOBODY)], "lockin: GPIB0::14::INSTR"),
        ([("GPIB0::12::INSTR", NOBODY), ("GPIB0::14::INSTR", NOBODY.replace("9", "7"))], "MultiVu"),
    ],
)
def test_a_station_whose_instruments_cannot_be_reached_says_which_and_gives_its_lock_back(
    cold_station, changes, role
):
    with pytest.raises(CommunicationError, match=role):
        open_configured(real(cold_station(*changes)))
    with StationLock("real") as lock:
        assert lock.owner() is not None
