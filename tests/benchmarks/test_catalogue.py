import json
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def make_tree(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    from catalogue_files import make_tree

    return make_tree


def test_a_tree_for_the_catalogue_has_runs_that_can_be_read(make_tree, tmp_path):
    from daq.runs.catalog import Catalogue

    make_tree(tmp_path / "data", 210)
    with Catalogue(f"sqlite:///{tmp_path / 'catalogue.sqlite'}") as catalogue:
        done = catalogue.update(tmp_path / "data")
        assert (done.read, done.unreadable) == (210, ())
        found = catalogue.search(procedure="angle_sweep", outcome="failed")
    assert found
    assert json.loads(found[0].settings)["points"] >= 11
