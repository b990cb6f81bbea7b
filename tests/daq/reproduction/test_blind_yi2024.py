"""The figures of Yi et al. with hidden numbers: of the sample, and of the instruments."""

import math
from itertools import pairwise

import pytest

from daq.physics.hall import coercive_scale, saturation
from daq.physics.transition import halperin_nelson, sheet_transition
from daq.samples.film_numbers import HallFilmNumbers

PAPER = "yi2024"
M_FIRST, M_LAST = 0, 3
"""Places of (1,20) and (8,20) among the sequences of fig1_m."""
N_EIGHTEEN = 3
"""Place of (8,18) among those of fig1_n."""


BOOK = HallFilmNumbers()
LARGE, SMALL = 3e-3, 1e-5
"""Parts of the full Hall signal that a loop shows for sure, and cannot show."""


def shunted(truth, temperature):
    """Return which part of the full Hall signal the superconductor leaves, by the truth."""
    onset, zero = truth.hidden["onset"], truth.hidden["zero"]
    law = sheet_transition(onset, zero, zero * BOOK.vortex_temperature / BOOK.zero)
    share = halperin_nelson(temperature, law.temperature, law.stiffness, law.amplitude)
    return float(share) ** BOOK.shunting


def area(truth, temperature):
    """Return the area of the loop over that of a film that does not superconduct, but for a factor.

    The two branches are as far apart as the coercive field, and as high as the magnetisation.
    """
    curie = truth.hidden["curie_temperature"]
    size = saturation(temperature, curie) * coercive_scale(
        temperature, curie, BOOK.coercive_exponent
    )
    return float(size) * shunted(truth, temperature)


def hall_at_ten(row, truths):
    """Below the zero there is no Hall signal; with a lower Tc 10 K may lie above it."""
    left = shunted(truths[0], 10.0)
    if left < SMALL:
        return row
    limits = {"below": None, "above": 3.0} if left > LARGE else {"below": math.inf}
    return row.model_copy(update=limits)


def loop_at_twelve(row, truths):
    """With a higher Tc 12 K may lie so near the zero that the loop is too small."""
    left = shunted(truths[0], 12.0)
    return row if left > LARGE else row.model_copy(update={"above": -math.inf})


def areas(row, truths):
    """Return the ratio of the areas by the truth; the paper says only that it is below one."""
    (truth,) = truths
    ratio = area(truth, 12.0) / area(truth, 14.0)
    return row.model_copy(update={"below": None, "value": ratio, "tolerance": 0.02 + 0.1 * ratio})


def largest_step(row, truths):
    """Return the largest step of the hidden gaps from film to film in meV; the paper says it falls.

    The gaps of a film are known to 1 %.
    """
    gaps = [1e3 * truth.hidden["gap"] for truth in truths]
    step = max(after - before for before, after in pairwise(gaps))
    return row.model_copy(update={"below": None, "value": step, "tolerance": 0.01 * max(gaps)})


def over_pauli(blind):
    """Return what scales a critical field over the limit of the onset."""

    def expect(row, truths):
        (one,) = truths
        return blind.scaled(row, row.value * one.factor("low_field") / one.factor("onset"))

    return expect


@pytest.fixture(scope="module")
def table(blind):
    """Return what is expected of the rows that depend on hidden numbers."""
    return {
        "Y1.a": blind.by("onset", M_FIRST),
        "Y1.b": blind.by("zero", M_FIRST),
        "Y1.c": blind.by("onset", M_LAST),
        "Y1.d": blind.by("zero", M_LAST),
        "Y2.a": blind.by("onset", N_EIGHTEEN),
        "Y2.b": blind.by("zero", N_EIGHTEEN),
        "Y4.a": blind.by("onset"),
        "Y4.b": blind.by("zero"),
        "Y4.c": blind.by("hump_temperature"),
        "Y5.a": hall_at_ten,
        "Y5.b": loop_at_twelve,
        "Y5.c": areas,
        "Y7": blind.by("coercive_field"),
        "Y8.a": largest_step,
        "Y9": blind.by("closing_temperature"),
        "Y11.a": blind.by("low_field"),
        "Y12.a": blind.by("onset"),
        "Y12.b": over_pauli(blind),
        "Y13.a": blind.by("coherence_length"),
        "Y13.b": blind.by("thickness"),
    }


@pytest.mark.timeout(240)
def test_gaps_that_nobody_knows_are_recovered_with_instruments_that_nobody_knows(
    blind, table, tmp_path
):
    (done,) = blind.measured(blind.tasks(PAPER, ["fig3_m"], [3], tmp_path))
    (verdict,) = blind.judged(done, table)
    assert verdict.row == "Y8.a"
    assert verdict.passed, str(verdict)


@pytest.mark.soak
@pytest.mark.timeout(14400)
def test_every_figure_of_yi_is_recovered_blind_with_ten_seeds(blind, table, tmp_path):
    tasks = blind.tasks(PAPER, blind.recipes(PAPER), range(1, 11), tmp_path)
    verdicts = [one for done in blind.measured(tasks, 2) for one in blind.judged(done, table)]
    assert blind.failures(verdicts) == []
