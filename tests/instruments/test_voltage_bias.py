import math

import numpy as np
import pytest

from daq.samples.pb111 import pb111
from instruments.errors import CommunicationError, LimitError, RefusedError
from instruments.simulated.sample import Resistor
from instruments.status import Status
from instruments.tunnel_reading import Modulation
from instruments.waiting import drive

MODULATION = Modulation.averaged(50e-6, 977.0, 0.1)
SINGLE = Modulation(50e-6, 977.0, 0.01)
ROOT_2 = math.sqrt(2.0)


def done(station, story):
    return drive(story, station.clock, stopped=lambda: False, handle=lambda event: None)


EXACT = ("noise: on", "noise: off")


@pytest.fixture
def junction(tunnelling_station):
    """Return a maker of a station whose every message is watched at the sample.

    The wires are what they are told to be.
    """

    def make(*changes, sample=None):
        twins, station = tunnelling_station(EXACT, *changes, sample=sample or pb111())
        return twins.bench, station

    return make


def configured(station, largest=8e-3, modulation=SINGLE, set_point=10e-3):
    done(station, station.tunnelling.configure(modulation, largest, set_point))
    return station.tunnelling.at_set_point


def test_a_resistor_conducts_what_it_should(junction):
    bench, station = junction(sample=Resistor(10e6))
    reading = configured(station, modulation=MODULATION)
    assert reading.conductance == pytest.approx(1e-7, rel=2e-4)
    assert reading.current == pytest.approx(1e-9, rel=1e-2)
    assert reading.status == Status(0)
    assert bench.truth()["contact_voltage"] == pytest.approx(10e-3 + ROOT_2 * 50e-6, rel=1e-6)


@pytest.mark.parametrize(
    ("rms", "largest"), [(50e-6, 12e-3), (1.5e-3, 10e-3), (8.5e-3, 0.0), (50e-6, -12e-3)]
)
def test_dc_plus_peak_ac_above_the_limit_is_refused_before_anything_is_sent(
    junction, monkeypatch, rms, largest
):
    _, station = junction()
    sent = []
    lockin = station.role("lockin")
    monkeypatch.setattr(lockin, "write", lambda command, **_: sent.append(command))
    with pytest.raises(LimitError, match=r"above the limit of 0\.012 V"):
        configured(station, largest, Modulation(rms, 977.0, 0.01), set_point=0.0)
    assert sent == []


@pytest.mark.parametrize(
    ("message", "limit"),
    [
        ("DAC. 1 12.0", "beyond the limit of 0.012 V"),
        ("DAC 1 -12000", "beyond the limit"),
        ("OA. 1.5", "beyond the limit"),
        ("OA. 0.05;DAC. 1 11.95", "beyond the limit"),
        ("DAC. 2 1.01", "outside -1 to 1 V"),
    ],
)
def test_no_message_to_the_lockin_goes_round_the_limit(junction, message, limit):
    bench, station = junction()
    lockin = station.role("lockin")
    lockin.voltage, lockin.dac1 = 1.0, 10.0
    with pytest.raises(LimitError, match=limit):
        lockin.write(message)
    assert bench.truth()["contact_voltage"] == pytest.approx(10e-3 + ROOT_2 * 1e-3)


def test_what_stands_is_asked_for_after_the_link_was_lost(junction):
    bench, station = junction()
    lockin = station.role("lockin")
    lockin.dac1 = 1.0
    bench.converters.lockin.settings.dac[0] = 11.0  # by hand, while nobody listened
    lockin.guard.forget()
    with pytest.raises(LimitError, match=r"makes dc plus peak ac 0\.0124"):
        lockin.voltage = 1.0
    lockin.dac1 = 1.0
    lockin.voltage = 1.0
    assert bench.truth()["contact_voltage"] == pytest.approx(1e-3 + ROOT_2 * 1e-3)


def test_no_voltage_ever_exceeds_the_limit_and_the_ramp_keeps_its_rate(junction):
    bench, station = junction()
    configured(station, 11.9e-3)
    seen = []

    def look(event):
        seen.append((station.clock.now(), bench.truth()["contact_voltage"]))

    for target in (11.9e-3, -11.9e-3, 0.3e-3):
        story = station.tunnelling.set(target)
        drive(story, station.clock, stopped=lambda: False, handle=look)
    assert len(seen) > 30
    assert bench.peaks.voltage <= 12e-3
    times, volts = np.array(seen).T
    assert np.max(np.abs(np.diff(volts))) == pytest.approx(20e-3 * 0.05, rel=1e-6)
    assert np.min(np.diff(times)) >= 0.05 - 1e-9


def test_a_voltage_is_a_whole_step_of_the_converter(junction):
    _, station = junction()
    configured(station)
    done(station, station.tunnelling.set(1.2345678e-3))
    assert station.tunnelling.voltage == pytest.approx(1.235e-3, rel=1e-12)


def test_set_before_configure_and_beyond_it_are_refused(junction):
    _, station = junction()
    with pytest.raises(RefusedError, match="before configure"):
        done(station, station.tunnelling.set(1e-3))
    configured(station, 8e-3, set_point=5e-3)
    with pytest.raises(RefusedError, match=r"beyond the 0\.008 V"):
        done(station, station.tunnelling.set(9e-3))


@pytest.mark.parametrize("ending", ["finish", "make_safe"])
def test_both_endings_leave_no_voltage_at_the_sample(junction, ending):
    bench, station = junction()
    configured(station)
    assert bench.truth()["contact_voltage"] > 0.0
    getattr(station, ending)()
    assert bench.truth()["contact_voltage"] == 0.0
    assert bench.truth()["oscillator_rms"] == 0.0
    assert station.tunnelling.connect().voltage == 0.0


def test_the_lockin_alone_takes_the_voltage_down_as_the_guardian_asks_it_to(junction):
    bench, station = junction()
    configured(station)
    station.role("lockin").make_safe()
    assert bench.truth()["contact_voltage"] == 0.0


def test_the_modulation_goes_down_although_the_converter_does_not_answer(junction, monkeypatch):
    bench, station = junction()
    configured(station)

    def silent(volts):
        raise CommunicationError("lockin: no answer")

    monkeypatch.setattr(station.tunnelling, "_send", silent)
    with pytest.raises(CommunicationError):
        station.finish()
    assert bench.truth()["oscillator_rms"] == 0.0


def test_a_preamplifier_at_its_full_scale_is_flagged(junction):
    _, station = junction(("full_scale: 10 V", "full_scale: 0.06 V"))
    configured(station, set_point=4e-3)
    done(station, station.tunnelling.set(5e-3))
    assert not done(station, station.tunnelling.read()).status & Status.OVERLOAD
    done(station, station.tunnelling.set(7e-3))
    assert done(station, station.tunnelling.read()).status & Status.OVERLOAD


def test_a_station_that_applies_a_voltage_refuses_a_current_in_one_line(junction):
    _, station = junction()
    for story in (station.bias.read(), station.bias.configure(MODULATION, 1e-4)):
        with pytest.raises(RefusedError, match="use tunnel_spectrum"):
            done(station, story)


def test_the_snapshot_tells_what_stands(junction):
    _, station = junction()
    configured(station)
    bias = station.snapshot()["bias"]
    assert bias["voltage_V"] == pytest.approx(10e-3)
    assert bias["modulation_rms_V"] == pytest.approx(50e-6)
    assert bias["preamplifier_gain_V_per_A"] == 1e8


def test_the_setpoints_are_told_from_memory(junction, monkeypatch):
    _, station = junction()
    assert station.bias.setpoints() == {}  # nothing was asked yet
    configured(station)
    monkeypatch.setattr(station.role("lockin"), "write", pytest.fail)  # not even a question
    told = station.bias.setpoints()
    assert told["voltage"] == pytest.approx(10e-3)
    assert told["modulation_rms"] == pytest.approx(50e-6)
    assert told["oscillator_rms"] == pytest.approx(50e-3)
    assert told["frequency"] == 977.0
    assert told["sensitivity"] == station.tunnelling.sensitivity
    assert told["time_constant"] >= SINGLE.time_constant
    monkeypatch.undo()
    station.finish()
    assert station.bias.setpoints() == {
        "voltage": 0.0,
        "modulation_rms": 0.0,
        "oscillator_rms": 0.0,
    }
