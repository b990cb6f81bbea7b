"""What the first spectrum must show, from the files alone."""

import threading

import numpy as np
import pytest
from scipy.special import gammaincc

from daq.analysis.spectrum import spectrum
from daq.analysis.zero_bias_peak import zero_bias_peak
from daq.campaign.prepared import prepare
from daq.campaign.runner import run_prepared
from daq.runs.engine import MemorySink, execute
from daq.runs.files import open_run
from daq.samples.soft_contact import SoftContact
from instruments.excitation import Excitation
from instruments.limits import StationLimits
from instruments.simulated.sample import Resistor
from instruments.status import Status
from instruments.waiting import drive
from procedures.bias_spectrum import BiasSpectrum
from procedures.voltage_pulse import VoltagePulse

SPECTRUM = """\
  - bias_spectrum: {from: -0.1 mA, to: 0.1 mA, points: 201, excitation_rms: 1 uA}
"""
SHORT = """\
  - bias_spectrum: {from: -0.02 mA, to: 0.02 mA, points: 9, excitation_rms: 1 uA}
  - voltage_pulse: {amplitude: 6 V, width: 5 ms}
"""


def pulse(amplitude, width):
    return f"  - voltage_pulse: {{amplitude: {amplitude}, width: {width}}}\n"


def campaign(folder, station, steps):
    folder.mkdir()
    (folder / "station.yaml").write_text(station)
    (folder / "sequence.yaml").write_text(f"title: Acceptance\nsteps:\n{steps}")
    prepared = prepare(folder / "sequence.yaml", folder / "station.yaml")
    outcome = run_prepared(prepared, folder / "data")
    assert (outcome.status, outcome.error) == ("finished", "")
    return outcome


def peaks(outcome):
    """Return what each spectrum shows; nothing but its CSV is read."""
    found = []
    for run in outcome.runs:
        if run.procedure == "bias_spectrum":
            run.csv.with_suffix(".json").unlink()
            measured = spectrum(open_run(run.csv).data)
            found.append(zero_bias_peak(measured.voltage, measured.conductance))
    return found


@pytest.fixture(scope="module")
def story(tmp_path_factory, cold_station):
    """One contact: pristine, after 3 V, after 6 V, and then in 3.6 T."""
    field = "  - field: {to: 3.6 T}\n"
    steps = [SPECTRUM, pulse("3 V", "5 ms"), SPECTRUM, pulse("6 V", "5 ms"), SPECTRUM, field]
    folder = tmp_path_factory.mktemp("story") / "campaign"
    outcome = campaign(folder, cold_station(), "".join([*steps, SPECTRUM]))
    return dict(zip(("pristine", "3 V", "6 V", "3.6 T"), peaks(outcome), strict=True))


@pytest.mark.parametrize("state", ["pristine", "3 V", "3.6 T"])
def test_there_is_no_zero_bias_peak_without_a_written_contact_or_above_its_field(story, state):
    found = story[state]
    assert found.height.value < 3.0 * found.height.error
    assert not found.found


def test_six_volts_for_five_milliseconds_write_one_peak_with_a_dip_on_either_side(story):
    found = story["6 V"]
    assert found.height.value > 5.0 * found.height.error
    assert found.count == 1
    left, right = found.dips
    assert left.voltage < -0.5 * found.width < 0.0 < 0.5 * found.width < right.voltage
    assert min(left.depth.significance, right.depth.significance) > 5.0


def test_the_normal_conductance_is_that_of_the_contact(story):
    for found in story.values():
        assert found.normal_conductance == pytest.approx(0.01, rel=0.03)


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_whatever_the_seed_only_a_contact_pulsed_above_threshold_has_a_peak(
    tmp_path, cold_station, seed
):
    station = cold_station(("seed: 1", f"seed: {seed}"))
    steps = SPECTRUM + pulse("4 V", "9.9 ms") + SPECTRUM
    pristine, written = peaks(campaign(tmp_path / "campaign", station, steps))
    assert pristine.height.value < 3.0 * pristine.height.error
    assert written.height.value > 5.0 * written.height.error


class Felt(SoftContact):
    """A contact that writes down for how long it feels more than a volt, and how much."""

    def __init__(self):
        super().__init__()
        self.seconds, self.voltage_felt = 0.0, 0.0

    def evolve(self, seconds, environment, exposures):
        super().evolve(seconds, environment, exposures)
        voltage = max(exposure.peak_voltage for exposure in exposures.values())
        if voltage > 1.0:
            self.seconds += seconds
            self.voltage_felt = max(self.voltage_felt, voltage)


@pytest.mark.parametrize("latency", [0.0, 0.02, 0.1])
def test_a_slow_link_gives_no_longer_pulse(bench_station, latency):
    contact = Felt()
    limits = StationLimits(pulse_voltage=10.0, pulse_current=0.105)
    _, station = bench_station(contact, latency=latency, limits=limits)
    sink = MemorySink()
    outcome = execute(VoltagePulse(amplitude=6.0, width=5e-3), station, sink, threading.Event())
    assert outcome.error == ""
    assert contact.seconds == pytest.approx(5e-3, rel=0.02)
    assert contact.voltage_felt == pytest.approx(6.0, rel=0.02)
    assert sink.rows[0]["Width (s)"] == pytest.approx(5e-3)
    assert sink.rows[0]["Compliance event"] == 1


class Opening(Resistor):
    """A contact that opens above 45 uA."""

    def voltage(self, current, terminals, source, environment):
        beyond = np.abs(current) > 4.5e-5
        return np.where(beyond, 1e9 * (np.abs(current) - 4.5e-5), 0.0) * np.sign(current) + (
            self.resistance * current
        )

    def current(self, voltage, source, environment):
        kink = self.resistance * 4.5e-5
        beyond = 4.5e-5 + (np.abs(voltage) - kink) / (1e9 + self.resistance)
        return np.where(
            np.abs(voltage) > kink, np.sign(voltage) * beyond, voltage / self.resistance
        )


@pytest.mark.parametrize("seed", range(1, 17))  # of these some err upwards, some downwards
def test_a_contact_that_opens_in_mid_spectrum_feels_the_compliance_at_most(bench_station, seed):
    bench, station = bench_station(Opening(100.0), seed=seed)
    sink = MemorySink()
    spectrum = BiasSpectrum(start=0.0, stop=1e-4, points=5)
    outcome = execute(spectrum, station, sink, threading.Event())
    assert outcome.error == ""
    flagged = [bool(row["Status"] & Status.COMPLIANCE) for row in sink.rows]
    assert flagged == [False] * 2 + [True] * 3
    assert 0.4 < bench.truth()["peak_contact_voltage"] <= 0.5


class Peaked(Resistor):
    """A contact whose conductance peaks at zero bias."""

    def voltage(self, current, terminals, source, environment):
        return self.resistance * (current - 1e-5 * np.tanh(current / 2e-5))


@pytest.mark.parametrize("slope", [6, 12, 18, 24])
def test_a_sweep_faster_than_the_filter_is_smeared_and_lags_by_the_computed_amount(
    bench_station, slope
):
    """A step leaves Q(n, t / tau) after n poles: the sum over all steps is what must be read."""
    time_constant, poles = 1.0, slope // 6  # long beside the time of a message
    bench, station = bench_station(Peaked(100.0), ideal=True)
    lockin, clock = station.role("lockin"), bench.clock

    def carry_out(story):
        drive(story, clock, stopped=lambda: False, handle=lambda event: None)

    excitation = Excitation(1e-6, 733.0, time_constant, slope, 1e-4)
    carry_out(station.bias.configure(excitation, 1e-4))

    def taken(currents, pause):
        set_at, read_at, values = [], [], []
        for current in currents:
            carry_out(station.bias.set(float(current)))
            set_at.append(clock.now())
            clock.sleep(pause)
            values.append(lockin.read_xy().x)
            read_at.append(clock.now())
        return np.array(set_at), np.array(read_at), np.array(values)

    currents = np.linspace(-1e-4, 1e-4, 61)
    _, _, settled = taken(currents, 30.0)
    taken(currents[:1], 30.0)
    set_at, read_at, fast = taken(currents, 0.5)
    left = gammaincc(poles, np.maximum(read_at[:, None] - set_at[None, :], 0.0) / time_constant)
    steps = np.diff(settled, prepend=settled[0])
    reached = np.where(read_at[:, None] >= set_at[None, :], 1.0 - left, 0.0)
    expected = settled[0] + reached @ steps
    contrast = float(np.ptp(settled))
    assert np.max(np.abs(fast - settled)) > 0.1 * contrast
    assert np.argmin(fast) > np.argmin(settled)
    assert np.ptp(fast) < np.ptp(settled)
    assert fast == pytest.approx(expected, abs=0.01 * contrast)


def files(outcome):
    return {run.csv.name: run.csv.read_bytes() for run in outcome.runs}


def test_one_seed_gives_the_same_bytes_and_another_seed_others(tmp_path, cold_station):
    first = files(campaign(tmp_path / "a", cold_station(), SHORT))
    again = files(campaign(tmp_path / "b", cold_station(), SHORT))
    other = files(campaign(tmp_path / "c", cold_station(("seed: 1", "seed: 2")), SHORT))
    assert len(first) == 2
    assert first == again
    assert all(first[name] != other[name] for name in first)
