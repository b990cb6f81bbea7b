import numpy as np
import pytest

from daq.analysis.ground_state import GroundState, ground_state
from daq.analysis.result import NoResult

COLD = np.linspace(1.9, 20.0, 91)
LOWEST = COLD[:6]


def noisy(curve, sigma=0.05):
    return curve + sigma * np.random.default_rng(1).standard_normal(len(curve))


@pytest.mark.parametrize(
    ("curve", "kind"),
    [
        (500.0 / (1.0 + np.exp(-(COLD - 10.0) / 0.3)), "superconducting"),
        (100.0 + 5.0 * COLD, "metallic"),
        (100.0 + 400.0 / COLD, "insulating"),
        (np.full(91, 100.0), "not decided"),
    ],
)
def test_a_film_is_named_by_what_its_lowest_temperatures_say(curve, kind):
    found = ground_state(COLD, noisy(curve))
    assert isinstance(found, GroundState)
    assert found.kind == kind


def test_a_resistance_that_falls_and_then_rises_is_that_of_an_insulator():
    found = ground_state(COLD, noisy(100.0 + 3.0 * COLD + 600.0 / COLD))
    assert found.kind == "insulating"
    middle = LOWEST.mean()
    slope = 3.0 - 600.0 / middle**2
    largest = 100.0 + 3.0 * COLD[0] + 600.0 / COLD[0]
    assert found.slope.value == pytest.approx(slope / largest, rel=0.1)


def test_readings_that_are_exactly_zero_are_those_of_a_superconductor():
    curve = np.where(COLD < 10.0, 0.0, 500.0)
    found = ground_state(COLD, curve)
    assert found.kind == "superconducting"
    assert found.remaining.value == 0.0


def test_the_order_of_the_points_does_not_matter():
    curve = noisy(100.0 + 5.0 * COLD)
    assert ground_state(COLD[::-1], curve[::-1]) == ground_state(COLD, curve)


@pytest.mark.parametrize(
    ("temperature", "resistance", "words"),
    [
        (COLD[:3], COLD[:3], "3 finite points"),
        (np.linspace(2.0, 200.0, 50), np.ones(50), "in the lowest 1.2 K"),
        (COLD, np.full(91, np.nan), "0 finite points"),
        (COLD, -COLD, "nowhere above zero"),
    ],
)
def test_what_cannot_be_told_is_a_reason_and_no_number(temperature, resistance, words):
    found = ground_state(temperature, resistance)
    assert isinstance(found, NoResult)
    assert words in found.reason
