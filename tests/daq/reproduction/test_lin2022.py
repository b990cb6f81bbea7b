"""The figures of Lin et al.: one of them here from end to end, all of them in the soak."""

import numpy as np
import pytest

from daq.campaign.runner import prepare, run_prepared
from daq.config.document import read_document
from daq.config.folder import find_config
from daq.config.station import load_station
from daq.physics.constants import BOLTZMANN
from daq.reproduction.lin2022 import RECIPES
from daq.reproduction.lin2022_gaps import ALLOY, ONE_GAP, fitted, spectra_of
from daq.reproduction.lin2022_line import line_of
from daq.reproduction.lin2022_temperature import lead_curve
from daq.reproduction.lin2022_usadel import NODES, gap_profile
from daq.reproduction.measure import Task, carry_out
from daq.reproduction.papers import find_recipe
from daq.reproduction.recipe import Measured
from daq.reproduction.rows import load_rows, papers_folder
from daq.samples.catalogue import make_sample

ROWS = [row for row in load_rows() if row.paper == "lin2022" and row.status == "test"]
SPREAD = "15 %"
ONE_SPECTRUM = """\
format: 1
title: blind
station: lin2022_pb
steps:
  - temperature: {to: 0.32 K}
  - tunnel_spectrum: {from: -8 mV, to: 8 mV, points: 101, modulation_rms: 50 uV, set_point: 10 mV}
"""


def passes(done):
    """Return the rows of a figure that do not pass, with what was found."""
    assert not done.error, done.error
    wanted = {row.id: row for row in ROWS if row.recipe == done.task.recipe}
    assert {found.row for found in done.recovered} == set(wanted)
    assert done.picture.stat().st_size > 10_000
    return [
        found for found in done.recovered if not wanted[found.row].accepts(found.value, found.error)
    ]


def test_every_row_of_lin_has_a_recipe_and_every_recipe_a_row():
    assert [row.id for row in ROWS if find_recipe("lin2022", row.recipe) is None] == []
    assert {recipe.name for recipe in RECIPES} == {row.recipe for row in ROWS}
    assert {int(row.parent[1:]) for row in ROWS} == set(range(1, 12))


@pytest.mark.parametrize("name", [name for recipe in RECIPES for name in recipe.files])
def test_the_sequences_of_lin_and_their_stations_load(name):
    prepared = prepare(papers_folder() / "lin2022" / f"{name}.yaml")
    station = load_station(find_config("stations", prepared.sequence.station))
    assert station.name == prepared.sequence.station


def test_both_decay_lengths_of_the_paper_are_measured_each_on_its_own_sample():
    lengths = []
    for name in find_recipe("lin2022", "fig4").files:
        station = prepare(papers_folder() / "lin2022" / f"{name}.yaml").sequence.station
        sample = read_document(find_config("stations", station)).data["simulated"]["sample"]
        given = {} if isinstance(sample, str) else {k: v for k, v in sample.items() if k != "name"}
        lengths.append(make_sample("nipb_line", given).truth()["decay_length"])
    assert lengths == pytest.approx([3.55e-9, 2.75e-9])


def test_the_gap_of_lead_is_quenched_by_a_step_from_end_to_end(tmp_path):
    assert passes(carry_out(Task("lin2022", "field", 2, tmp_path))) == []


@pytest.mark.soak
@pytest.mark.parametrize("recipe", [recipe.name for recipe in RECIPES])
def test_a_figure_of_lin_passes_with_a_seed_that_nobody_chose(tmp_path, recipe):
    assert passes(carry_out(Task("lin2022", recipe, 11, tmp_path))) == []


def test_one_metal_has_one_gap_in_one_dimension_whatever_the_interface():
    _, gap = gap_profile(1.0, 0.02)
    assert gap == pytest.approx(np.ones_like(gap), abs=1e-9)


def test_an_interface_that_hardly_conducts_leaves_both_gaps_alone():
    _, gap = gap_profile(0.77, 1e6)
    assert gap[:NODES] == pytest.approx(np.ones(NODES), abs=1e-4)
    assert gap[NODES:] == pytest.approx(np.full(NODES, 0.77), abs=1e-4)


def test_the_gap_jumps_more_and_returns_to_its_own_value_behind_a_worse_interface():
    jumps = []
    for resistance in (0.02, 0.5, 5.0):
        x, gap = gap_profile(0.77, resistance)
        assert (np.diff(gap) <= 1e-9).all()
        assert gap[[0, -1]] == pytest.approx([1.0, 0.77], abs=2e-3)
        assert (x[NODES - 1], x[NODES]) == (0.0, 0.0)
        jumps.append(gap[NODES - 1] - gap[NODES])
    assert jumps == sorted(jumps)
    # without a resistance the pair amplitude is continuous: the gaps differ as the couplings do
    _, joined = gap_profile(0.77, 1e-6)
    frequency = np.pi * 0.1 * (2.0 * np.arange(11) + 1.0)
    couplings = [1.0 / np.sum(1.0 / np.sqrt(frequency**2 + g**2)) for g in (1.0, 0.77)]
    assert joined[NODES] / joined[NODES - 1] == pytest.approx(couplings[1] / couplings[0], rel=1e-4)


def blind(folder, sample, seed, sequence):
    """Carry out a sequence on a shifted sample; return its folder and the truth."""
    options = {"truth_spread": SPREAD, "truth_seed": seed}
    flow = ", ".join(f"{key}: {value}" for key, value in {"name": sample, **options}.items())
    document = read_document(find_config("stations", "lin2022_pb"))
    text = document.edited({("simulated", "seed"): 100 + seed})
    station = folder / "station.yaml"
    station.write_text(text.replace("sample: pb111", f"sample: {{{flow}}}"), encoding="utf-8")
    outcome = run_prepared(prepare(sequence, station), folder)
    assert outcome.status == "finished", outcome.error
    return Measured((outcome.folder,)), make_sample(sample, options).truth()


def blind_gap(folder, sample, seed, shape):
    """Return the fitted gap of one short spectrum of a shifted sample, and its truth."""
    sequence = folder / "sequence.yaml"
    sequence.write_text(ONE_SPECTRUM, encoding="utf-8")
    measured, truth = blind(folder, sample, seed, sequence)
    (spectrum,) = spectra_of(measured.runs("tunnel_spectrum"))
    return fitted(spectrum, shape)["gap"], truth["zero_gap"]


@pytest.mark.parametrize(("sample", "shape", "book"), [("pb111", ONE_GAP, 1.343e-3)])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_gap_that_nobody_knows_is_recovered(tmp_path, sample, shape, book, seed):
    gap, truth = blind_gap(tmp_path, sample, seed, shape)
    assert abs(truth - book) > 0.01 * book
    assert gap.value == pytest.approx(truth, rel=0.015 / 1.343)


@pytest.mark.soak
@pytest.mark.parametrize(
    ("sample", "shape", "relative"),
    [("pb111", ONE_GAP, 0.015 / 1.343), ("nipb", ALLOY, 0.02 / 1.031)],
)
def test_gaps_that_nobody_knows_are_recovered_with_many_seeds(tmp_path, sample, shape, relative):
    wrong = []
    for seed in range(3, 23):
        folder = tmp_path / str(seed)
        folder.mkdir()
        gap, truth = blind_gap(folder, sample, seed, shape)
        if abs(gap.value - truth) > relative * truth:
            wrong.append((seed, gap, truth))
    assert len(wrong) <= 1, wrong


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_critical_temperature_that_nobody_knows_is_recovered(tmp_path, seed):
    sequence = papers_folder() / "lin2022" / "fig3cd_pb.yaml"
    measured, truth = blind(tmp_path, "pb111", seed, sequence)
    curve = lead_curve(spectra_of(measured.runs("tunnel_spectrum")))
    tc, ratio = curve.critical_temperature.value, curve.ratio.value
    wanted = 2.0 * truth["zero_gap"] / (BOLTZMANN * truth["critical_temperature"])
    assert tc == pytest.approx(truth["critical_temperature"], rel=0.1 / 7.1)
    assert ratio == pytest.approx(wanted, rel=0.06 / 4.39)


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_decay_length_that_nobody_knows_is_recovered(tmp_path, seed):
    sequence = papers_folder() / "lin2022" / "fig4_caption.yaml"
    measured, truth = blind(tmp_path, "nipb_line", seed, sequence)
    line = line_of(measured.runs("tunnel_spectrum"))
    assert line.decay.length.value == pytest.approx(truth["decay_length"], rel=0.05)
