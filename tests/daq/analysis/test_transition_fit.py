import numpy as np
import pytest

from daq.analysis.result import NoResult
from daq.analysis.transition_fit import film_transition
from daq.physics.transition import halperin_nelson, hump, sheet_transition

WIDE = np.concatenate([np.linspace(1.9, 20.0, 260), np.linspace(20.3, 300.0, 140)])
SHORT = np.linspace(1.9, 30.0, 260)


def film(temperature, onset, zero, sheet, seed=0):
    """A film with a hump at 60 K, noise of both readings."""
    rng = np.random.default_rng(seed)
    form = sheet_transition(onset, zero, sheet)
    r = halperin_nelson(temperature, form.temperature, form.stiffness, form.amplitude)
    r = r * hump(temperature, 1000.0, 0.8, 60.0) + 0.2 * rng.standard_normal(len(temperature))
    return temperature + 3e-3 * rng.standard_normal(len(temperature)), r


@pytest.mark.parametrize("temperature", [WIDE, SHORT])
@pytest.mark.parametrize(
    ("onset", "zero", "sheet"), [(9.6, 2.9, 2.813), (12.4, 10.0, 9.7), (12.4, 11.4, 11.229)]
)
def test_onset_and_zero_of_a_film_with_a_hump_come_out_without_a_window(
    temperature, onset, zero, sheet
):
    found = film_transition(*film(temperature, onset, zero, sheet))
    assert found.onset.value == pytest.approx(onset, abs=0.1)
    assert found.zero.value == pytest.approx(zero, abs=0.1)
    assert abs(found.onset.value - onset) < 4 * found.onset.error
    assert abs(found.zero.value - zero) < 4 * found.zero.error
    assert found.zero.value < found.midpoint.value < found.onset.value
    if temperature is WIDE:
        assert found.hump.value == pytest.approx(60.0, abs=1.0)


def test_a_curve_without_transition_gives_no_temperature():
    rng = np.random.default_rng(0)
    normal = hump(WIDE, 1000.0, 0.8, 60.0) + 0.2 * rng.standard_normal(len(WIDE))
    assert "not zero" in str(film_transition(WIDE, normal))
    assert isinstance(film_transition(WIDE, np.zeros(len(WIDE))), NoResult)
    assert isinstance(film_transition(WIDE, 0.2 * rng.standard_normal(len(WIDE))), NoResult)
    assert isinstance(film_transition(WIDE[:3], normal[:3]), NoResult)
    assert isinstance(film_transition(WIDE, np.full(len(WIDE), np.nan)), NoResult)


def test_a_transition_whose_normal_state_is_not_in_the_data_is_refused():
    t = np.linspace(1.9, 10.4, 120)
    assert isinstance(film_transition(*film(t, 12.4, 10.0, 9.7)), NoResult)


def test_a_resistance_of_the_wrong_sign_is_said_to_be_a_matter_of_the_phase():
    t, r = film(SHORT, 12.4, 10.0, 9.7)
    assert "reference phase" in str(film_transition(t, -r))


def test_a_zero_a_little_below_the_coldest_point_is_extrapolated_and_says_so():
    t = np.linspace(1.8, 25.0, 700)
    sheet = sheet_transition(10.5, 1.73, 1.68)
    share = halperin_nelson(t, sheet.temperature, sheet.stiffness, sheet.amplitude)
    noise = 0.05 * np.random.default_rng(1).standard_normal(len(t))
    found = film_transition(t, hump(t, 550.0, 0.3, 60.0) * share + noise)
    assert found.onset.value == pytest.approx(10.5, abs=0.05)
    assert found.zero.value == pytest.approx(1.73, abs=0.02)
    assert "extrapolated below 1.8 K" in found.zero.definition


@pytest.mark.parametrize("left", [0.07, 0.15])
def test_a_film_that_keeps_a_part_of_its_resistance_has_no_zero_to_extrapolate(left):
    t = np.linspace(1.8, 25.0, 700)
    sheet = sheet_transition(10.5, 4.0, 3.9)
    share = halperin_nelson(t, sheet.temperature, sheet.stiffness, sheet.amplitude)
    noise = 0.05 * np.random.default_rng(1).standard_normal(len(t))
    found = film_transition(t, 550.0 * (left + (1.0 - left) * share) + noise)
    assert isinstance(found, NoResult)
    assert "not zero" in str(found)


def test_the_one_point_on_the_plateau_is_not_taken_as_exact():
    t = np.concatenate([1.905 + 0.1 * np.arange(231), [25.05]])
    form = sheet_transition(12.24, 2.01, 1.955)
    inner = t + 2e-3 * np.random.default_rng(3).standard_normal(len(t))
    inner[0] += 0.08  # the sample still follows the turn of the ramp
    share = halperin_nelson(inner, form.temperature, form.stiffness, form.amplitude)
    found = film_transition(t, hump(t, 550.0, 0.3, 60.0) * share)
    assert found.zero.value == pytest.approx(2.01, abs=0.01)
    assert found.onset.value == pytest.approx(12.24, abs=0.06)
