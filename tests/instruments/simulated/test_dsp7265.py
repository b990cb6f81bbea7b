import math
from dataclasses import dataclass

import numpy as np
import pytest
import pyvisa
from hypothesis import given, settings
from hypothesis import strategies as st
from pymeasure.adapters import VISAAdapter
from pymeasure.instruments.signalrecovery import DSP7265

from instruments.clock import VirtualClock
from instruments.simulated.bench import Bench, SourceOutput, Tone
from instruments.simulated.dsp7265 import DSP7265Twin
from instruments.simulated.dsp7265_commands import COMMANDS
from instruments.simulated.lockin_filter import noise_bandwidth
from instruments.simulated.sample import Resistor
from instruments.simulated.visa import SimulatedVisaLibrary

COMPLETE, INVALID, PARAMETER, UNLOCKED, OVERLOAD, AVAILABLE = 1, 2, 4, 8, 16, 128
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


@dataclass
class Source:
    """A dc current source that a test sets."""

    current: float = 0.0
    tone: Tone | None = None

    def output(self, now):
        return SourceOutput(connected=True, current=self.current, tone=self.tone)

    def next_change(self, now):
        return math.inf


class Stand:
    """A twin on a bench of its own, spoken to in bytes with the modelled latency."""

    def __init__(self, sample=None, **options):
        self.clock = VirtualClock()
        self.bench = Bench(Resistor() if sample is None else sample, self.clock, seed=7)
        options = {"ideal": True, "noise": 0.0} | options
        self.twin = DSP7265Twin(self.bench, **options)

    def send(self, text):
        message = text.encode("latin-1") + b"\r\n"
        self.clock.elapse(self.twin.latency(message))
        self.twin.write(message)

    def ask(self, text):
        self.send(text)
        reply = self.twin.read()
        return None if reply is None else reply.decode("latin-1").rstrip("\r\n")

    def number(self, text):
        return float(self.ask(text).rstrip("\0"))

    def pair(self):
        x, y = self.ask("XY.").replace("\0", "").split(",")
        return complex(float(x), float(y))

    def wait(self, seconds):
        self.clock.sleep(seconds)

    def status(self):
        return self.twin.serial_poll()


def measuring(sample=None, **options):
    stand = Stand(sample, **options)
    stand.send("OF. 777;OA. 1;SEN 18;TC 9;SLOPE 1")
    stand.wait(2.0)
    return stand


def expected_volts(stand, resistance=100.0):
    series = stand.bench.wiring.series_resistance + 50.0
    return resistance / (series + resistance)


# --- demodulation ---------------------------------------------------------------------------------


def test_a_resistor_gives_its_rms_voltage_in_x_and_nothing_in_y():
    found = measuring().pair()
    stand = measuring()
    assert found.real == pytest.approx(expected_volts(stand), abs=1e-7)
    assert abs(found.imag) <= 1e-7


def test_the_hidden_errors_are_small_seeded_and_not_zero():
    first, second, other = (measuring(ideal=False) for _ in range(3))
    other = measuring(ideal=False, line_frequency=60.0)
    found = first.pair()
    assert found == second.pair()
    assert found.real == pytest.approx(expected_volts(first), rel=0.015)
    assert found.real != pytest.approx(expected_volts(first), abs=1e-7)
    assert 0.0 < abs(math.degrees(math.atan2(found.imag, found.real))) < 2.5
    assert other.twin.errors.gain == first.twin.errors.gain


def test_the_reference_phase_turns_the_reading_and_aqn_turns_it_back():
    stand = measuring()
    size = expected_volts(stand)
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


def test_aqn_ends_when_its_time_has_come_to_the_last_bit():
    stand = measuring()
    stand.send("REFP. 60")
    stand.wait(1.0)
    stand.send("AQN")
    while not stand.status() & COMPLETE:
        stand.clock.elapse(stand.twin.latency(b"X") - 5e-3)
    stand.wait(1.0)
    assert stand.number("REFP.") == pytest.approx(0.0, abs=0.02)


def test_aqn_finds_the_phase_of_an_instrument_with_errors():
    stand = measuring(ideal=False)
    stand.send("AQN")
    stand.wait(2.0)
    found = stand.pair()
    assert found.real > 0.0
    assert abs(found.imag) < 3e-4 * found.real


def test_the_second_harmonic_of_a_bent_characteristic_is_found_with_refn_2():
    bend = 2e4
    stand = measuring(Bowl(bend=bend))
    stand.send("SEN 10;ACGAIN 4;TC 11;REFN 2")
    stand.wait(3.0)
    peak = math.sqrt(2.0) / (100e3 + 150.0)
    assert stand.pair().real == pytest.approx(bend * peak**2 / 2.0 / math.sqrt(2.0), rel=0.01)


@pytest.mark.parametrize("command", ["VMODE 0", "VMODE 2", "IMODE 1", "IMODE 2"])
def test_an_input_that_is_not_wired_sees_nothing(command):
    stand = measuring()
    stand.send(command)
    stand.wait(1.0)
    assert stand.pair() == 0.0


def test_the_oscillator_of_the_circuit_is_the_one_of_the_twin_that_drives_it():
    stand = measuring()
    second = DSP7265Twin(stand.bench, "GPIB0::15::INSTR", drives_oscillator=False)
    second.write(b"OA. 5")
    assert stand.bench.oscillator is stand.twin
    assert stand.twin.oscillator() == Tone(777.0, math.sqrt(2.0))
    stand.send("OA. 0")
    assert stand.twin.oscillator() is None


def test_dc_shows_at_the_reference_frequency_only_when_the_input_is_coupled_to_dc():
    stand = Stand()
    stand.bench.source = Source(current=1e-5)
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
def test_a_step_of_the_oscillator_settles_within_the_times_of_the_table(slope):
    for time, reached in zip(SETTLING[slope], (0.90, 0.99), strict=True):
        stand = Stand()
        stand.send(f"OF. 20000;SEN 18;TC 11;SLOPE {slope}")
        stand.wait(1.0 - stand.clock.now() % 0.005 + 1e-9)
        stand.twin.write(b"OA. 1")
        stand.clock.elapse(0.1 * time)
        stand.twin.write(b"XY.")
        x = float(stand.twin.read().split(b",")[0])
        assert x / expected_volts(stand) == pytest.approx(reached, abs=0.012)


@pytest.mark.parametrize("slope", [0, 1, 2, 3])
def test_a_sweep_lags_by_the_number_of_poles_times_tc_times_its_rate(slope):
    stand = Stand()
    stand.send(f"OF. 20000;SEN 18;TC 11;SLOPE {slope}")
    rate = 0.05
    for step in range(1000):
        stand.twin.write(b"OA. %.6f" % (rate * 0.005 * step))
        stand.clock.elapse(0.005)
    stand.twin.write(b"XY.")
    x = float(stand.twin.read().split(b",")[0]) / expected_volts(stand)
    lag = rate * stand.clock.now() - x
    assert x == pytest.approx(rate * (5.0 - 0.0025 - 0.1 * (slope + 1)), abs=3e-4)
    assert lag > 0.0


@pytest.mark.parametrize("slope", [0, 1, 3])
def test_a_fast_sweep_shifts_and_smears_a_peak_by_n_and_root_n_time_constants(slope):
    stand = Stand()
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
def test_a_short_time_constant_leaves_the_ripple_at_twice_the_frequency(frequency, ohms):
    stand = Stand()
    stand.send(f"OF. {frequency};OA. 1;SEN 18;TC 7;SLOPE 1")
    stand.wait(1.0)
    read = []
    for _ in range(400):
        stand.clock.elapse(0.005)
        stand.twin.write(b"XY.")
        read.append(complex(*map(float, stand.twin.read().split(b","))))
    ripple = np.array(read) - np.mean(read)
    amplitude = np.sqrt(np.mean(np.abs(ripple) ** 2))
    assert amplitude * 100.0 / expected_volts(stand) == pytest.approx(ohms, rel=0.03)
    assert np.std(ripple.real) == pytest.approx(amplitude / math.sqrt(2.0), rel=0.05)


def test_the_ripple_of_a_1_khz_reference_aliases_to_a_constant():
    stand = Stand()
    stand.send("OF. 1000;OA. 1;SEN 12;OA. 0.01;TC 7;SLOPE 1")
    stand.wait(1.0)
    read = set()
    for _ in range(20):
        stand.clock.elapse(0.005)
        stand.twin.write(b"XY.")
        read.add(stand.twin.read())
    assert len(read) == 1


def test_a_reading_is_the_one_of_the_last_refresh_whatever_is_set_meanwhile():
    stand = Stand()
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


def test_the_synchronous_filter_takes_the_ripple_of_a_slow_reference_away():
    stand = Stand()
    stand.send("OF. 11;OA. 1;SEN 18;TC 8;SLOPE 1")
    stand.wait(1.0)
    without = {stand.ask("X") for _ in range(20)}
    stand.send("SYNC 1")
    stand.wait(1.0)
    assert len(without) > 10
    assert len({stand.ask("X") for _ in range(20)}) == 1


# --- noise ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fet", "density"), [(0, 2e-9), (1, 5e-9)])
def test_noise_is_its_density_times_the_root_of_the_bandwidth(fet, density):
    stand = Stand(noise=1.0)
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


def test_noise_of_the_sample_adds_to_that_of_the_amplifier():
    stand = Stand(sample=Resistor(resistance=1e4), noise=1.0)
    johnson = math.sqrt(4.0 * 1.380649e-23 * 300.0 * 1e4)
    assert stand.number("NHZ.") == pytest.approx(math.hypot(johnson, 5e-9), rel=1e-6)


def test_the_same_seed_gives_the_same_bytes():
    read = []
    for _ in range(2):
        stand = Stand(ideal=False, noise=1.0)
        stand.send("SEN 6;TC 7")
        read.append([stand.ask("XY.;ADC. 1") for _ in range(20)])
    assert read[0] == read[1]


def beat_of(stand):
    stand.send("OF. 47;SEN 10;TC 8;SLOPE 1")
    stand.wait(1.0)
    return np.ptp([stand.number("X.") for _ in range(60)])


def test_the_line_beats_with_the_reference_unless_the_right_notch_is_on():
    stand = Stand(line_pickup=0.3e-6)
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


# --- outputs and overload -------------------------------------------------------------------------


def test_fixed_and_floating_forms_agree_and_are_quantised_to_a_ten_thousandth_of_full_scale():
    stand = measuring()
    x = int(stand.ask("X"))
    assert stand.number("X.") == pytest.approx(x * 1e-3 / 10_000, rel=1e-9)
    assert stand.ask("XY") == f"{x},0"
    assert stand.ask("MP") == f"{x},0"
    assert int(stand.ask("MAG")) == x
    assert stand.number("MAG.") == pytest.approx(x * 1e-7)
    assert stand.ask("PHA") == "0"


def test_an_exact_floating_zero_is_followed_by_a_nul():
    stand = Stand()
    stand.send("X.")
    assert stand.twin.read() == b"0.0E+00\0\r\n"
    stand.send("XY.")
    assert stand.twin.read() == b"0.0E+00\0,0.0E+00\0\r\n"
    stand.send("X")
    assert stand.twin.read() == b"0\r\n"


@pytest.mark.parametrize(("turn", "clipped", "bit"), [(0, "30000", 4), (90, "-30000", 3)])
def test_an_output_beyond_three_times_full_scale_is_clipped_and_flagged(turn, clipped, bit):
    stand = measuring()
    assert int(stand.ask("N")) == 0
    assert not stand.status() & OVERLOAD
    stand.send(f"REFP. {turn};ACGAIN 0;SEN 16")  # 200 uV for 1 mV
    stand.wait(1.0)
    assert stand.ask("X" if turn == 0 else "Y") == clipped
    overload = int(stand.ask("N"))
    assert overload & (1 << bit)
    assert overload & 0b110
    assert not overload & 64
    assert stand.status() & OVERLOAD
    stand.send("SEN 18")
    assert not stand.status() & OVERLOAD


def test_an_overloaded_input_gives_a_plausible_wrong_number_and_is_flagged():
    stand = measuring()
    stand.send("OA. 2.9")
    stand.wait(1.0)
    right = stand.pair()
    stand.send("ACGAIN 6")  # 3 mV peak at the input (assumed rule), the signal has 4.1
    stand.wait(1.0)
    assert int(stand.ask("N")) & 64
    assert stand.status() & OVERLOAD
    wrong = stand.pair()
    assert 0.3 * right.real < wrong.real < 0.9 * right.real
    stand.send("AUTOMATIC 1")
    stand.wait(1.0)
    assert not int(stand.ask("N")) & 64
    assert stand.pair() == pytest.approx(right, abs=3e-7)


def test_dc_overloads_the_input_only_when_it_is_coupled_to_dc():
    stand = measuring()
    stand.bench.source = Source(current=1e-2)
    stand.wait(0.5)
    assert not stand.status() & OVERLOAD
    stand.send("CP 1")
    assert stand.status() & OVERLOAD


def test_offsets_are_subtracted_in_ten_thousandths_of_full_scale():
    stand = measuring()
    x = int(stand.ask("X"))
    stand.send("XOF 1 5000")
    assert int(stand.ask("X")) == x - 5000
    assert stand.ask("XOF") == "1,5000"
    stand.send("XOF 0")
    assert int(stand.ask("X")) == x
    stand.send("AXO")
    assert stand.ask("X") == "0"
    assert stand.ask("XOF") == f"1,{x}"


def test_auto_sensitivity_ends_between_30_and_90_percent_of_full_scale():
    stand = measuring()
    stand.send("SEN 27")
    stand.send("AS")
    assert stand.status() & (COMPLETE | AVAILABLE) == 0
    stand.wait(2.0)
    assert stand.status() & COMPLETE
    assert 3000 <= int(stand.ask("MAG")) <= 9000
    assert stand.ask("SEN") == "19"


def test_a_command_waits_until_an_automatic_function_has_ended():
    stand = measuring()
    stand.send("TC 14;AS")  # 10 s and a bit
    stand.send("ID")
    assert stand.twin.read() is None
    assert not stand.status() & AVAILABLE
    stand.wait(10.0)
    assert stand.status() & AVAILABLE
    assert stand.twin.read() == b"7265\r\n"


# --- settings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("imode", "number", "scale"),
    [
        *((0, 1, 2e-9), (0, 2, 5e-9), (0, 3, 1e-8), (0, 9, 1e-6), (0, 12, 1e-5), (0, 15, 1e-4)),
        *((0, 18, 1e-3), (0, 21, 1e-2), (0, 24, 0.1), (0, 27, 1.0), (1, 1, 2e-15), (1, 27, 1e-6)),
        *((2, 7, 2e-15), (2, 27, 1e-8)),
    ],
)
def test_the_table_of_sensitivities(imode, number, scale):
    stand = Stand()
    stand.send(f"IMODE {imode};SEN {number}")
    assert stand.ask("SEN") == str(number)
    assert stand.number("SEN.") == pytest.approx(scale)


def test_the_table_of_time_constants_goes_from_10_us_to_100_ks():
    stand = Stand()
    found = []
    for number in range(30):
        stand.send(f"TC {number}")
        found.append(stand.number("TC."))
    assert found[:8] == pytest.approx([1e-5, 2e-5, 4e-5, 8e-5, 1.6e-4, 3.2e-4, 6.4e-4, 5e-3])
    assert found[8:15] == pytest.approx([0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0])
    assert found[28:] == pytest.approx([50e3, 100e3])


@pytest.mark.parametrize(
    ("before", "command"),
    [
        *(("", c) for c in ("SEN 0", "SEN 28", "TC 30", "TC -1", "SLOPE 4", "IMODE 3", "VMODE 4")),
        *(("", c) for c in ("REFN 0", "REFN 65536", "OA. 5.001", "OA. -1", "OF. 0", "OF. 250001")),
        *(
            ("", c)
            for c in ("REFP. 361", "IE 3", "CP 2", "LF 4 0", "LF 1", "LF 1 2", "DAC. 1 12.5")
        ),
        *(("", c) for c in ("DAC. 5 1", "DAC 0", "ADC 4", "CBD 0", "CBD 65536", "LEN 0", "STR -5")),
        *(
            ("", c)
            for c in ("GP 3 2", "GP 14 6", "DD 200", "MSK 256", "SWEEP 1", "TADC 1", "ADF 2")
        ),
        *(("", c) for c in ("TC 1.5", "TC x", "TC 1 2", "TC. 0.1", "OA. nan", "OA. 1e999", "X 1")),
        ("IMODE 2", "SEN 6"),
        ("TC 6", "SLOPE 2"),
        ("SLOPE 3", "TC 6"),
        ("OF. 1000", "REFN 251"),
        ("REFN 10", "OF. 25001"),
        ("CP 1", "FET 0"),
        ("FET 0", "CP 1"),
        ("SEN 27", "ACGAIN 9"),
        ("SEN 3", "ACGAIN 0"),
        ("CBD 3", "LEN 16385"),
        ("CBD 3", "DC 2"),
        ("CBD 3", "DC. 0"),
        ("TD", "LEN 10"),
    ],
)
def test_what_is_not_legal_sets_the_parameter_error_and_changes_nothing(before, command):
    stand = Stand()
    stand.send(before)
    assert not stand.status() & (INVALID | PARAMETER)
    name = command.split()[0]
    held = stand.ask(name) if 0 in COMMANDS[name.rstrip(".")].counts else None
    assert stand.ask(command) is None
    assert stand.status() & (INVALID | PARAMETER) == PARAMETER
    if held is not None and name != "X":
        assert stand.ask(name) == held


@pytest.mark.parametrize(
    "command",
    [
        *("*IDN?", "*RST", "*CLS", "FOO", "TDT 1", "BURSTRATE 1", "IMODE1", "VMODE.", "NHZ", "X.."),
        *("?", "X2.", "STB", "\x00", "OF.100"),
    ],
)
def test_what_is_not_a_command_sets_the_invalid_bit_and_gets_no_reply(command):
    stand = Stand()
    assert stand.ask(command) is None
    assert stand.status() & (INVALID | PARAMETER) == INVALID
    assert stand.ask("ID") == "7265"
    assert not stand.status() & INVALID


def test_st_tells_of_the_error_before_it():
    stand = Stand()
    stand.send("SEN 99")
    assert int(stand.ask("ST")) & PARAMETER
    assert int(stand.ask("ST")) & PARAMETER
    stand.send("SEN 20")
    assert not int(stand.ask("ST")) & PARAMETER


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        *((f"VMODE {n}", str(n)) for n in range(4)),
        *(("FET 0", "0"), ("FLOAT 0", "0"), ("CP 1", "1"), ("LF 2 0", "2,0"), ("IE 2", "2")),
        *(
            ("REFN 3", "3"),
            ("REFP 45000", "45000"),
            ("SLOPE 0", "0"),
            ("SYNC 1", "1"),
            ("EX 3", "3"),
        ),
        *(("OA 100000", "100000"), ("OF 123456", "123456"), ("FSTART 5000", "5000")),
        *(("FSTOP 6000", "6000"), ("FSTEP 10 1", "10,1"), ("ASTART 7", "7"), ("ASTOP 8", "8")),
        *(("ASTEP 9", "9"), ("SRATE 50", "50"), ("SWEEP 0", "0"), ("ADC3TIME 50", "50")),
        *(("TADC 0", "0"), ("BYTE 200", "200"), ("STAR 6", "6"), ("EVENT 12", "12")),
        *(("REMOTE 1", "1"), ("LTS 0", "0"), ("MSK 16", "16"), ("CBD 19", "19"), ("LEN 50", "50")),
        *(("STR 12", "15"), ("STR 0", "0"), ("GP 14 2", "14,2"), ("RS 12 16", "12,16")),
        *(("YOF 1 -200", "1,-200"), ("AUTOMATIC 0", "0"), ("ACGAIN 0", "0"), ("IMODE 2", "2")),
    ],
)
def test_what_has_been_set_reads_back(command, reply):
    stand = Stand()
    assert stand.ask(command) is None
    assert not stand.status() & (INVALID | PARAMETER)
    assert stand.ask(command.split()[0].lower()) == reply


def test_dac_and_output_channels_are_held_by_number():
    stand = Stand()
    stand.send("DAC. 3 -1.234;DAC 4 500;CH 2 5")
    assert stand.number("DAC. 3") == -1.234
    assert stand.ask("DAC 3") == "-1234"
    assert stand.number("DAC. 4") == 0.5
    assert stand.ask("CH 2") == "5"


def test_adf_restores_the_settings_and_adf_1_keeps_the_interface():
    stand = Stand()
    stand.send("DD 59;SEN 10;OA. 2;ADF 1")
    assert stand.ask("SEN") == "27"
    assert stand.number("OA.") == 0.0
    assert stand.ask("XY") == "0;0"
    stand.send("ADF 0")
    assert stand.ask("XY") == "0,0"


def test_the_ac_gain_follows_the_sensitivity_in_automatic_and_stays_legal_by_hand():
    stand = Stand()
    gains = []
    for number in range(1, 28):
        stand.send(f"SEN {number}")
        gains.append(int(stand.ask("ACGAIN")))
    assert gains == sorted(gains, reverse=True)
    assert (gains[0], gains[-1]) == (9, 0)
    stand.send("SEN 15;ACGAIN 2;SEN 5")
    assert stand.ask("ACGAIN") == "6"
    assert stand.ask("AUTOMATIC") == "0"


# --- reference ------------------------------------------------------------------------------------


class Outside:
    def __init__(self, frequency=None):
        self.frequency = frequency

    def __call__(self, now):
        return self.frequency


def test_an_external_reference_locks_after_two_cycles_and_50_ms():
    outside = Outside()
    stand = Stand(external_reference=outside)
    stand.bench.source = Source(tone=Tone(97.0, 1e-6))
    stand.send("SEN 15;TC 10;IE 1")
    assert stand.number("FRQ.") == 0.0
    assert stand.status() & UNLOCKED
    assert int(stand.ask("N")) & 128
    stand.ask("X.")
    outside.frequency = 97.0
    stand.status()
    stand.clock.elapse(0.069)
    assert stand.status() & UNLOCKED
    stand.clock.elapse(0.003)
    assert not stand.status() & UNLOCKED
    assert stand.number("FRQ.") == 97.0
    assert stand.ask("FRQ") == "97000"
    stand.wait(1.0)
    stand.send("AQN")
    stand.wait(1.0)
    size = 1e-6 / math.sqrt(2.0) * 100.0 * 100050.0 / 100150.0
    assert stand.number("X.") == pytest.approx(size, rel=2e-3)
    outside.frequency = None
    assert stand.status() & UNLOCKED
    stand.wait(1.0)
    assert abs(stand.number("X.")) < 0.9 * size


def test_the_own_oscillator_is_always_locked_and_frq_tells_its_frequency():
    stand = Stand()
    stand.send("OF. 123.456")
    assert stand.number("FRQ.") == 123.456
    assert not stand.status() & UNLOCKED


# --- auxiliary inputs -----------------------------------------------------------------------------


def test_adc_reads_what_is_wired_in_steps_of_1_mv_and_ends_at_12_v():
    volts = {1: lambda: 1.23449, 2: lambda: -20.0, 3: lambda: 0.5}
    stand = Stand(adc_inputs=volts)
    assert stand.number("ADC. 1") == 1.234
    assert stand.ask("ADC 1") == "1234"
    assert stand.ask("ADC 2") == "-12000"
    stand.send("ADC3TIME 200")
    assert stand.ask("ADC 3") == "5000"


def test_an_adc_that_is_not_wired_reads_1_mv_of_noise():
    stand = Stand(ideal=False)
    found = [stand.number("ADC. 1") for _ in range(300)]
    assert 0.8e-3 < np.std(found) < 1.3e-3
    assert abs(np.mean(found)) < 3e-4


def test_the_ratio_is_x_over_adc_1():
    stand = measuring(adc_inputs={1: lambda: 0.002})
    x = stand.number("X.")
    assert stand.number("RT.") == pytest.approx(x / 0.002)
    assert stand.number("LR.") == pytest.approx(math.log10(x / 0.002))


# --- curve buffer ---------------------------------------------------------------------------------


def test_a_buffer_fills_at_its_interval_and_m_tells_how_far_it_is():
    stand = measuring()
    stand.send("NC;CBD 19;LEN 20;STR 50")
    assert stand.ask("M") == "0,0,1,0"
    stand.send("TD")
    stand.wait(0.52)
    assert stand.ask("M") == "1,0,1,10"
    stand.wait(1.0)
    assert stand.ask("M") == "0,1,1,20"
    stand.send("NC")
    assert stand.ask("M") == "0,0,1,0"


def test_a_buffer_keeps_the_values_of_their_time():
    stand = Stand()
    stand.send("OF. 20000;SEN 18;TC 11;SLOPE 0;CBD 1;LEN 40;STR 25")
    stand.wait(1.0 - stand.clock.now())
    stand.twin.write(b"TD")
    stand.twin.write(b"OA. 1")
    stand.wait(2.0)
    stand.send("DC 0")
    read = [int(stand.twin.read()) for _ in range(40)]
    times = 0.025 * np.arange(1, 41)
    full = expected_volts(stand) / 1e-3 * 10_000
    assert read == pytest.approx(full * (1.0 - np.exp(-times / 0.1)), abs=1.0)


def test_a_dump_hands_one_value_per_poll_and_takes_4_ms_for_each():
    stand = measuring()
    stand.send("CBD 3;LEN 5;STR 5;TD")
    stand.wait(1.0)
    stand.send("DC 0")
    began, read = stand.clock.now(), []
    while not stand.status() & COMPLETE:
        assert stand.status() & AVAILABLE
        read.append(stand.twin.read())
    assert len(read) == 5
    assert stand.clock.now() - began == pytest.approx(0.02)


def test_the_same_curve_comes_fixed_floating_as_a_table_and_binary():
    stand = measuring(adc_inputs={1: lambda: -0.25})
    stand.send("CBD 49;LEN 3;STR 5;EVENT 7;TD")  # X, sensitivity, ADC 1
    stand.wait(1.0)
    x = stand.ask("X")
    assert stand.ask("DC 0") == x
    stand.twin.clear()
    assert float(stand.ask("DC. 0")) == pytest.approx(int(x) * 1e-7)
    stand.twin.clear()
    assert stand.number("DC. 5") == -0.25
    stand.twin.clear()
    assert stand.ask("DCT 49") == f"{x},18,-250"
    stand.twin.clear()
    stand.send("DCB 5")
    assert np.frombuffer(stand.twin.read(), ">i2").tolist() == [-250] * 3


def test_a_circular_buffer_keeps_the_last_points_until_it_is_halted():
    stand = measuring()
    stand.send("CBD 8192;LEN 4;STR 10;TDC")  # events
    for event in range(1, 8):
        stand.send(f"EVENT {event}")
        stand.wait(0.005)
    assert stand.ask("M").startswith("2,")
    stand.send("HC")
    state, sweeps, _, points = stand.ask("M").split(",")
    assert (state, points) == ("6", "4")
    assert int(sweeps) >= 1
    stand.send("DC 13")
    assert stand.twin.read() > b"1"


def test_cbd_shortens_len_to_what_fits():
    stand = Stand()
    stand.send("CBD 1;LEN 32768;CBD 3")
    assert stand.ask("LEN") == "16384"


def test_an_interval_of_zero_stores_x_and_y_every_1_25_ms_through_a_fast_filter():
    stand = measuring()
    stand.send("SLOPE 3;CBD 31;LEN 100;STR 0;TD")
    assert stand.ask("CBD") == "3"
    assert stand.number("TC.") == 640e-6
    stand.wait(0.13)
    assert stand.ask("M").split(",")[3] == "100"


# --- interface ------------------------------------------------------------------------------------


def test_a_compound_is_answered_line_by_line_in_its_order():
    stand = Stand()
    stand.send("ID; tc ;SEN;FOO;SLOPE")
    assert [stand.twin.read() for _ in range(5)] == [
        b"7265\r\n",
        b"11\r\n",
        b"27\r\n",
        b"1\r\n",
        None,
    ]


def test_rev_has_several_lines():
    stand = Stand()
    stand.send("REV")
    lines = 0
    while not stand.status() & COMPLETE:
        stand.twin.read()
        lines += 1
    assert lines == 4


@pytest.mark.parametrize(
    ("code", "end"), [(0, b"\r"), (1, b"\r"), (2, b"\r\n"), (3, b"\r\n"), (4, b""), (5, b"")]
)
def test_gp_sets_the_terminator(code, end):
    stand = Stand()
    stand.send(f"GP 14 {code}")
    for terminator in (b"", b"\r", b"\r\n", b"\n"):
        stand.twin.write(b"ID" + terminator)
        assert stand.twin.read() == b"7265" + end


def test_a_request_for_service_follows_the_mask():
    stand = Stand()
    stand.send("ID")
    assert not stand.status() & 64
    stand.twin.clear()
    stand.send("MSK 128;ID")
    assert stand.status() & 64


def test_the_star_asks_for_its_pair():
    stand = measuring()
    stand.send("STAR 6")
    stand.twin.write(b"*")
    assert stand.twin.read().startswith(b"9985,0")


def test_rs232_answers_without_echo_and_prompt_until_they_are_switched_on():
    stand = Stand(interface="rs232", resource="TCPIP0::127.0.0.1::5000::SOCKET")
    stand.twin.write(b"ID\r")
    stand.twin.write(b"ID\r\n")
    assert [stand.twin.read() for _ in range(3)] == [b"7265\r\n", b"7265\r\n", None]
    stand.twin.write(b"RS 11 8\r\n")
    assert stand.twin.read() == b"*"
    stand.twin.write(b"ID\r\n")
    assert [stand.twin.read() for _ in range(3)] == [b"ID\r\n", b"7265\r\n", b"*"]
    stand.twin.write(b"FOO\r\n")
    assert [stand.twin.read() for _ in range(2)] == [b"FOO\r\n", b"?"]


def test_a_command_takes_5_ms_and_a_pair_8_ms():
    twin = Stand().twin
    assert twin.latency(b"X.\r\n") == 5e-3
    assert twin.latency(b"xy.\r\n") == 8e-3
    assert twin.latency(b"SEN 5;XY.") == pytest.approx(13e-3)


SHARED = Stand(ideal=False, noise=1.0)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=40),
        st.tuples(
            st.sampled_from(sorted(COMMANDS)),
            st.sampled_from(["", "."]),
            st.lists(
                st.one_of(st.integers(), st.floats(), st.integers(-3, 30), st.floats(-5, 5)),
                max_size=3,
            ),
        ).map(lambda t: f"{t[0]}{t[1]} {' '.join(map(str, t[2]))}".encode()),
    )
)
def test_no_bytes_raise(message):
    SHARED.clock.elapse(min(1.0, SHARED.twin.latency(message)))
    SHARED.twin.write(message)
    assert 0 <= SHARED.twin.serial_poll() <= 255
    while SHARED.twin.read() is not None:
        pass


def test_every_command_of_the_table_answers_when_asked():
    stand = Stand()
    for name, command in COMMANDS.items():
        acts = name in {"AS", "ASM", "AQN", "AXO", "LOCK", "NC", "TD", "TDC", "HC"}
        if 0 not in command.counts or acts:
            continue
        for point in [""] * (command.fixed is not None) + ["."] * (command.floating is not None):
            assert stand.ask(name + point) is not None, name + point
            stand.twin.clear()
            assert not stand.status() & (INVALID | PARAMETER), name + point


# --- pymeasure, unmodified ------------------------------------------------------------------------


@pytest.fixture
def stand():
    return measuring()


@pytest.fixture
def driver(stand):
    library = SimulatedVisaLibrary.serving([stand.twin], stand.clock)
    return DSP7265(VISAAdapter("GPIB0::14::INSTR", visa_library=library))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("imode", v) for v in DSP7265.IMODES),
        *(("slope", v) for v in (6, 12, 18, 24)),
        *(("time_constant", v) for v in DSP7265.TIME_CONSTANTS),
        *(("sensitivity", v) for v in DSP7265.SENSITIVITIES[1:]),
        *(("shield", 0), ("fet", 0), ("coupling", 1), ("voltage", 0.123), ("frequency", 1234.5)),
        *(("reference", v) for v in DSP7265.REFERENCES),
        *(("harmonic", 3), ("reference_phase", 123.0)),
        *((f"dac{n}", -1.5) for n in (1, 2, 3, 4)),
        *(("adc3_time", 0.01), ("curve_buffer_bits", 21), ("curve_buffer_length", 77)),
        ("curve_buffer_interval", 25),
    ],
)
def test_pymeasure_sets_and_reads_every_property(driver, stand, name, value):
    setattr(driver, name, value)
    assert getattr(driver, name) == value
    status = stand.status() & ~OVERLOAD
    assert status == COMPLETE | (UNLOCKED if str(value).startswith("external") else 0)


def test_pymeasure_reads_every_measurement(driver, stand):
    size = expected_volts(stand)
    assert driver.id == 7265
    assert driver.x == pytest.approx(size, abs=1e-7)
    assert driver.y == 0.0
    assert driver.xy == [driver.x, 0.0]
    assert driver.mag == driver.x
    assert driver.phase == 0.0
    assert (driver.adc1, driver.adc2, driver.adc3) == (0.0, 0.0, 0.0)
    assert (driver.ratio, driver.log_ratio) == (0.0, -3.0)
    assert driver.curve_buffer_status == [0, 0, 1, 0]


def test_pymeasure_calls_every_method(driver, stand):
    driver.gain = 20
    assert driver.gain == [2]
    assert stand.ask("AUTOMATIC") == "0"
    driver.auto_gain = True
    assert stand.ask("AUTOMATIC") == "1"
    driver.set_voltage_mode()
    driver.setDifferentialMode()
    assert stand.ask("LF") == "3,0"
    driver.setChannelAMode()
    driver.auto_sensitivity()
    driver.auto_phase()
    assert driver.sensitivity == 2e-3
    driver.shutdown()
    assert stand.bench.oscillator.oscillator() is None
    assert stand.ask("ACGAIN") == "0"


def test_pymeasure_fills_and_reads_the_curve_buffer(driver, stand):
    names = ["x", "y", "magnitude", "phase", "sensitivity", "adc1", "dac2", "event", "frequency"]
    driver.set_buffer(12, names, 0.01)
    driver.start_buffer()
    assert driver.curve_buffer_status[0] == 1
    stand.wait(0.1)  # the waiting of pymeasure costs life
    data = driver.get_buffer()
    assert {len(column) for column in data.values()} == {12}
    assert data["x"] == pytest.approx([stand.number("X.")] * 12)
    assert data["sensitivity"] == pytest.approx([1e-3] * 12)
    assert data["frequency"] == pytest.approx([777.0] * 12)
    assert data["phase"] == pytest.approx([0.0] * 12)


def test_pymeasure_times_out_on_a_question_that_is_no_command(driver):
    with pytest.raises(pyvisa.VisaIOError, match="TMO"):
        driver.ask("*IDN?")
    assert driver.adapter.connection.read_stb() & INVALID
    assert driver.id == 7265
