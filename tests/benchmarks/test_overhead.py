import json
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def overhead(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    import overhead

    return overhead


@pytest.fixture
def report(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    from report import report

    return report


@pytest.fixture
def figure(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    import figures

    def make(value, limit):
        return figures.Figure("the point", value, "ms", limit, value, value, {})

    return make


def test_a_quick_run_prints_every_figure_with_its_limit_and_ends_well(overhead, capsys):
    assert overhead.main(["--quick"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["quick"] is True
    named = {figure["name"].split(",")[0]: figure for figure in printed["figures"]}
    assert {name: figure["limit"] for name, figure in named.items()} == {
        "twin property read": 4.0,
        "new bias point": 0.5,
        "engine and file": 5.0,
        "spectrum of 5 points": None,
        "temperature ramp": None,
    }
    for figure in printed["figures"]:
        assert figure["value"] > 0.0
        assert figure["lowest"] <= figure["value"] <= figure["highest"]
        assert figure["passed"] == (figure["limit"] and figure["value"] <= figure["limit"])


def test_a_limit_that_is_missed_is_named_and_the_whole_is_not_passed(report, figure):
    found = report([figure(0.4, 0.5), figure(0.6, 0.5)], quick=False)
    assert found["passed"] is False
    assert found["missed"] == ["the point"]
    assert [entry["passed"] for entry in found["figures"]] == [True, False]


def test_a_miss_is_said_on_stderr_and_is_no_failure(overhead, figure, monkeypatch, capsys):
    monkeypatch.setattr(overhead, "property_figures", lambda effort: [figure(9.0, 4.0)])
    for name in ("file_figure", "ramp_figure", "spectrum_figure"):
        monkeypatch.setattr(overhead, name, lambda *_: figure(1.0, None))
    monkeypatch.setattr(overhead, "point_figures", lambda effort: [])
    assert overhead.main([]) == 0
    told = capsys.readouterr()
    assert told.err == "not met: the point: 9, limit 4.0\n"
    assert json.loads(told.out)["passed"] is False


def test_a_figure_without_a_limit_neither_passes_nor_fails(report, figure):
    found = report([figure(5.0, None)], quick=False)
    assert found["figures"][0]["passed"] is None
    assert found["passed"] is True


def test_the_ratio_is_that_of_ours_over_theirs(overhead, monkeypatch):
    import figures

    spent = {"ours": 6.0, "theirs": 2.0}
    clock = [0.0]
    monkeypatch.setattr(figures.time, "process_time", lambda: clock[0])

    def batch(whose):
        def work():
            clock[0] += spent[whose]
            return 2

        return work

    found = figures.ratio("a ratio", 4.0, batch("ours"), batch("theirs"), 5)
    assert (found.value, found.lowest, found.highest) == (3.0, 3.0, 3.0)
    assert found.details == {"ours_us": 3e6, "theirs_us": 1e6}
