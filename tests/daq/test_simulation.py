import threading

import pytest

from daq.config.document import parse_document
from daq.config.station import station_from
from daq.runs.engine import MemorySink, execute
from daq.simulation import build_bench, make_clock
from daq.station_file import open_configured
from instruments.clock import ScaledClock, SystemClock, VirtualClock
from instruments.errors import ConfigurationError
from procedures.bias_spectrum import BiasSpectrum

RESISTOR = ("sample: bi2se3_soft_contact", "sample: {name: resistor, resistance: 470 ohm}")


@pytest.fixture
def config(cold_station):
    def read(*changes):
        return station_from(parse_document(cold_station(*changes), "cold.yaml"))

    return read


def rows(station, **settings):
    sink = MemorySink()
    spectrum = BiasSpectrum(start=-1e-5, stop=1e-5, points=5, **settings)
    outcome = execute(spectrum, station, sink, threading.Event())
    assert outcome.error == ""
    return [dict(row) for row in sink.rows]


def test_the_sample_of_the_file_is_on_the_bench(config):
    station = open_configured(config(RESISTOR))
    assert rows(station)[2]["dV/dI (ohm)"] == pytest.approx(470.0, rel=0.03)
    station.close()


def test_two_benches_in_one_process_do_not_mix(config):
    one, other = config(RESISTOR), config(("seed: 1", "seed: 5"))
    first = open_configured(one)
    second = open_configured(other)
    together = rows(first), rows(second), rows(first)
    first.close()
    second.close()
    alone = open_configured(one)
    assert rows(alone) == together[0]
    alone.close()
    assert together[0][0]["dV/dI (ohm)"] == pytest.approx(470.0, rel=0.03)
    assert together[1][0]["dV/dI (ohm)"] == pytest.approx(100.0, rel=0.03)
    assert together[2][0]["Time (s)"] > together[0][-1]["Time (s)"]


def test_what_is_set_on_one_bench_is_not_seen_on_another(config):
    benches = [build_bench(config()) for _ in range(2)]
    stations = [open_configured(config(), bench=bench) for bench in benches]
    stations[0].role("lockin").voltage = 0.1
    stations[0].cryostat.set_temperature(3.0)
    assert stations[1].role("lockin").voltage == 0.0
    hidden = benches[0].bench.hidden.oscillator
    assert benches[0].bench.truth()["oscillator_rms"] == pytest.approx(0.1 * (1.0 + hidden))
    assert benches[1].bench.truth()["oscillator_rms"] == 0.0
    assert benches[1].clock.now() < benches[0].clock.now()
    for station in stations:
        station.close()


def test_the_latency_of_the_file_is_the_time_of_a_message(config):
    times = []
    for latency in ("20 ms", "120 ms"):
        bench = build_bench(config(("latency: 20 ms", f"latency: {latency}")))
        station = open_configured(config(), bench=bench)
        before = bench.clock.now()
        station.role("source").source_current = 0.0
        times.append(bench.clock.now() - before)
        station.close()
    assert times[1] - times[0] > 0.09


def test_without_noise_the_twins_have_no_hidden_errors(config):
    station = open_configured(config(RESISTOR, ("noise: on", "noise: off")))
    assert rows(station)[2]["dV/dI (ohm)"] == pytest.approx(470.0, rel=2e-3)
    station.close()


@pytest.mark.parametrize(
    ("text", "kind"),
    [("virtual", VirtualClock), ("system", SystemClock), ("scaled:60", ScaledClock)],
)
def test_the_clock_is_the_one_that_the_file_names(config, text, kind):
    clock = make_clock(config(("clock: virtual", f'clock: "{text}"')).simulated)
    assert type(clock) is kind
    assert getattr(clock, "scale", 60.0) == (1.0 if text == "system" else 60.0)


def test_a_station_without_the_part_simulated_has_no_bench(cold_station):
    text = cold_station().split("simulated:\n")[0]
    with pytest.raises(ConfigurationError, match="has no part 'simulated'"):
        build_bench(station_from(parse_document(text, "real.yaml")))


@pytest.mark.parametrize(
    ("sample", "part"),
    [
        ("sample: gold", "use one of"),
        ("sample: {name: resistor, colour: red}", "colour"),
        ("sample: {name: resistor, resistance: 3 K}", "resistance"),
    ],
)
def test_a_sample_that_does_not_exist_or_has_no_such_option_is_refused(config, sample, part):
    with pytest.raises(ConfigurationError, match=part):
        build_bench(config(("sample: bi2se3_soft_contact", sample)))


def test_a_second_lock_in_follows_the_oscillator_of_the_first(config):
    station = open_configured(
        config(
            (
                "  cryostat: {driver",
                "  lockin_yx: {driver: DSP7265, resource: 'GPIB0::16::INSTR'}\n  cryostat: {driver",
            ),
            ('lockin: "V+ V-"', 'lockin: "V+ V-", lockin_yx: "V+ V-"'),
        )
    )
    main, beside = station.role("lockin"), station.role("lockin_yx")
    beside.reference = "external rear"
    for frequency in (137.0, 733.0):
        main.frequency = frequency
        station.clock.sleep(0.5)
        assert beside.reference_frequency == pytest.approx(frequency)
    assert station.meters.roles == ("lockin_yx",)
    station.close()


MOUNT = "mount: {towards: [0, 0, 1], offset: 10 deg, misalignment: 2 deg, backlash: 0.2 deg}"


@pytest.mark.parametrize("angle", [10.0, 40.0, 100.0, 300.0])
def test_the_field_in_the_crystal_is_the_one_that_the_mount_of_the_file_tells(config, angle):
    start = ("field: 0 T}", f"field: 2 T, angle: {angle} deg}}")
    said = config(("format: 1", MOUNT), start)
    bench = build_bench(said)
    expected = [2.0 * part for part in said.mount.field_direction(angle)]
    assert bench.bench.environment.field == pytest.approx(expected, abs=1e-3)
    assert bench.cryostat.options.rotator.backlash == 0.2
    assert build_bench(config()).cryostat.options.rotator.backlash == 0.5
