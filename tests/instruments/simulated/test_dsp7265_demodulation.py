"""From the input of the twin of a 7265 to its outputs: multiplier, filter in time, noise."""

import math
from dataclasses import dataclass

import numpy as np
import pytest

from instruments.simulated.circuit import Tone
from instruments.simulated.dsp7265 import DSP7265Twin
from instruments.simulated.lockin_filter import noise_bandwidth
from instruments.simulated.sample import Resistor

COMPLETE = 1
SETTLING = {
    0: (2.30, 4.61),
    1: (3.89, 6.64),
    2: (5.32, 8.41),
    3: (6.68, 10.05),
}


@dataclass
class Bowl(Resistor):
    """V = R I + a I^2, for the second harmonic."""

    bend: float = 0.0  # ohm/A

    def voltage(self, current, terminals, source, environment):
        return super().voltage(current, terminals, source, environment) + self.bend * current**2


# --- demodulation ---------------------------------------------------------------------------------


def test_a_resistor_gives_its_rms_voltage_in_x_and_nothing_in_y(measuring):
    found = measuring().pair()
    stand = measuring()
    assert found.real == pytest.approx(stand.expected_volts(), abs=1e-7)
    assert abs(found.imag) <= 1e-7


def test_the_hidden_errors_are_small_seeded_and_not_zero(measuring):
    first, second, other = (measuring(ideal=False) for _ in range(3))
    other = measuring(ideal=False, line_frequency=60.0)
    found = first.pair()
    assert found == second.pair()
    assert found.real == pytest.approx(first.expected_volts(), rel=0.015)
    assert found.real != pytest.approx(first.expected_volts(), abs=1e-7)
    assert 0.0 < abs(math.degrees(math.atan2(found.imag, found.real))) < 2.5
    assert other.twin.errors.gain == first.twin.errors.gain


def test_the_reference_phase_turns_the_reading_and_aqn_turns_it_back(measuring):
    stand = measuring()
    size = stand.expected_volts()
    stand.send("REFP. 60")
    stand.wait(1.0)
    found = stand.pair()
    assert found.real == pytest.approx(size / 2.0, abs=2e-7)
    assert found.imag == pytest.approx(-size * math.sqrt(0.75), abs=2e-7)
    assert stand.number("PHA.") == pytest.approx(-60.0, abs=0.02)
    stand.send("AQN")
    assert not stand.status() & COMPLETE
    stand.wait(1.0)
    assert stand.status() & COMPLETE
    assert stand.pair() == pytest.approx(size, abs=2e-7)
    assert stand.number("REFP.") == pytest.approx(0.0, abs=0.02)


def test_aqn_ends_when_its_time_has_come_to_the_last_bit(measuring):
    stand = measuring()
    stand.send("REFP. 60")
    stand.wait(1.0)
    stand.send("AQN")
    while not stand.status() & COMPLETE:
        stand.clock.elapse(stand.twin.latency(b"X") - 5e-3)
    stand.wait(1.0)
    assert stand.number("REFP.") == pytest.approx(0.0, abs=0.02)


def test_aqn_finds_the_phase_of_an_instrument_with_errors(measuring):
    stand = measuring(ideal=False)
    stand.send("AQN")
    stand.wait(2.0)
    found = stand.pair()
    assert found.real > 0.0
    assert abs(found.imag) < 3e-4 * found.real


def test_the_second_harmonic_of_a_bent_characteristic_is_found_with_refn_2(measuring):
    bend = 2e4
    stand = measuring(Bowl(bend=bend))
    stand.send("SEN 10;ACGAIN 4;TC 11;REFN 2")
    stand.wait(3.0)
    peak = math.sqrt(2.0) / (100e3 + 150.0)
    assert stand.pair().real == pytest.approx(bend * peak**2 / 2.0 / math.sqrt(2.0), rel=0.01)


@pytest.mark.parametrize("command", ["VMODE 0", "VMODE 2", "IMODE 1", "IMODE 2"])
def test_an_input_that_is_not_wired_sees_nothing(measuring, command):
    stand = measuring()
    stand.send(command)
    stand.wait(1.0)
    assert stand.pair() == 0.0


def test_the_oscillator_of_the_circuit_is_the_one_of_the_twin_that_drives_it(measuring):
    stand = measuring()
    second = DSP7265Twin(stand.bench, "GPIB0::15::INSTR", drives_oscillator=False)
    second.write(b"OA. 5")
    assert stand.bench.oscillator is stand.twin
    assert stand.twin.oscillator() == Tone(777.0, math.sqrt(2.0))
    stand.send("OA. 0")
    assert stand.twin.oscillator() is None


def test_dc_shows_at_the_reference_frequency_only_when_the_input_is_coupled_to_dc(new_stand):
    stand = new_stand()
    stand.feed(current=1e-5)
    stand.send("OF. 17;SEN 21;TC 7;SLOPE 0")
    stand.wait(1.0)
    assert abs(stand.pair()) == 0.0
    stand.send("CP 1")
    stand.wait(1.0)
    dc = stand.bench.signal("lockin").harmonics[0].real
    left = math.sqrt(2.0) * dc / math.hypot(1.0, 2.0 * math.pi * 17.0 * 5e-3)
    assert abs(stand.pair()) == pytest.approx(left, abs=2e-6)


# --- the filter in time ---------------------------------------------------------------------------


@pytest.mark.parametrize("slope", [0, 1, 2, 3])
def test_a_step_of_the_oscillator_settles_within_the_times_of_the_table(new_stand, slope):
    for time, reached in zip(SETTLING[slope], (0.90, 0.99), strict=True):
        stand = new_stand()
        stand.send(f"OF. 20000;SEN 18;TC 11;SLOPE {slope}")
        stand.wait(1.0 - stand.clock.now() % 0.005 + 1e-9)
        stand.twin.write(b"OA. 1")
        stand.clock.elapse(0.1 * time)
        stand.twin.write(b"XY.")
        x = float(stand.twin.read().split(b",")[0])
        assert x / stand.expected_volts() == pytest.approx(reached, abs=0.012)


@pytest.mark.parametrize("slope", [0, 1, 2, 3])
def test_a_sweep_lags_by_the_number_of_poles_times_tc_times_its_rate(new_stand, slope):
    stand = new_stand()
    stand.send(f"OF. 20000;SEN 18;TC 11;SLOPE {slope}")
    rate = 0.05
    for step in range(1000):
        stand.twin.write(b"OA. %.6f" % (rate * 0.005 * step))
        stand.clock.elapse(0.005)
    stand.twin.write(b"XY.")
    x = float(stand.twin.read().split(b",")[0]) / stand.expected_volts()
    lag = rate * stand.clock.now() - x
    assert x == pytest.approx(rate * (5.0 - 0.0025 - 0.1 * (slope + 1)), abs=3e-4)
    assert lag > 0.0


@pytest.mark.parametrize("slope", [0, 1, 3])
def test_a_fast_sweep_shifts_and_smears_a_peak_by_n_and_root_n_time_constants(new_stand, slope):
    stand = new_stand()
    stand.send(f"OF. 20000;SEN 18;TC 9;SLOPE {slope}")  # 20 ms
    poles, constant, width, step = slope + 1, 0.02, 0.05, 0.005
    times = np.arange(240) * step
    profile = np.exp(-0.5 * ((times - 0.4) / width) ** 2)
    read = []
    for value in profile:
        stand.twin.write(b"OA. %.6f" % value)
        stand.clock.elapse(step)
        stand.twin.write(b"XY.")
        read.append(float(stand.twin.read().replace(b"\0", b"").split(b",")[0]))
    weights = np.array(read) / sum(read)
    centre = weights @ (times + step)
    spread = math.sqrt(weights @ (times + step - centre) ** 2)
    assert centre - 0.4 == pytest.approx(step / 2.0 + poles * constant, abs=1.5e-3)
    assert spread == pytest.approx(math.hypot(width, math.sqrt(poles) * constant), rel=0.01)


@pytest.mark.parametrize(("frequency", "ohms"), [(77.0, 4.1), (313.0, 0.256)])
def test_a_short_time_constant_leaves_the_ripple_at_twice_the_frequency(new_stand, frequency, ohms):
    stand = new_stand()
    stand.send(f"OF. {frequency};OA. 1;SEN 18;TC 7;SLOPE 1")
    stand.wait(1.0)
    read = []
    for _ in range(400):
        stand.clock.elapse(0.005)
        stand.twin.write(b"XY.")
        read.append(complex(*map(float, stand.twin.read().split(b","))))
    ripple = np.array(read) - np.mean(read)
    amplitude = np.sqrt(np.mean(np.abs(ripple) ** 2))
    assert amplitude * 100.0 / stand.expected_volts() == pytest.approx(ohms, rel=0.03)
    assert np.std(ripple.real) == pytest.approx(amplitude / math.sqrt(2.0), rel=0.05)


def test_the_ripple_of_a_1_khz_reference_aliases_to_a_constant(new_stand):
    stand = new_stand()
    stand.send("OF. 1000;OA. 1;SEN 12;OA. 0.01;TC 7;SLOPE 1")
    stand.wait(1.0)
    read = set()
    for _ in range(20):
        stand.clock.elapse(0.005)
        stand.twin.write(b"XY.")
        read.add(stand.twin.read())
    assert len(read) == 1


def test_a_reading_is_the_one_of_the_last_refresh_whatever_is_set_meanwhile(new_stand):
    stand = new_stand()
    stand.send("OF. 20000;SEN 18;TC 9;SLOPE 0;OA. 1")
    values = []
    for step in range(40):
        stand.clock.elapse(0.001)
        stand.twin.write(b"OA. %.3f" % (1.0 + 0.01 * step))
        stand.twin.write(b"X")
        values.append(int(stand.twin.read()))
    changes = np.flatnonzero(np.diff(values) != 0.0)
    assert len(changes) >= 7
    assert set(np.diff(changes)) == {5}


def test_the_synchronous_filter_takes_the_ripple_of_a_slow_reference_away(new_stand):
    stand = new_stand()
    stand.send("OF. 11;OA. 1;SEN 18;TC 8;SLOPE 1")
    stand.wait(1.0)
    without = {stand.ask("X") for _ in range(20)}
    stand.send("SYNC 1")
    stand.wait(1.0)
    assert len(without) > 10
    assert len({stand.ask("X") for _ in range(20)}) == 1


# --- noise ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fet", "density"), [(0, 2e-9), (1, 5e-9)])
def test_noise_is_its_density_times_the_root_of_the_bandwidth(new_stand, fet, density):
    stand = new_stand(noise=1.0)
    stand.send(f"FET {fet};VMODE 0;SEN 2;TC 7;SLOPE 1")
    read = []
    for _ in range(3000):
        stand.clock.elapse(0.02)
        stand.twin.write(b"XY.")
        read.append(complex(*map(float, stand.twin.read().replace(b"\0", b"").split(b","))))
    wanted = density * math.sqrt(noise_bandwidth(2, 5e-3))
    # SEN 2 is 5 nV: the noise of 25 nV would be clipped at 15 nV, so the larger range is needed
    assert np.max(np.abs(np.real(read))) <= 15e-9
    stand.send("SEN 8")
    read = []
    for _ in range(3000):
        stand.clock.elapse(0.04)
        stand.twin.write(b"XY.")
        read.append(complex(*map(float, stand.twin.read().replace(b"\0", b"").split(b","))))
    assert np.std(np.real(read)) == pytest.approx(wanted, rel=0.05)
    assert np.std(np.imag(read)) == pytest.approx(wanted, rel=0.05)
    assert stand.number("NHZ.") == pytest.approx(density)
    assert stand.number("ENBW.") == pytest.approx(25.0)


def test_noise_of_the_sample_adds_to_that_of_the_amplifier(new_stand):
    stand = new_stand(sample=Resistor(resistance=1e4), noise=1.0)
    johnson = math.sqrt(4.0 * 1.380649e-23 * 300.0 * 1e4)
    assert stand.number("NHZ.") == pytest.approx(math.hypot(johnson, 5e-9), rel=1e-6)


def test_the_same_seed_gives_the_same_bytes(new_stand):
    read = []
    for _ in range(2):
        stand = new_stand(ideal=False, noise=1.0)
        stand.send("SEN 6;TC 7")
        read.append([stand.ask("XY.;ADC. 1") for _ in range(20)])
    assert read[0] == read[1]


def beat_of(stand):
    stand.send("OF. 47;SEN 10;TC 8;SLOPE 1")
    stand.wait(1.0)
    return np.ptp([stand.number("X.") for _ in range(60)])


def test_the_line_beats_with_the_reference_unless_the_right_notch_is_on(new_stand):
    stand = new_stand(line_pickup=0.3e-6)
    found = beat_of(stand)
    assert 0.2e-6 < found < 2e-6
    stand.send("LF 2 1")
    assert beat_of(stand) > 0.15e-6
    stand.send("LF 1 0")
    assert beat_of(stand) == pytest.approx(found, rel=0.1)
    stand.send("LF 3 1")
    assert beat_of(stand) < 0.02e-6
    stand.send("LF 0 0;VMODE 0")
    assert beat_of(stand) == 0.0
