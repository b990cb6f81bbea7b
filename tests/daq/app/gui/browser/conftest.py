"""A campaign as a night leaves it, the page Data on it, and what a person does there."""

import json

import numpy as np
import pytest
from qtpy import QtCore

from daq.app.fit_process import answered, from_mapping, question
from daq.app.gui.browser_page import BrowserPage
from daq.app.gui.fit_work import FitWork
from daq.app.gui.page import Context
from daq.app.gui.settings import Settings
from daq.app.gui.theme import DARK
from daq.campaign.plan import OnError, ProcedureStep, Sequence, TemperatureStep
from daq.campaign.plan_json import to_mapping
from daq.physics.tunnelling import dynes_conductance

KEYS = QtCore.Qt.Key
LEFT = QtCore.Qt.MouseButton.LeftButton
VOLTS = np.linspace(-4e-3, 4e-3, 121)
SPECTRUM = (
    "Time (s),Temperature (K),Field (T),Status,Voltage (V),dI/dV (S),dI/dV error (S),Modulation (V)"
)
RAMP = "Time (s),Temperature (K),Field (T),Status,Resistance (ohm)"
PATIENCE = 30_000
"""Milliseconds; the machine may be busy."""


class Night:
    """A campaign folder as a night of measuring leaves it."""

    def __init__(self, data):
        self.data = data
        self.folder = data / "2026-01-01T000000Z-night"
        self.folder.mkdir()
        steps = (
            TemperatureStep(0.5, 0.1),
            ProcedureStep("tunnel_spectrum", {"points": 121, "start": -4e-3}, {"start": "V"}),
        )
        plan = Sequence("Night", {"name": "lead"}, "tunnelling", {}, OnError(), None, steps)
        self.tell(event="plan", format=1, plan=to_mapping(plan))

    def tell(self, **event):
        stamp = {"utc": "2026-01-01T00:00:00+00:00", "clock": 0.0}
        with (self.folder / "journal.jsonl").open("a") as file:
            file.write(json.dumps({**stamp, **event}) + "\n")

    def run(self, number, procedure, columns, values, *, outcome="finished", sample="lead", **more):
        stem = f"{number:04d}-{procedure}"
        settings = {"points": len(values), **more}
        started = f"2026-01-0{number}T12:00:00+00:00"
        said = {
            "started": started,
            "procedure": procedure,
            "sample": sample,
            "settings": json.dumps(settings),
        }
        head = "".join(f"#\t{key}: {value}\n" for key, value in said.items())
        rows = "".join(",".join(f"{value:.9g}" for value in row) + "\n" for row in values)
        end = f"#Rows: {len(values)}\n#Outcome: {outcome}\n" if outcome else ""
        path = self.folder / f"{stem}.csv"
        path.write_text(
            f"#Procedure: <p.Some>\n#Parameters:\n#Metadata:\n{head}#Data:\n{columns}\n{rows}{end}"
        )
        document = {
            "format": 1,
            "settings": {key: {"value": value, "unit": None} for key, value in settings.items()},
            "snapshot": {"lockin": {"slope": 24, "sensitivity": more.get("sensitivity", 1e-3)}},
            "versions": {"coldpoint": "0.1.0"},
            "owner": json.dumps(
                {"pid": 1, "host": "elsewhere", "started": 0.0, "command": "coldpoint"}
            ),
            "outcome": outcome or "running",
            "error": "the helium is empty" if outcome == "failed" else "",
        }
        path.with_suffix(".json").write_text(json.dumps(document))
        event = {"run": number, "attempt": 1, "procedure": procedure, "file": path.name}
        self.tell(event="run begun", step=1, **event)
        return path

    def spectrum(self, number, gap=1.2e-3, **more):
        clean = 1e-8 * dynes_conductance(VOLTS, gap, 5e-5, 0.5, 5e-5 * np.sqrt(2))
        noise = 1e-10 * np.random.default_rng(number).standard_normal(len(VOLTS))
        ones = np.ones(len(VOLTS))
        values = [ones, 0.5 * ones, 0.1 * number * ones, 0 * ones, VOLTS]
        values += [clean + noise, 1e-10 * ones, 5e-5 * ones]
        return self.run(number, "tunnel_spectrum", SPECTRUM, np.column_stack(values), **more)

    def ramp(self, number, **more):
        kelvin = np.linspace(20.0, 30.0, 60)
        ohms = 100.0 + 0.5 * kelvin + 0.01 * np.random.default_rng(1).standard_normal(60)
        zeros = np.zeros(60)
        values = np.column_stack([zeros, kelvin, zeros, zeros, ohms])
        return self.run(number, "temperature_ramp", RAMP, values, **more)


@pytest.fixture
def night(data):
    return Night(data)


@pytest.fixture
def page(data, night, qtbot, tmp_path):
    """Return an opener of the browser, without a window, on what is on the disk by then."""
    opened = []

    def make():
        context = Context(data, Settings(tmp_path / "window.ini"), DARK)
        found = BrowserPage(context)
        opened.append(found)
        qtbot.addWidget(found)
        found.resize(1180, 680)
        found.show()
        found.activated()
        qtbot.waitUntil(lambda: found.idle and "runs" in found.state.text(), timeout=PATIENCE)
        return found

    yield make
    for found in opened:
        found.closing()
        found.context.close()


class Browse:
    """What a person does at the page Data."""

    def __init__(self, qtbot):
        self.qtbot = qtbot

    def settle(self, page):
        self.qtbot.waitUntil(lambda: page.idle, timeout=PATIENCE)

    def click(self, page, row, *, more=False):
        where = page.table.visualRect(page.table.runs.index(row, 2)).center()
        keys = QtCore.Qt.KeyboardModifier
        key = keys.ControlModifier if more else keys.NoModifier
        self.qtbot.mouseClick(page.table.viewport(), LEFT, key, where)
        self.settle(page)

    def search(self, page, field, text):
        field.clear()
        self.qtbot.keyClicks(field, text)
        self.qtbot.keyClick(field, KEYS.Key_Return)
        self.settle(page)
        return [entry.number for entry in page.table.runs.entries]

    def fit(self, page):
        page.tabs.setCurrentWidget(page.fit)
        self.qtbot.mouseClick(page.fit.start, LEFT)
        self.qtbot.waitUntil(page.fit.start.isEnabled, timeout=50_000)  # a process has to start


@pytest.fixture
def browse(qtbot):
    return Browse(qtbot)


@pytest.fixture
def at_once(monkeypatch):
    """Fit without a process, for tests of what is asked and answered."""

    def ask(_self, path, model, asked, then, failed):
        said = json.loads(json.dumps(answered(question(1, path, model, asked))))
        if "answer" in said:
            then(from_mapping(said["answer"]))
        else:
            failed(said["refused"])

    monkeypatch.setattr(FitWork, "ask", ask)
    monkeypatch.setattr(FitWork, "prepare", lambda _self: None)
