import numpy as np
import pytest

from daq.config.sample_options import SAMPLE_OPTIONS
from daq.samples.catalogue import SAMPLES, make_sample
from daq.samples.film_numbers import HIDDEN, film_numbers
from daq.samples.soft_contact import SoftContactNumbers
from daq.samples.truth import NONE, Shift, shifted, told
from instruments.errors import ConfigurationError

BLIND = {"truth_spread": "15 %", "truth_seed": 7}


def test_every_preset_has_a_truth_that_a_spread_shifts_by_no_more_than_it():
    for name in SAMPLES:
        book, blind = make_sample(name, {}).truth(), make_sample(name, BLIND).truth()
        assert book.keys() == blind.keys()
        moved = {
            key: blind[key] / book[key] - 1.0
            for key in book
            if book[key] != 0.0 and not key.endswith("axis")
        }
        assert any(abs(part) > 1e-3 for part in moved.values()), name
        assert all(abs(part) <= 0.15 + 1e-12 for part in moved.values()), name


def test_without_a_spread_the_truth_is_the_book_bit_for_bit():
    numbers = film_numbers()
    assert shifted(numbers, HIDDEN, NONE) is numbers
    for name in SAMPLES:
        assert make_sample(name, {"truth_seed": 5}).truth() == make_sample(name, {}).truth()


def test_one_seed_always_shifts_alike_and_another_otherwise():
    one, again = (make_sample("crbst_fete", BLIND).truth() for _ in range(2))
    other = make_sample("crbst_fete", {**BLIND, "truth_seed": 8}).truth()
    assert one == again
    assert all(one[key] != other[key] for key in one)


def test_every_quantity_is_shifted_by_its_own_factor():
    book, blind = make_sample("crbst_fete", {}).truth(), make_sample("crbst_fete", BLIND).truth()
    factors = {round(blind[key] / book[key], 9) for key in book}
    assert len(factors) == len(set(HIDDEN.values()))


def test_the_temperatures_of_one_transition_are_shifted_by_one_factor():
    book, blind = film_numbers(), shifted(film_numbers(), HIDDEN, Shift(0.15, 3))
    factors = [
        getattr(blind, key) / getattr(book, key) for key in ("onset", "zero", "vortex_temperature")
    ]
    np.testing.assert_allclose(factors, factors[0], rtol=1e-12)
    assert factors[0] != 1.0


def test_flake_and_contact_of_one_seed_have_one_critical_temperature():
    flake = make_sample("bi2se3_flake", BLIND).truth()
    contact = make_sample("bi2se3_soft_contact", BLIND).truth()
    assert flake["critical_temperature"] == contact["critical_temperature"] != 4.5


def test_the_axes_of_a_pair_turn_together_so_that_the_domains_stay_sixty_degrees_apart():
    truth = make_sample("bi2se3_contact_pair", BLIND).truth()
    assert truth["B+ B- axis"] - truth["A+ A- axis"] == pytest.approx(60.0)
    assert 0.0 < abs(truth["A+ A- axis"]) <= 27.0


def test_the_shifts_fill_the_spread_evenly():
    parts = np.array([Shift(0.15, seed).factor("gap") - 1.0 for seed in range(400)])
    assert np.abs(parts).max() <= 0.15
    assert abs(parts.mean()) < 0.015
    assert parts.std() == pytest.approx(0.15 / 3**0.5, rel=0.1)


def test_what_is_told_are_the_numbers_that_the_sample_uses():
    contact = make_sample("bi2se3_soft_contact", BLIND)
    assert contact.truth()["critical_field"] == contact.numbers.critical_field != 3.0
    assert told(SoftContactNumbers(), {"critical_field": "x"}) == {"critical_field": 3.0}


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("truth_spread", "21 %"),
        ("truth_spread", "-1 %"),
        ("truth_spread", "1 K"),
        ("truth_seed", -1),
        ("truth_seed", 0.5),
        ("truth_seed", True),
        ("truth_seed", "seven"),
    ],
)
def test_a_spread_or_a_seed_that_cannot_be_used_is_refused_by_every_sample(option, value):
    for name in SAMPLES:
        with pytest.raises(ConfigurationError, match=f"sample {name}: {option}: found"):
            make_sample(name, {option: value})


def test_a_shift_outside_its_range_is_refused():
    with pytest.raises(ValueError, match=r"give 0 to 0\.2"):
        Shift(0.3)
    with pytest.raises(ValueError, match="give 0 or more"):
        Shift(0.1, -1)


def test_the_words_of_station_files_are_those_of_the_catalogue():
    assert set(SAMPLES) == set(SAMPLE_OPTIONS)
