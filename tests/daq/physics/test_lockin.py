import math

import numpy as np
import pytest
from scipy.special import iv

from daq.physics.lockin import first_harmonic, nth_harmonic, points_needed


def test_a_curve_without_curvature_is_left_as_it_is():
    bias = np.linspace(-1, 1, 5)
    assert first_harmonic(lambda v: 3 + 0 * v, bias, 0.7) == pytest.approx(np.full(5, 3.0))
    assert first_harmonic(lambda v: 2 * v, bias, 0.7) == pytest.approx(2 * bias)
    assert first_harmonic(np.exp, bias, 0.0) == pytest.approx(np.exp(bias), rel=1e-12)


def test_a_cubic_response_gains_three_quarters_of_the_amplitude_squared():
    found = first_harmonic(lambda v: 1 + 3 * v**2, 0.4, 0.3)  # I = V + V^3
    assert found == pytest.approx(1 + 3 * 0.16 + 0.75 * 0.09, rel=1e-12)


def test_a_hyperbolic_response_has_the_bessel_function_of_its_amplitude():
    bias, width, amplitude = np.array([-0.5, 0.0, 1.2]), 0.4, 0.6
    found = first_harmonic(lambda v: np.cosh(v / width) / width, bias, amplitude, points=12)
    ratio = amplitude / width
    expected = np.cosh(bias / width) / width * 2 * iv(1, ratio) / ratio
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("harmonic", [1, 2, 3, 5])
def test_a_harmonic_is_what_demodulation_of_the_response_gives(harmonic):
    bias, amplitude = 0.3, 0.8
    phase = 2 * math.pi * np.arange(4096) / 4096
    response = np.arctan(2 * (bias + amplitude * np.cos(phase)))
    expected = 2 * np.mean(response * np.cos(harmonic * phase)) / amplitude
    found = nth_harmonic(lambda v: 2 / (1 + 4 * v * v), bias, amplitude, harmonic, points=60)
    assert found == pytest.approx(expected, abs=1e-12)


def test_a_small_second_harmonic_is_the_second_derivative():
    found = nth_harmonic(np.exp, 0.2, 1e-4, 2)
    assert found == pytest.approx(1e-4 / 4 * math.exp(0.2), rel=1e-6)
    assert nth_harmonic(np.exp, 0.2, 0.0, 2) == pytest.approx(0.0, abs=1e-15)


def test_the_curve_is_asked_once_and_the_shape_follows_the_bias():
    asked = []

    def curve(v):
        asked.append(v.shape)
        return np.cos(v)

    assert first_harmonic(curve, np.zeros((2, 3)), 0.1, points=7).shape == (2, 3)
    assert np.shape(first_harmonic(np.cos, 0.0, 0.1)) == ()
    assert asked == [(2, 3, 7)]


def test_more_points_are_needed_for_a_sharper_curve():
    assert points_needed(0.0, 0.0) == 1
    assert points_needed(1.0, 0.0) > 10**6
    for width in (0.05, 0.5, 5.0):
        points = points_needed(1.0, width)
        bias = np.linspace(-1.5, 1.5, 31)
        few, many = (
            first_harmonic(lambda v, w=width: w * w / (v * v + w * w), bias, 1.0, points=n)
            for n in (points, 20 * points)
        )
        assert few == pytest.approx(many, abs=1e-7)


def test_what_means_nothing_is_refused():
    with pytest.raises(ValueError, match="amplitude"):
        first_harmonic(np.cos, 0.0, -0.1)
    with pytest.raises(ValueError, match="bias"):
        first_harmonic(np.cos, math.nan, 0.1)
    with pytest.raises(ValueError, match="harmonic"):
        nth_harmonic(np.cos, 0.0, 0.1, 0)
    with pytest.raises(ValueError, match="points"):
        nth_harmonic(np.cos, 0.0, 0.1, 9)
