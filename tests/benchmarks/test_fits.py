import json
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def fits(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    import fits

    return fits


def test_a_quick_run_prints_every_figure_with_its_limit_and_ends_well(fits, capsys, monkeypatch):
    monkeypatch.setattr(fits, "_installed", lambda name: False)
    assert fits.main(["--quick"]) == 0
    printed = json.loads(capsys.readouterr().out)
    limits = {figure["name"]: figure["limit"] for figure in printed["figures"]}
    assert limits["dynes fit, ours on lmfit"] == pytest.approx(1e3 / 150)
    assert limits["btk fit, ours on lmfit"] == pytest.approx(1e3 / 100)
    assert all(figure["value"] > 0.0 for figure in printed["figures"])


def test_the_libraries_find_the_same_gap(fits):
    for problem, unit in ((fits.dynes_problem(), 1e-3), (fits.btk_problem(), 1e-3)):
        ours = fits.fit(problem)["gap"].value / unit
        for method in ("trf", "lm"):
            assert fits.by_scipy(problem, method).x[0] == pytest.approx(ours, rel=1e-5)
