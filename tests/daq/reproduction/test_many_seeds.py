"""Every row of the papers with twenty seeds of the noise: an hour and more, so `make soak` only."""

import pytest

from daq.reproduction.measure import WORKERS, Task, carry_out_all
from daq.reproduction.papers import PAPERS
from daq.reproduction.rows import load_rows
from daq.reproduction.table import tabulate

SEEDS = range(1, 21)
ENOUGH = 0.95


@pytest.mark.soak
@pytest.mark.timeout(14400)
@pytest.mark.parametrize("paper", PAPERS)
def test_the_rows_of_a_paper_pass_whatever_the_noise(paper, tmp_path, record_property):
    recipes = PAPERS[paper].recipes
    tasks = [Task(paper, recipe.name, seed, tmp_path) for seed in SEEDS for recipe in recipes]
    rows = [row for row in load_rows() if row.paper == paper]
    table = tabulate(rows, list(carry_out_all(tasks, WORKERS)), SEEDS)
    failing = {row: rate for row, rate in table.rates.items() if rate < 1.0}
    record_property("pairs that pass", table.rate)
    record_property("rows that failed at a seed", failing)
    assert table.rate >= ENOUGH, failing
