import math

import numpy as np
import pytest

from daq.analysis.critical_field import FieldTable, film_field
from daq.physics.critical_field import parallel_gl, perpendicular_gl, saturating, tinkham
from daq.samples.hall_film import HallFilm
from daq.samples.upper_field import UpperField

LAW = UpperField(2.2e-9, 10.4e-9, 44.5, 1.5 / 11.0)
ANGLES = np.radians([0.0, 10.0, 30.0, 45.0, 60.0, 80.0, 89.0, 90.0])


def reference(t, angle):
    """The same law by the functions of daq.physics; the angle is from the normal."""
    perpendicular, parallel = perpendicular_gl(t, 1.0, 2.2e-9), parallel_gl(t, 1.0, 2.2e-9, 1.04e-8)
    near = tinkham(math.pi / 2.0 - angle, perpendicular, parallel)
    low = 44.5 * (1.0 - t * t) / (1.0 - LAW.low_temperature**2)
    return saturating(t, near, low)


@pytest.mark.parametrize("angle", ANGLES)
def test_the_law_of_the_film_is_that_of_the_physics(angle):
    t = np.linspace(0.01, 0.999, 120)
    own = [LAW.field(value, angle) for value in t]
    np.testing.assert_allclose(own, reference(t, angle), rtol=1e-12)
    assert np.all(np.diff(own) < 0.0)


def test_the_prefactors_are_those_of_the_lengths_of_the_paper():
    assert LAW.perpendicular == pytest.approx(67.997, abs=0.001)
    assert LAW.parallel == pytest.approx(49.828, abs=0.001)


@pytest.mark.parametrize("angle", ANGLES)
@pytest.mark.parametrize("t", [0.05, 0.3, 0.6, 0.7, 0.89, 0.9, 0.95, 0.999])
def test_temperature_and_field_are_inverse_to_each_other(t, angle):
    field = LAW.field(t, angle)
    found = LAW.reduced_temperature(field * math.cos(angle), field * math.sin(angle))
    assert found == pytest.approx(t, abs=1e-9)


def test_the_ends_of_the_law():
    assert LAW.reduced_temperature(0.0, 0.0) == 1.0
    assert LAW.reduced_temperature(46.0, 0.0) == 0.0
    assert LAW.field(1.0, 0.3) == LAW.field(1.5, 0.3) == 0.0


def field_where_half_is_gone(film, temperature, angle):
    low, high = 0.0, 60.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        field = (middle * math.cos(angle), middle * math.sin(angle), 0.0)
        normal = film.longitudinal(temperature, (60.0, 0.0, 0.0))
        low, high = (
            (middle, high)
            if film.longitudinal(temperature, field) < 0.5 * normal
            else (low, middle)
        )
    return middle


def test_at_low_temperature_the_film_has_one_critical_field_for_all_angles():
    film = HallFilm()
    found = np.array([field_where_half_is_gone(film, 1.5, angle) for angle in ANGLES])
    assert found == pytest.approx(44.5, abs=0.01)


def test_near_tc_the_critical_fields_give_the_lengths_put_in():
    film = HallFilm()
    half = next(t for t in np.arange(10.0, 12.4, 1e-4) if film.longitudinal(t, (0, 0, 0)) > 280.0)
    tables = []
    for angle in (0.0, math.pi / 2.0):
        temperature = np.linspace(0.91, 0.99, 9) * half
        field = np.array([field_where_half_is_gone(film, t, angle) for t in temperature])
        tables.append(FieldTable(temperature, field, np.full(9, 0.02)))
    found = film_field(*tables)
    assert found.coherence_length.value == pytest.approx(2.2e-9, abs=0.1e-9)
    assert found.thickness.value == pytest.approx(10.4e-9, abs=0.3e-9)
