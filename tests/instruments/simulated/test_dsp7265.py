"""The twin of a 7265: outputs, reference, auxiliary inputs and interface."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instruments.simulated.circuit import Tone
from instruments.simulated.dsp7265_commands import COMMANDS

COMPLETE, INVALID, PARAMETER, UNLOCKED, OVERLOAD, AVAILABLE = 1, 2, 4, 8, 16, 128


# --- outputs and overload -------------------------------------------------------------------------


def test_fixed_and_floating_forms_agree_and_are_quantised_to_a_ten_thousandth_of_full_scale(
    measuring,
):
    stand = measuring()
    x = int(stand.ask("X"))
    assert stand.number("X.") == pytest.approx(x * 1e-3 / 10_000, rel=1e-9)
    assert stand.ask("XY") == f"{x},0"
    assert stand.ask("MP") == f"{x},0"
    assert int(stand.ask("MAG")) == x
    assert stand.number("MAG.") == pytest.approx(x * 1e-7)
    assert stand.ask("PHA") == "0"


def test_an_exact_floating_zero_is_followed_by_a_nul(new_stand):
    stand = new_stand()
    stand.send("X.")
    assert stand.twin.read() == b"0.0E+00\0\r\n"
    stand.send("XY.")
    assert stand.twin.read() == b"0.0E+00\0,0.0E+00\0\r\n"
    stand.send("X")
    assert stand.twin.read() == b"0\r\n"


@pytest.mark.parametrize(("turn", "clipped", "bit"), [(0, "30000", 4), (90, "-30000", 3)])
def test_an_output_beyond_three_times_full_scale_is_clipped_and_flagged(
    measuring, turn, clipped, bit
):
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


def test_an_overloaded_input_gives_a_plausible_wrong_number_and_is_flagged(measuring):
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


def test_dc_overloads_the_input_only_when_it_is_coupled_to_dc(measuring):
    stand = measuring()
    stand.feed(current=1e-2)
    stand.wait(0.5)
    assert not stand.status() & OVERLOAD
    stand.send("CP 1")
    assert stand.status() & OVERLOAD


def test_offsets_are_subtracted_in_ten_thousandths_of_full_scale(measuring):
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


def test_auto_sensitivity_ends_between_30_and_90_percent_of_full_scale(measuring):
    stand = measuring()
    stand.send("SEN 27")
    stand.send("AS")
    assert stand.status() & (COMPLETE | AVAILABLE) == 0
    stand.wait(2.0)
    assert stand.status() & COMPLETE
    assert 3000 <= int(stand.ask("MAG")) <= 9000
    assert stand.ask("SEN") == "19"


def test_a_command_waits_until_an_automatic_function_has_ended(measuring):
    stand = measuring()
    stand.send("TC 14;AS")  # 10 s and a bit
    stand.send("ID")
    assert stand.twin.read() is None
    assert not stand.status() & AVAILABLE
    stand.wait(10.0)
    assert stand.status() & AVAILABLE
    assert stand.twin.read() == b"7265\r\n"


# --- reference ------------------------------------------------------------------------------------


class Outside:
    def __init__(self, frequency=None):
        self.frequency = frequency

    def __call__(self, now):
        return self.frequency


def test_an_external_reference_locks_after_two_cycles_and_50_ms(new_stand):
    outside = Outside()
    stand = new_stand(external_reference=outside)
    stand.feed(tone=Tone(97.0, 1e-6))
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


def test_the_own_oscillator_is_always_locked_and_frq_tells_its_frequency(new_stand):
    stand = new_stand()
    stand.send("OF. 123.456")
    assert stand.number("FRQ.") == 123.456
    assert not stand.status() & UNLOCKED


# --- auxiliary inputs -----------------------------------------------------------------------------


def test_adc_reads_what_is_wired_in_steps_of_1_mv_and_ends_at_12_v(new_stand):
    volts = {1: lambda: 1.23449, 2: lambda: -20.0, 3: lambda: 0.5}
    stand = new_stand(adc_inputs=volts)
    assert stand.number("ADC. 1") == 1.234
    assert stand.ask("ADC 1") == "1234"
    assert stand.ask("ADC 2") == "-12000"
    stand.send("ADC3TIME 200")
    assert stand.ask("ADC 3") == "5000"


def test_an_adc_that_is_not_wired_reads_1_mv_of_noise(new_stand):
    stand = new_stand(ideal=False)
    found = [stand.number("ADC. 1") for _ in range(300)]
    assert 0.8e-3 < np.std(found) < 1.3e-3
    assert abs(np.mean(found)) < 3e-4


def test_the_ratio_is_x_over_adc_1(measuring):
    stand = measuring(adc_inputs={1: lambda: 0.002})
    x = stand.number("X.")
    assert stand.number("RT.") == pytest.approx(x / 0.002)
    assert stand.number("LR.") == pytest.approx(math.log10(x / 0.002))


# --- interface ------------------------------------------------------------------------------------


def test_a_compound_is_answered_line_by_line_in_its_order(new_stand):
    stand = new_stand()
    stand.send("ID; tc ;SEN;FOO;SLOPE")
    assert [stand.twin.read() for _ in range(5)] == [
        b"7265\r\n",
        b"11\r\n",
        b"27\r\n",
        b"1\r\n",
        None,
    ]


def test_rev_has_several_lines(new_stand):
    stand = new_stand()
    stand.send("REV")
    lines = 0
    while not stand.status() & COMPLETE:
        stand.twin.read()
        lines += 1
    assert lines == 4


@pytest.mark.parametrize(
    ("code", "end"), [(0, b"\r"), (1, b"\r"), (2, b"\r\n"), (3, b"\r\n"), (4, b""), (5, b"")]
)
def test_gp_sets_the_terminator(new_stand, code, end):
    stand = new_stand()
    stand.send(f"GP 14 {code}")
    for terminator in (b"", b"\r", b"\r\n", b"\n"):
        stand.twin.write(b"ID" + terminator)
        assert stand.twin.read() == b"7265" + end


def test_a_request_for_service_follows_the_mask(new_stand):
    stand = new_stand()
    stand.send("ID")
    assert not stand.status() & 64
    stand.twin.clear()
    stand.send("MSK 128;ID")
    assert stand.status() & 64


def test_the_star_asks_for_its_pair(measuring):
    stand = measuring()
    stand.send("STAR 6")
    stand.twin.write(b"*")
    assert stand.twin.read().startswith(b"9985,0")


def test_rs232_answers_without_echo_and_prompt_until_they_are_switched_on(new_stand):
    stand = new_stand(interface="rs232", resource="TCPIP0::127.0.0.1::5000::SOCKET")
    stand.twin.write(b"ID\r")
    stand.twin.write(b"ID\r\n")
    assert [stand.twin.read() for _ in range(3)] == [b"7265\r\n", b"7265\r\n", None]
    stand.twin.write(b"RS 11 8\r\n")
    assert stand.twin.read() == b"*"
    stand.twin.write(b"ID\r\n")
    assert [stand.twin.read() for _ in range(3)] == [b"ID\r\n", b"7265\r\n", b"*"]
    stand.twin.write(b"FOO\r\n")
    assert [stand.twin.read() for _ in range(2)] == [b"FOO\r\n", b"?"]


def test_a_command_takes_5_ms_and_a_pair_8_ms(new_stand):
    twin = new_stand().twin
    assert twin.latency(b"X.\r\n") == 5e-3
    assert twin.latency(b"xy.\r\n") == 8e-3
    assert twin.latency(b"SEN 5;XY.") == pytest.approx(13e-3)


@pytest.fixture(scope="module")
def shared(new_stand):
    return new_stand(ideal=False, noise=1.0)


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
def test_no_bytes_raise(shared, message):
    shared.clock.elapse(min(1.0, shared.twin.latency(message)))
    shared.twin.write(message)
    assert 0 <= shared.twin.serial_poll() <= 255
    while shared.twin.read() is not None:
        pass


def test_every_command_of_the_table_answers_when_asked(new_stand):
    stand = new_stand()
    for name, command in COMMANDS.items():
        acts = name in {"AS", "ASM", "AQN", "AXO", "LOCK", "NC", "TD", "TDC", "HC"}
        if 0 not in command.counts or acts:
            continue
        for point in [""] * (command.fixed is not None) + ["."] * (command.floating is not None):
            assert stand.ask(name + point) is not None, name + point
            stand.twin.clear()
            assert not stand.status() & (INVALID | PARAMETER), name + point
