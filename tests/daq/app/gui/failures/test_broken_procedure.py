"""A procedure that a laboratory wrote itself breaks off in the middle of a run."""

import sys
from types import MappingProxyType

import pytest

import daq.campaign.prepared
from daq.runs.files import open_run
from procedures.catalogue import PROCEDURES

pytestmark = pytest.mark.timeout(240)
POINTS, GOOD = 40, 7
OWN = f"""\
from instruments.excitation import Excitation
from instruments.station import Station
from instruments.waiting import wait
from procedures.base import CONTEXT_COLUMNS, Events, StationProcedure, record
from procedures.settings import real


class GainCheck(StationProcedure):
    \"\"\"Read the lock-in at one current again and again.\"\"\"

    current: float = real("Current", units="A", default=1e-5, minimum=0.0, maximum=1e-4)
    DATA_COLUMNS = [*CONTEXT_COLUMNS, "X (V)"]

    def records(self, station: Station) -> Events:
        yield from station.bias.configure(Excitation.averaged(1e-6, 17.8, 1.0), self.current)
        yield from station.bias.set(self.current)
        for number in range({POINTS}):
            if number == {GOOD}:
                raise ValueError(f"gain of {{number}} is off scale")
            yield from wait(station.clock, 5.0, "the next reading")
            reading = yield from station.bias.read()
            yield record(station, {{"X (V)": reading.x}}, reading.status)
"""
CUSTOM = """\
from types import MappingProxyType
import procedures.catalogue as catalogue
from gain_check import GainCheck
catalogue.PROCEDURES = MappingProxyType({**catalogue.PROCEDURES, "gain_check": GainCheck})
"""


@pytest.fixture(autouse=True)
def own_procedure(tmp_path, monkeypatch):
    """Put a procedure of one's own into the catalogue of this process and of all it starts."""
    folder = tmp_path / "lab"
    folder.mkdir()
    (folder / "gain_check.py").write_text(OWN)
    (folder / "sitecustomize.py").write_text(CUSTOM)
    monkeypatch.syspath_prepend(str(folder))
    import gain_check

    ours = MappingProxyType({**PROCEDURES, "gain_check": gain_check.GainCheck})
    monkeypatch.setattr(daq.campaign.prepared, "PROCEDURES", ours)
    yield
    del sys.modules["gain_check"]


@pytest.mark.parametrize("policy", ["hold", pytest.param("go-on", marks=pytest.mark.soak)])
def test_an_exception_in_a_procedure_is_said_in_words_and_costs_no_row(
    policy, night, station, data, sequence
):
    one = night(data)
    one.add(sequence("Own", ["gain_check: {current: 10 uA}"]), station)
    one.add(sequence("Next", ["wait: 1 s"]), station)
    one.start(policy)
    one.until(lambda: "failed" in one.states())
    one.follow_first()
    one.until(lambda: one.client.state == "failed")
    one.usable()
    words = one.trouble()
    assert "gain_check broke off by a flaw in its own code (gain of 7 is off scale)" in words
    assert f"the {GOOD} rows before it are stored" in words
    assert "0001-gain_check.json has the place for its author" in words
    assert "Everything was made safe." in words
    assert "ValueError" in (one.client.folder / "0001-gain_check.json").read_text()
    run = open_run(one.client.folder, 1)
    assert (run.rows, run.outcome) == (GOOD, "failed")
    assert [line["event"] for line in one.events][-2:] == ["made safe", "campaign ended"]
    one.next_is(policy)
