import math

import mpmath
import numpy as np
import pytest

from daq.physics.constants import BOLTZMANN
from daq.physics.gap import bcs_gap, gap_ratio, reduced_gap, tanh_gap


def exact(t):
    """Solve the gap equation with mpmath, by the sum that converges there."""
    zero = mpmath.pi * mpmath.exp(-mpmath.euler)

    def matsubara(d):
        y = d / (2 * mpmath.pi * t)
        return mpmath.log(t) + mpmath.nsum(
            lambda n: 1 / (n + 0.5) - 1 / mpmath.sqrt((n + 0.5) ** 2 + y * y), [0, mpmath.inf]
        )

    def bessel(d):
        terms = (2 * (-1) ** (k + 1) * mpmath.besselk(0, k * d / t) for k in range(1, 25))
        return mpmath.log(zero / d) - sum(terms)

    start = zero * mpmath.sqrt(mpmath.cos(mpmath.pi * t * t / 2))
    return float(mpmath.findroot(bessel if t < 0.5 else matsubara, start) / zero)


@pytest.mark.parametrize("t", [0.04, 0.11, 0.203, 0.501, 0.733, 0.9, 0.987, 0.99951])
def test_the_gap_solves_the_gap_equation(t):
    assert reduced_gap(t) == pytest.approx(exact(t), abs=1e-9)


def test_the_limits_of_the_gap():
    assert reduced_gap(0.0) == 1.0
    near = 1 - 1e-6
    assert reduced_gap(near) * 1.763876988 == pytest.approx(3.0633 * 1e-3, rel=1e-4)
    assert reduced_gap([1.0, 1.5, 1e6]).tolist() == [0.0, 0.0, 0.0]
    t = np.linspace(0, 1.1, 5001)
    assert np.diff(reduced_gap(t)).max() < 1e-12


def test_the_gap_has_the_scale_that_is_asked_for():
    assert bcs_gap(0.0, 7.1) == pytest.approx(1.763876988 * BOLTZMANN * 7.1, rel=1e-9)
    assert bcs_gap(0.0, 7.1, 1.343e-3) == 1.343e-3
    assert bcs_gap(3.0, 7.1, 2e-3) == pytest.approx(2e-3 * reduced_gap(3.0 / 7.1), rel=1e-12)
    assert bcs_gap([0.0, 1.0], 0.0).tolist() == [0.0, 0.0]
    assert bcs_gap([1.0, 5.0], [[4.0], [8.0]]).shape == (2, 2)


def test_the_gap_ratio_tells_the_rounded_gaps_of_the_paper_from_the_true_ones():
    assert gap_ratio(1.343e-3, 7.1) == pytest.approx(4.39, abs=0.005)
    assert gap_ratio(1.3e-3, 7.1) == pytest.approx(4.25, abs=0.005)
    assert gap_ratio(bcs_gap(0.0, 5.0), 5.0) == pytest.approx(3.527754, abs=1e-6)


def test_the_tanh_of_old_papers_is_off_by_what_it_is_said_to_be():
    t = np.linspace(0.0, 1.2, 500)
    error = np.abs(tanh_gap(t, 1.0, 1.0) - bcs_gap(t, 1.0, 1.0)).max()
    assert 0.015 < error < 0.02


@pytest.mark.parametrize("arguments", [(-1.0, 7.0), (1.0, -7.0), (math.nan, 7.0), (1.0, 7.0, -1.0)])
def test_what_means_nothing_is_refused(arguments):
    with pytest.raises(ValueError, match=r"zero or more|finite"):
        bcs_gap(*arguments)
    with pytest.raises(ValueError, match="critical_temperature"):
        gap_ratio(1e-3, 0.0)
