"""What holds for every analysis: data that say nothing give a reason, never a number."""

import numpy as np
import pytest

from daq.analysis.critical_field import (
    FieldTable,
    field_of_vanishing,
    film_field,
    parabolic_field,
)
from daq.analysis.erasing import Cycles, erasing_law
from daq.analysis.field_laws import angular_field, nematic_field, orbital_field
from daq.analysis.gap_temperature import gap_curve
from daq.analysis.hall import hall_loop
from daq.analysis.heating import heating
from daq.analysis.hump import hump
from daq.analysis.line_profile import decay
from daq.analysis.normalising import over_high_bias
from daq.analysis.parity import even_and_odd
from daq.analysis.peak_width import width_over_normal
from daq.analysis.result import Estimate, NoResult
from daq.analysis.transition import resistive_transition
from daq.analysis.transition_fit import film_transition
from daq.analysis.vanishing import vanishing_temperature
from daq.analysis.zero_bias_peak import zero_bias_peak

BIAS = np.linspace(-4e-3, 4e-3, 201)
KELVIN = np.linspace(2.0, 12.0, 300)
FIELD = np.linspace(0.0, 3.0, 9)
WARM = np.linspace(9.0, 11.0, 8)
CYCLES = np.linspace(50.0, 300.0, 6)
LINE = np.arange(-10, 50) * 4e-10


def table(x, y):
    return FieldTable(x, y, np.full(len(x), 0.1))


def small(y):
    return np.full(len(y), 0.01)


ANALYSES = {
    "transition": (KELVIN, resistive_transition),
    "transition of a film": (KELVIN, film_transition),
    "vanishing": (KELVIN, lambda x, y: vanishing_temperature(x, y, 5.0)),
    "hump": (KELVIN, lambda x, y: hump(x, y, 2.0)),
    "peak width": (BIAS, width_over_normal),
    "decay": (LINE, lambda x, y: decay(x, y, small(y))),
    "parabola": (FIELD, lambda x, y: parabolic_field(x, y, small(y))),
    "field of vanishing": (FIELD, lambda x, y: field_of_vanishing(x, y, small(y))),
    "film": (WARM, lambda x, y: film_field(table(x, y), table(x, y))),
    "orbital": (WARM, lambda x, y: orbital_field(table(x, y))),
    "nematic": (FIELD * 100, lambda x, y: nematic_field(x, y, small(y))),
    "gap": (FIELD, lambda x, y: gap_curve(x, 1e-5 * y, 1e-5 * small(y))),
}
"""On which noise about a constant must give no number: name, abscissa, function."""
SPECTRA = {
    "zero-bias peak": (BIAS, zero_bias_peak),
    "parity": (BIAS, even_and_odd),
    "normalising": (BIAS, lambda x, y: over_high_bias(x, y, 3e-3)),
    "angular": (FIELD * 10, lambda x, y: angular_field(x, y, small(y))),
}
"""Which find a constant in it, and give none for zeros, unknown numbers and few points alone."""
ALL = ANALYSES | SPECTRA


def noise(seed, n):
    return 100.0 + np.random.default_rng(seed).standard_normal(n)


@pytest.mark.parametrize("name", ANALYSES)
def test_noise_about_a_constant_gives_no_number(name):
    x, analysis = ANALYSES[name]
    found = [analysis(x, noise(seed, len(x))) for seed in range(4)]
    assert [one for one in found if not isinstance(one, NoResult)] == []


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("kind", ["zeros", "nan", "three", "one", "none", "one place"])
def test_nothing_to_see_gives_a_reason_in_one_line(name, kind):
    x, analysis = ALL[name]
    if kind in {"three", "one", "none"}:
        x = x[: {"three": 3, "one": 1, "none": 0}[kind]]
    x = np.full_like(x, x[len(x) // 2]) if kind == "one place" else x
    y = {"zeros": np.zeros(len(x)), "nan": np.full(len(x), np.nan)}.get(kind, noise(1, len(x)))
    found = analysis(x, y)
    if name == "angular" and kind == "one place":  # two laws, each with its own answer
        found = found.thin_film
    assert isinstance(found, NoResult)
    assert found.reason
    assert "\n" not in found.reason


@pytest.mark.parametrize("name", ALL)
def test_a_place_that_is_not_known_is_left_out_without_a_stumble(name):
    x, analysis = ALL[name]
    y = noise(1, len(x))
    missing = np.where(np.arange(len(x)) == 3, np.nan, x)
    found = analysis(missing, y)
    if name in ANALYSES:
        assert isinstance(found, NoResult)
    else:
        assert not isinstance(found, NoResult)


def test_a_loop_of_zeros_has_no_coercive_field():
    field = np.concatenate([np.linspace(-0.3, 0.3, 150), np.linspace(0.3, -0.3, 150)])
    found = hall_loop(field, np.zeros(300))
    assert isinstance(found.coercive_field, NoResult)


def test_a_cycle_of_which_the_maximum_is_not_known_is_named():
    tc = np.linspace(4.4, 2.0, 6)
    maxima = np.where(np.arange(6) == 2, np.nan, CYCLES)
    cycles = Cycles(maxima, np.full(6, 0.05), tc, np.full(6, 0.01), 1.9)
    assert "not known" in str(erasing_law(Estimate(4.5, 0.01, ""), cycles))


def test_a_resistance_of_zero_does_not_change_with_the_level():
    with pytest.raises(ValueError, match="zero at every level"):
        heating(np.repeat([1.0, 2.0, 3.0], 3), np.zeros(9), np.ones(9))
