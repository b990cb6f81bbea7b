import math

import mpmath
import numpy as np
import pytest

from daq.physics import critical_field as field

ANGLES = np.linspace(-math.pi, math.pi, 37)


def test_the_fields_of_a_film_have_the_prefactors_of_the_paper():
    xi, d, tc = 2.2e-9, 10.4e-9, 12.4
    assert field.perpendicular_gl(0.0, tc, xi) == pytest.approx(67.997, abs=0.001)
    assert field.parallel_gl(0.0, tc, xi, d) == pytest.approx(49.828, abs=0.001)
    slope = field.perpendicular_gl(tc - 1, tc, xi)
    assert slope == pytest.approx(5.48, abs=0.005)
    assert field.parallel_gl(tc - 0.124, tc, xi, d) == pytest.approx(4.9828, abs=1e-3)
    assert field.perpendicular_gl([tc, 20.0], tc, xi).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("law", "power"), [(field.tinkham, 1), (field.anisotropic_gl, 2)], ids=["film", "bulk"]
)
def test_a_field_at_an_angle_solves_its_equation(law, power):
    found = law(ANGLES, 6.8, 50.0)
    left = np.abs(found * np.sin(ANGLES) / 6.8) ** power + (found * np.cos(ANGLES) / 50.0) ** 2
    assert left == pytest.approx(np.ones(37), abs=1e-12)
    assert law(0.0, 6.8, 50.0) == pytest.approx(50.0, rel=1e-12)
    assert law(math.pi / 2, 6.8, 50.0) == pytest.approx(6.8, rel=1e-12)
    assert law([0.1, 0.2], [[6.8], [7.0]], 50.0).shape == (2, 2)


def test_only_the_film_has_a_cusp_along_the_plane():
    step = 1e-6
    cusp = (field.tinkham(step, 6.8, 50.0) - 50.0) / step
    assert cusp == pytest.approx(-(50.0**2) / (2 * 6.8), rel=1e-3)
    smooth = (field.anisotropic_gl(step, 6.8, 50.0) - 50.0) / step
    assert abs(smooth) < 0.1


@pytest.mark.parametrize("t", [1e-6, 0.05, 0.3, 0.7, 0.95, 0.999])
def test_the_orbital_field_solves_the_equation_of_whh(t):
    h = field.whh_orbital(t) * 4 / mpmath.pi**2
    left = mpmath.psi(0, mpmath.mpf(1) / 2 + h / (2 * mpmath.mpf(t))) - mpmath.psi(0, 0.5)
    assert float(left - mpmath.log(1 / mpmath.mpf(t))) == pytest.approx(0.0, abs=1e-9)


def test_the_limits_of_the_orbital_field():
    assert field.whh_orbital(0.0) == pytest.approx(0.692673, abs=1e-6)
    assert field.whh_orbital(0.0) == pytest.approx(field.WHH_ZERO, abs=1e-12)
    assert field.whh_orbital(0.9999) == pytest.approx(1e-4, rel=1e-3)
    assert field.whh_orbital([1.0, 3.0]).tolist() == [0.0, 0.0]
    assert 5.48 * 12.4 * field.whh_orbital(0.0) == pytest.approx(47.1, abs=0.05)


def test_two_paramagnetic_limits_are_offered_and_named():
    assert field.pauli_limit(12.5) == pytest.approx(23.0)
    assert field.pauli_limit(12.4) == pytest.approx(22.8, abs=0.02)
    assert pytest.approx(1.857, abs=0.0005) == field.PAULI_WEAK_COUPLING
    exact = field.pauli_limit([10.0, 20.0], field.PAULI_WEAK_COUPLING)
    assert exact == pytest.approx([18.57, 37.14], abs=0.01)


def test_a_nematic_field_is_two_fold_with_the_ratio_and_the_axis_given():
    found = field.nematic(ANGLES, 3.0, 1.2, 0.4)
    assert found == pytest.approx(field.nematic(ANGLES + math.pi, 3.0, 1.2, 0.4), rel=1e-12)
    assert field.nematic(0.4, 3.0, 1.2, 0.4) == 3.0
    assert field.nematic(0.4 + math.pi / 2, 3.0, 1.2, 0.4) == pytest.approx(2.5, rel=1e-12)
    assert field.nematic(ANGLES, 3.0, 1.0, 0.4) == pytest.approx(np.full(37, 3.0), rel=1e-12)
    assert field.nematic(0.0, 0.0, 1.2, 0.4) == 0.0


def test_the_film_of_the_paper_is_anisotropic_near_tc_and_isotropic_in_the_cold():
    xi, d, tc = 2.2e-9, 10.4e-9, 12.4
    temperature = np.linspace(0.1, 12.3, 300)
    low = 44.5 * (1 - (temperature / tc) ** 2) / (1 - (1.5 / tc) ** 2)
    laws = []
    for near in (
        field.perpendicular_gl(temperature, tc, xi),
        field.parallel_gl(temperature, tc, xi, d),
    ):
        law = field.saturating(temperature / tc, near, low)
        assert (np.diff(law) < 0).all()
        assert law[temperature >= 0.9 * tc] == pytest.approx(near[temperature >= 0.9 * tc])
        assert np.interp(1.5, temperature, law) == pytest.approx(44.5, abs=0.01)
        laws.append(law)
    assert np.abs(laws[0] - laws[1])[temperature < 0.6 * tc].max() == 0.0


def test_a_parabola_ends_at_tc():
    found = field.parabolic([0.0, 2.25, 4.5, 9.0], 4.5, 3.0)
    assert found == pytest.approx([3.0, 2.25, 0.0, 0.0])


@pytest.mark.parametrize(
    ("function", "arguments", "named"),
    [
        (field.perpendicular_gl, (-1.0, 12.0, 2e-9), "temperature"),
        (field.perpendicular_gl, (1.0, 12.0, 0.0), "coherence_length"),
        (field.parallel_gl, (1.0, 0.0, 2e-9, 1e-8), "critical_temperature"),
        (field.parallel_gl, (1.0, 12.0, 2e-9, math.nan), "thickness"),
        (field.tinkham, (0.1, 0.0, 1.0), "perpendicular"),
        (field.anisotropic_gl, (math.nan, 1.0, 1.0), "angle"),
        (field.whh_orbital, (-0.1,), "reduced_temperature"),
        (field.pauli_limit, (-1.0,), "critical_temperature"),
        (field.nematic, (0.0, 3.0, 0.9, 0.0), "ratio"),
        (field.nematic, (0.0, -3.0, 1.0, 0.0), "maximum"),
        (field.parabolic, (1.0, 2.0, -1.0), "zero_field"),
        (field.saturating, (0.5, 1.0, 1.0, 0.9, 0.6), "stop"),
    ],
)
def test_what_means_nothing_is_refused(function, arguments, named):
    with pytest.raises(ValueError, match=named):
        function(*arguments)
