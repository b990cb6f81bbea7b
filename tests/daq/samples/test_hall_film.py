from functools import cache

import numpy as np
import pytest

from daq.analysis.hall import hall_loop
from daq.analysis.result import Estimate
from daq.analysis.transition import resistive_transition
from daq.samples.hall_film import HallFilm, HallFilmNumbers
from instruments.simulated.sample import Environment

NUMBERS = HallFilmNumbers()
CURRENT = np.array([1e-5])
HALF = np.concatenate([np.linspace(-0.5, -0.15, 36)[:-1], np.linspace(-0.15, 0.15, 101)])
FIELD = np.concatenate([HALF, np.linspace(0.15, 0.5, 36)[1:]])
LOOP = np.concatenate([FIELD, FIELD[::-1]])


def settled(temperature):
    film = HallFilm()
    film.evolve(600.0, Environment(temperature), {})
    film.evolve(1.0, Environment(temperature, (-0.6, 0.0, 0.0)), {})
    return film


@cache
def clean(temperature, trapped):
    """R_yx and R_xx in ohm at the fields of a loop, without noise."""
    film = settled(temperature)
    rows = []
    for field in LOOP:
        here = Environment(temperature, (field + trapped, 0.0, 0.0))
        film.evolve(1.0, here, {})
        rows.append(
            [film.voltage(CURRENT, pair, "I+ I-", here)[0] / 1e-5 for pair in ("H+ H-", "V+ V-")]
        )
    return np.array(rows)


def measured(temperature, *, trapped=0.0, seed=0, sigma=0.02):
    noise = sigma * np.random.default_rng(seed).standard_normal((len(LOOP), 2))
    return (clean(temperature, trapped) + noise).T


def coercive_field(temperature):
    scale = (1.0 - temperature / 20.0) / (1.0 - NUMBERS.coercive_temperature / 20.0)
    return NUMBERS.coercive_field * scale**NUMBERS.coercive_exponent


@pytest.mark.parametrize("trapped", [0.0, 0.012])
@pytest.mark.parametrize("temperature", [14.0, 17.0])
def test_a_hall_loop_recovers_the_coercive_field_put_in_with_and_without_trapped_field(
    temperature, trapped
):
    for seed in range(10):
        yx, xx = measured(temperature, trapped=trapped, seed=seed)
        loop = hall_loop(LOOP, yx, xx)
        assert loop.coercive_field.value == pytest.approx(coercive_field(temperature), abs=0.002)
        assert loop.centre.value == pytest.approx(-trapped, abs=0.002)
        assert loop.mixing.value == pytest.approx(NUMBERS.mixing, rel=0.02)


def test_the_loop_grows_as_the_superconductor_goes():
    areas = {}
    for temperature in (10.0, 12.0, 14.0):
        areas[temperature] = hall_loop(LOOP, *measured(temperature)).area
    assert areas[10.0].significance < 3.0
    assert areas[12.0].significance > 5.0
    assert 0.0 < areas[12.0].value / areas[14.0].value < 1.0


def test_above_the_curie_temperature_there_is_no_loop():
    loop = hall_loop(LOOP, *measured(25.0))
    assert loop.area.significance < 4.0
    assert not isinstance(loop.coercive_field, Estimate) or loop.coercive_field.value < 0.005


def test_at_low_temperature_the_film_switches_at_the_fields_of_the_paper():
    film = settled(2.2)
    top = film.magnetisation(Environment(2.2, (0.6, 0.0, 0.0)))
    shares = [
        film.magnetisation(Environment(2.2, (field, 0.0, 0.0))) / top
        for field in (0.03, 0.047, 0.061, 0.090)
    ]
    assert shares[0] == -1.0
    assert -1.0 < shares[1] < -0.95
    assert shares[2] == pytest.approx(0.0, abs=0.02)
    assert shares[3] > 0.99


def test_a_film_that_is_warmed_above_its_curie_temperature_without_field_forgets():
    film = settled(14.0)
    remanent = abs(film.magnetisation(Environment(14.0)))
    film.evolve(600.0, Environment(30.0), {})
    film.evolve(600.0, Environment(14.0), {})
    assert remanent > 0.3
    assert film.magnetisation(Environment(14.0)) == 0.0


def test_a_film_that_is_warmed_in_a_field_follows_it_before_the_field_is_gone():
    film = settled(2.2)
    film.evolve(600.0, Environment(19.0, (0.045, 0.0, 0.0)), {})
    film.evolve(600.0, Environment(2.2), {})
    full = film.magnetisation(Environment(2.2, (0.6, 0.0, 0.0)))
    assert film.magnetisation(Environment(2.2)) > 0.9 * full > 0.5


def test_the_resistance_has_the_onset_and_the_zero_of_the_paper():
    film = HallFilm()
    temperature = np.concatenate([np.linspace(8.0, 16.0, 300), np.linspace(16.1, 60.0, 250)])
    resistance = np.array([film.longitudinal(t, (0.0, 0.0, 0.0)) for t in temperature])
    rng = np.random.default_rng(1)
    noisy = resistance + 0.05 * rng.standard_normal(550)
    found = resistive_transition(temperature, noisy, normal=(25.0, 50.0))
    assert found.zero_fraction.value == pytest.approx(NUMBERS.zero, abs=0.1)
    assert isinstance(found.zero_noise, Estimate)
