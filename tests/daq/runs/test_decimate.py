"""A picture of a million points keeps every extreme and costs as much as one of ten thousand."""

import numpy as np
import pytest

from daq.runs.decimate import DecimatedCurve, Window


def curve_of(x, y, *, pieces=1, **options):
    curve = DecimatedCurve(**options)
    for end in np.linspace(0, len(x), pieces + 1).astype(int)[1:]:
        curve.update(x[:end], y[:end])
    return curve


@pytest.mark.parametrize("turning", [False, True])
@pytest.mark.parametrize("n", [5, 3999, 10_000, 123_457])
def test_every_spike_is_drawn_and_the_points_stay_few_and_in_order(n, turning):
    x = np.arange(n) * 1.0
    x = np.sin(x / 500.0) if turning else x
    y = np.random.default_rng(1).normal(size=n)
    y[n // 3], y[-2], y[1] = 40.0, -50.0, 60.0
    found = curve_of(x, y).indices(x, Window(most=4000))
    assert {n // 3, n - 2, 1} <= set(found.tolist())
    assert np.all(np.diff(found) > 0)
    assert len(found) <= 4300


def test_points_that_arrive_one_by_one_give_the_curve_of_the_whole():
    x = np.linspace(0.0, 1.0, 9000)
    y = np.cos(50.0 * x)
    whole = curve_of(x, y).indices(x, Window(most=500))
    np.testing.assert_array_equal(curve_of(x, y, pieces=4000).indices(x, Window(most=500)), whole)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_part_of_a_steady_sweep_is_drawn_in_full_with_its_neighbours(sign):
    x = sign * np.arange(100_000.0)
    curve = curve_of(x, np.zeros(100_000))
    low, high = sorted((sign * 500.2, sign * 510.7))
    np.testing.assert_array_equal(curve.indices(x, Window(low, high)), np.arange(500, 512))


def test_values_that_are_no_numbers_hide_no_extremes():
    y = np.zeros(50_000)
    y[::7] = np.nan
    y[20_001] = 9.0
    x = np.arange(50_000.0)
    found = curve_of(x, y).indices(x, Window(most=200))
    assert 20_001 in found


def test_a_logarithmic_axis_shows_the_smallest_positive_value():
    y = np.ones(50_000)
    y[::100] = -5.0
    y[30_007] = 1e-6
    x = np.arange(50_000.0)
    assert 30_007 in curve_of(x, y, positive_y=True).indices(x, Window(most=200))
