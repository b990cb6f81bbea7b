"""The program in this process, with a home of its own."""

import sys
from dataclasses import dataclass

import pytest

from daq.app.cli import main


@dataclass(frozen=True)
class Ended:
    """How a call of the program ended."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def home(tmp_path_factory, monkeypatch):
    """Keep index, locks and spare data of the tests apart from those of the person who tests."""
    folder = tmp_path_factory.mktemp("home")
    for name in ("XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(folder))
    monkeypatch.delenv("COLDPOINT_DEBUG", raising=False)
    # What is added to a queue is rehearsed in another process; no test waits for it.
    monkeypatch.setattr("daq.campaign.queue_process.rehearse_behind", lambda _data: None)
    return folder


@pytest.fixture
def coldpoint(monkeypatch, capsys, tmp_path):
    """Call the program with words, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["coldpoint", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        told = capsys.readouterr()
        return Ended(0 if code is None else code, told.out, told.err)

    return call
