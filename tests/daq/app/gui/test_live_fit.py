"""The running fit: the newest question only, by a process that may hang or die."""

import psutil
import pytest
from qtpy import QtCore

from daq.app.gui import fit_work, live_fit
from daq.app.gui.live_fit import LiveFit, Question

FIT_PROCESS = """
import json, sys, time
for line in sys.stdin:
    said = json.loads(line)
    time.sleep(float(said["model"]))
    names = ("title", "reason"), ("notes", "warnings", "quantities")
    empty = {**dict.fromkeys(names[0], ""), **{name: [] for name in names[1]}}
    answer = {"model": said["model"], **empty, "statistics": {}, "layer": None}
    print(json.dumps({"number": said["number"], "answer": answer}), flush=True)
"""


@pytest.fixture
def fit(qtbot, monkeypatch, tmp_path):
    """Return a maker of clients of a process that answers after the seconds that are asked for."""
    (tmp_path / "slow_fit.py").write_text(FIT_PROCESS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(fit_work, "MODULE", "slow_fit")
    monkeypatch.setattr(live_fit, "PAUSE", 1)
    owner, made = QtCore.QObject(), []

    def make(patience=30_000):
        fit = LiveFit(owner, patience)
        fit.told = []
        fit.answered.connect(lambda question, found: fit.told.append((question, found)))
        made.append(fit)
        return fit

    yield make
    for fit in made:
        fit.close()


def test_only_the_newest_question_is_answered(fit, qtbot, tmp_path):
    path, fit = tmp_path / "a.csv", fit()
    for rows in (10, 20, 30):
        fit.want(Question(path, "0.2", rows))
    qtbot.waitUntil(lambda: len(fit.told) == 2, timeout=20_000)
    assert [question.rows for question, _ in fit.told] == [10, 30]
    fit.want(Question(path, "0.3", 40))
    fit.want(Question(tmp_path / "b.csv", "0.0", 50))  # the other run is not waited for
    qtbot.waitUntil(lambda: len(fit.told) == 3, timeout=20_000)
    assert fit.told[-1][0].path.name == "b.csv"
    qtbot.wait(100)
    assert len(fit.told) == 3  # the same is not asked twice


def test_another_model_does_not_wait_for_the_fit_that_is_being_made(fit, qtbot, tmp_path):
    path, fit = tmp_path / "a.csv", fit()
    fit.want(Question(path, "60", 10))
    before = fit.work.pid
    fit.want(Question(path, "60", 11))
    assert fit.work.pid == before  # more rows of the same wait for it
    fit.want(None)
    fit.want(Question(path, "0.0", 11))
    qtbot.waitUntil(lambda: len(fit.told) == 1, timeout=20_000)
    assert fit.told[0][0] == Question(path, "0.0", 11)
    assert fit.work.pid not in {None, before}
    assert not psutil.pid_exists(before)


def test_a_fit_that_takes_too_long_or_dies_is_told_in_words(fit, qtbot, tmp_path):
    hasty, patient = fit(patience=300), fit()
    hasty.want(Question(tmp_path / "a.csv", "0.0", live_fit.MOST + 1))
    assert "more than 5000 rows" in hasty.told[-1][1].reason
    hasty.want(Question(tmp_path / "a.csv", "60", 1))
    patient.want(Question(tmp_path / "a.csv", "no number", 2))
    qtbot.waitUntil(lambda: len(hasty.told) == 2, timeout=20_000)
    assert "took more than 0.3 s" in hasty.told[-1][1].reason
    assert hasty.work.pid is None
    qtbot.waitUntil(lambda: len(patient.told) == 1, timeout=20_000)
    assert "ended: ValueError: could not convert" in patient.told[-1][1].reason
