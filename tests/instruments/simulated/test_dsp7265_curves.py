"""The curve buffer of the twin of a 7265."""

import numpy as np
import pytest

COMPLETE, AVAILABLE = 1, 128


def test_a_buffer_fills_at_its_interval_and_m_tells_how_far_it_is(measuring):
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


def test_a_buffer_keeps_the_values_of_their_time(new_stand):
    stand = new_stand()
    stand.send("OF. 20000;SEN 18;TC 11;SLOPE 0;CBD 1;LEN 40;STR 25")
    stand.wait(1.0 - stand.clock.now())
    stand.twin.write(b"TD")
    stand.twin.write(b"OA. 1")
    stand.wait(2.0)
    stand.send("DC 0")
    read = [int(stand.twin.read()) for _ in range(40)]
    times = 0.025 * np.arange(1, 41)
    full = stand.expected_volts() / 1e-3 * 10_000
    assert read == pytest.approx(full * (1.0 - np.exp(-times / 0.1)), abs=1.0)


def test_a_dump_hands_one_value_per_poll_and_takes_4_ms_for_each(measuring):
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


def test_the_same_curve_comes_fixed_floating_as_a_table_and_binary(measuring):
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


def test_a_circular_buffer_keeps_the_last_points_until_it_is_halted(measuring):
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


def test_cbd_shortens_len_to_what_fits(new_stand):
    stand = new_stand()
    stand.send("CBD 1;LEN 32768;CBD 3")
    assert stand.ask("LEN") == "16384"


def test_an_interval_of_zero_stores_x_and_y_every_1_25_ms_through_a_fast_filter(measuring):
    stand = measuring()
    stand.send("SLOPE 3;CBD 31;LEN 100;STR 0;TD")
    assert stand.ask("CBD") == "3"
    assert stand.number("TC.") == 640e-6
    stand.wait(0.13)
    assert stand.ask("M").split(",")[3] == "100"
