"""Programmes of a source: edges in exact time, and the tone that stands for a fast wave."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.simulated.circuit import SourceOutput
from instruments.simulated.keithley6221_program import (
    Program,
    fundamental,
    is_stepped,
    mean,
    points,
    ramp,
    square,
    tone,
)

A, B, C, END = (SourceOutput(connected=True, current=float(number)) for number in range(4))


def edges(program, start, most):
    """Follow the programme as the bench does."""
    now, found = start, [(start, program.output(start))]
    for _ in range(most):
        now = program.next_change(now)
        if math.isinf(now):
            break
        found.append((now, program.output(now)))
    return found


def test_a_steady_programme_never_changes():
    program = Program.steady(A)
    assert program.output(1e6) is A
    assert program.next_change(5.0) == math.inf


def test_outputs_follow_each_other_and_the_end_takes_over():
    program = Program(10.0, (0.0, 1.0, 1.5), (A, B, C), end=12.0, after=END)
    assert edges(program, 10.0, 9) == [(10.0, A), (11.0, B), (11.5, C), (12.0, END)]


def test_outputs_come_round_again_until_the_end():
    program = Program(0.0, (0.0, 1.0), (A, B), period=2.0, end=5.5, after=END)
    assert [output for _, output in edges(program, 0.0, 9)] == [A, B, A, B, A, B, END]
    assert [time for time, _ in edges(program, 0.0, 9)] == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 5.5]


def test_the_last_output_is_the_present_one_after_the_end():
    program = Program(0.0, (0.0, 1.0), (A, B), end=2.0, after=END)
    assert [program.index(time) for time in (0.5, 1.5, 3.0)] == [0, 1, 1]


@given(
    st.floats(0.0, 1e7),
    st.floats(1e-6, 1e3),
    st.floats(0.01, 0.99),
    st.integers(0, 10**6),
)
def test_edges_alternate_and_time_never_stands_still_however_late_it_is(
    start, period, duty, passed
):
    program = Program(start, (0.0, duty * period), (A, B), period=period)
    begin = program.next_change(start + passed * period)
    followed = edges(program, begin, 20)
    times = [time for time, _ in followed]
    assert all(later > earlier for earlier, later in pairwise(times))
    if period * min(duty, 1.0 - duty) > 1e-6:
        assert all(one is not two for (_, one), (_, two) in pairwise(followed))


def test_a_square_of_no_or_full_duty_does_not_switch():
    assert square(0.0) == ((0.0, -1.0),)
    assert square(1.0) == ((0.0, 1.0),)
    assert square(0.25) == ((0.0, 1.0), (0.25, -1.0))


def test_a_ramp_rises_from_its_minimum_and_falls_back():
    shape = ramp(0.75)
    values = [value for _, value in shape]
    top = values.index(max(values))
    assert values[0] == pytest.approx(-1.0, abs=0.03)
    assert top / len(values) == pytest.approx(0.75, abs=0.02)
    assert values[:top] == sorted(values[:top])
    assert values[top:] == sorted(values[top:], reverse=True)
    assert ramp(0.0)[0][1] > 0.9
    assert ramp(1.0)[-1][1] > 0.9


def test_equal_neighbours_of_an_arbitrary_wave_are_one_step():
    assert points((0.0, 0.0, 1.0, 1.0)) == ((0.0, 0.0), (0.5, 1.0))


@pytest.mark.parametrize("duty", [0.1, 0.5, 0.8])
def test_the_fundamental_of_a_square_is_that_of_its_fourier_series(duty):
    assert abs(fundamental(square(duty))) == pytest.approx(4 / math.pi * math.sin(math.pi * duty))
    assert mean(square(duty)) == pytest.approx(2 * duty - 1)


def test_a_square_of_half_duty_has_the_phase_of_a_sine():
    assert fundamental(square(0.5)) == pytest.approx(-1j * 4 / math.pi)


def test_the_fundamental_of_a_triangle_is_that_of_its_fourier_series():
    assert fundamental(ramp(0.5)) == pytest.approx(-8 / math.pi**2, rel=1e-3)


def test_the_fundamental_of_a_sampled_cosine_is_one():
    phases = 2 * np.pi * np.arange(1000) / 1000
    assert abs(fundamental(points(tuple(np.cos(phases))))) == pytest.approx(1.0, rel=1e-5)


def test_a_tone_has_its_phase_at_the_origin():
    began = 1234.5678
    wave = tone(-2j, 17.0, began)
    assert wave.amplitude == 2.0
    for late in (0.0, 0.01, 0.02):
        seen = wave.amplitude * math.cos(2 * math.pi * 17.0 * (began + late) + wave.phase)
        assert seen == pytest.approx(2 * math.sin(2 * math.pi * 17.0 * late), abs=1e-8)


def test_short_or_slow_waves_are_stepped_and_long_fast_ones_are_not():
    shape = square(0.5)
    assert is_stepped(shape, 1000.0, 0.5)
    assert not is_stepped(shape, 1000.0, 0.6)
    assert not is_stepped(shape, 1000.0, math.inf)
    assert is_stepped(shape, 1.0, math.inf)
    assert not is_stepped(points(tuple(range(2000))), 1.0, math.inf)
