"""The figures of Lin et al. with hidden numbers: of the samples, the lock-in, and the wiring."""

import math
import re

import numpy as np
import pytest

from daq.analysis.coherence_peaks import coherence_peaks
from daq.analysis.result import NoResult
from daq.analysis.shape import Conditions
from daq.analysis.shapes import SHAPES
from daq.reproduction.lin2022_gaps import ALLOY, ONE_GAP, fitted, spectra_of
from daq.reproduction.recipe import Measured
from daq.samples.catalogue import make_sample
from daq.samples.nipb import AlloyNumbers

PAPER = "lin2022"
COLD, PEAK = 0.32, 50e-6 * math.sqrt(2.0)


def contrast(shape, *parameters):
    """Return the contrast of the peaks of a spectrum without noise."""
    voltage = np.linspace(-8e-3, 8e-3, 321)
    curve = SHAPES[shape].curve(voltage, np.array(parameters), Conditions(COLD, PEAK))
    peaks = coherence_peaks(voltage, curve)
    # a hidden gap may be so large that the sweep of the paper shows no background: a lost row
    return math.nan if isinstance(peaks, NoResult) else peaks.contrast.value


def more_contrast(blind):
    """Return what expects the contrast that the hidden gaps make."""

    def expect(row, truths):
        book = AlloyNumbers()
        lead, alloy = (truth.hidden["zero_gap"] for truth in truths[:2])
        enhanced = (book.anisotropy, book.enhancement, book.enhancement_width)
        more = contrast(ALLOY, alloy, book.broadening, *enhanced)
        return blind.moved(row, more - contrast(ONE_GAP, lead, book.lead.broadening))

    return expect


def ratio(blind, place):
    def expect(row, truths):
        factor = truths[place].factor
        return blind.scaled(row, row.value * factor("zero_gap") / factor("critical_temperature"))

    return expect


@pytest.fixture(scope="module")
def table(blind):
    """Return what is expected of the rows that depend on hidden numbers."""
    return {
        "N1.a": blind.by("zero_gap", 0),
        "N2.a": blind.by("zero_gap", 1),
        "N5.a": blind.by("critical_temperature", 0),
        "N5.b": blind.by("critical_temperature", 1),
        "N6.a": ratio(blind, 0),
        "N6.b": ratio(blind, 1),
        "N8.a": blind.by("decay_length", 0),
        "N8.b": blind.by("decay_length", 1),
        "N10": more_contrast(blind),
    }


def brackets_the_critical_field(done, truth):
    """Tell whether the field in which the gap vanished lies between those that were taken."""
    (note,) = [one.note for one in done.recovered if one.row == "N3.b"]
    below, above = (1e-3 * float(word) for word in re.search(r"(\d+) and (\d+) mT", note).groups())
    reduced = COLD / truth["critical_temperature"]
    return below <= truth["critical_field"] * (1.0 - reduced**2) <= above


def truth_of(done):
    choice = Measured(done.folders).station().simulated.sample
    return make_sample(choice.name, choice.options).truth()


@pytest.mark.timeout(300)
def test_gap_and_critical_field_of_lead_that_nobody_knows_are_recovered_on_an_unknown_bench(
    blind, table, tmp_path
):
    (done,) = blind.measured(blind.tasks(PAPER, ["field"], [2], tmp_path))
    assert [str(one) for one in blind.judged(done, table) if not one.passed] == []
    truth = truth_of(done)
    assert brackets_the_critical_field(done, truth)
    spectrum = spectra_of(Measured(done.folders).runs("tunnel_spectrum"))[0]
    gap = spectrum.with_scale(fitted(spectrum, ONE_GAP)["gap"])
    assert abs(truth["zero_gap"] - 1.343e-3) > 0.01 * 1.343e-3
    assert spectrum.scale_error > 1e-3
    assert gap.value == pytest.approx(truth["zero_gap"], abs=3.0 * gap.error)
    assert gap.error < 0.003 * gap.value


@pytest.mark.soak
@pytest.mark.timeout(14400)
def test_every_figure_of_lin_is_recovered_blind_with_ten_seeds(blind, table, tmp_path):
    tasks = blind.tasks(PAPER, blind.recipes(PAPER), range(1, 11), tmp_path)
    measured = blind.measured(tasks, 2)
    verdicts = [one for done in measured for one in blind.judged(done, table)]
    assert blind.failures(verdicts) == []
    fields = [done for done in measured if done.task.recipe == "field" and not done.error]
    missed = [one for one in fields if not brackets_the_critical_field(one, truth_of(one))]
    assert len(missed) <= 1, [one.task.seed for one in missed]
