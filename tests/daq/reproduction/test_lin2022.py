"""The figures of Lin et al.: their sequences, and what their analysis rests on.

One is measured in test_blind_lin2022.py, all with twenty seeds in test_many_seeds.py.
"""

import numpy as np
import pytest

from daq.analysis.result import NoResult
from daq.campaign.prepared import prepare
from daq.config.document import read_document
from daq.config.folder import find_config
from daq.config.station import load_station
from daq.reproduction.lin2022 import RECIPES
from daq.reproduction.lin2022_surfaces import contrast_row
from daq.reproduction.lin2022_usadel import NODES, gap_profile
from daq.reproduction.papers import find_recipe
from daq.reproduction.rows import load_rows, papers_folder
from daq.samples.catalogue import make_sample

ROWS = [row for row in load_rows() if row.paper == "lin2022" and row.status == "test"]


def test_the_eleven_rows_of_lin_are_all_tested():
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


def test_a_spectrum_that_ends_too_near_its_peaks_costs_one_row_and_not_the_figure():
    short = NoResult("the spectrum does not reach 5 times the voltage of its peaks")
    for peaks in ((short, short), (short, None), (None, short)):
        found = contrast_row(*peaks)
        assert (found.row, found.note) == ("N10", f"no result, because {short.reason}")
        assert np.isnan(found.value)


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
