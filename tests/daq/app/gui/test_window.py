"""The window is a client: it follows, asks, and leaves nothing behind."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest
from qtpy import QtWidgets

from daq.app.gui.page import Page
from daq.app.gui.pages import PAGES
from daq.app.gui.theme import DARK, LIGHT
from daq.campaign.control_port import request

PATIENCE = 90_000  # ms; a process may start slowly on a machine that is busy
ROOT = Path(__file__).parents[4]


def begun(window):
    return [run for run in window.context.campaign.runs if run.csv.rows > 1]


def test_a_window_on_an_empty_folder_says_so_and_every_page_can_be_shown(open_window, qtbot, data):
    window = open_window()
    qtbot.waitUntil(lambda: "Nothing has been measured" in window.pages["start"].now.text())
    for kind in PAGES:
        assert issubclass(kind, Page)
        window.show_page(kind.name)
        assert window.page() == kind.name
    assert not window.banner.isVisible()
    station = window.pages["station"]
    assert not station.cryostat.cells["position"][0].isVisibleTo(station)


def test_the_first_page_counts_campaigns_in_words_and_names_the_key_of_all_keys(
    open_window, qtbot, data
):
    (data / "2026-01-01T000000Z-one").mkdir()
    (data / "2026-01-01T000000Z-one" / "journal.jsonl").write_text("")
    start = open_window("start").pages["start"]
    qtbot.waitUntil(lambda: "One campaign is in" in start.now.text())
    assert any("F1" in label.text() for label in start.findChildren(QtWidgets.QLabel))


def test_every_page_has_a_name_and_a_title_of_its_own():
    assert len({kind.name for kind in PAGES}) == len(PAGES)
    assert len({kind.title for kind in PAGES}) == len(PAGES)
    assert all(kind.name and kind.title for kind in PAGES)


def test_theme_and_page_are_remembered(open_window):
    window = open_window("campaign")
    window.use_theme("light")
    window.close()
    again = open_window()
    assert again.context.theme is LIGHT
    again.use_theme("dark")
    assert again.context.theme is DARK


@pytest.mark.timeout(180)
def test_a_running_campaign_is_found_and_shown_as_simulated(open_window, qtbot, campaign_process):
    campaign_process()
    window = open_window()
    qtbot.waitUntil(lambda: bool(begun(window)), timeout=PATIENCE)
    assert window.banner.isVisible()
    assert "running" in window.state.text()
    assert window.context.campaign.is_live


@pytest.mark.timeout(180)
def test_closing_leaves_no_thread_and_no_process_and_the_campaign_goes_on(
    open_window, qtbot, campaign_process
):
    others = set(psutil.Process().children(recursive=True))  # of tests before this one
    process = campaign_process()
    window = open_window()
    qtbot.waitUntil(lambda: bool(begun(window)), timeout=PATIENCE)
    before = set(psutil.Process().children(recursive=True)) - others
    window.close()
    left = [thread.name for thread in threading.enumerate() if "window" in thread.name]
    assert left == []
    mine = psutil.Process(process.pid)
    family = {mine, *mine.children(recursive=True)}
    alive = {child for child in before if child.is_running() and child not in family}
    assert {child for child in alive if child.status() != psutil.STATUS_ZOMBIE} == set()
    assert process.poll() is None


@pytest.mark.timeout(180)
def test_a_killed_window_stops_nothing_and_a_new_one_finds_the_campaign(
    open_window, qtbot, campaign_process, data
):
    process = campaign_process()
    code = (
        "import sys; from pathlib import Path; from daq.app.gui.start import run_window;"
        f"run_window(Path({str(data)!r}))"
    )
    other = subprocess.Popen(  # noqa: S603 (our own program)
        [sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    window = open_window()
    try:
        qtbot.waitUntil(lambda: bool(begun(window)), timeout=PATIENCE)
    finally:
        other.send_signal(signal.SIGKILL)
        other.wait(10)
    window.close()
    assert process.poll() is None
    again = open_window()
    qtbot.waitUntil(lambda: again.context.campaign.is_live, timeout=10_000)
    rows = sum(run.csv.rows for run in again.context.campaign.runs)
    assert rows > 1
    assert request(again.context.campaign.folder, "abort")
    qtbot.waitUntil(lambda: again.context.campaign.state == "aborted", timeout=20_000)


@pytest.mark.timeout(180)
def test_a_dead_runner_reads_as_interrupted(open_window, qtbot, campaign_process):
    process = campaign_process()
    window = open_window("campaign")
    qtbot.waitUntil(lambda: bool(begun(window)), timeout=PATIENCE)
    process.kill()
    process.wait(10)
    page = window.pages["campaign"]
    qtbot.waitUntil(lambda: "Interrupted" in page.trouble.text(), timeout=10_000)
    assert page.trouble.isVisible()
    assert not page.buttons["abort"].isEnabled()


@pytest.mark.parametrize("name", ["missing", "display"])
def test_what_the_window_needs_and_has_not_is_told_in_one_line(name, tmp_path, monkeypatch):
    code = "from daq.app.cli import main; import sys; sys.argv = ['coldpoint', 'gui']; main()"
    if name == "missing":
        code = (
            "import importlib.util as u; found = u.find_spec\n"
            "u.find_spec = lambda name, *a: None if name == 'qtpy' else found(name, *a)\n"
            "from daq.app.cli import main; import sys; sys.argv = ['coldpoint', 'gui']; main()"
        )
    for variable in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    ended = subprocess.run(  # noqa: S603 (our own program)
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert ("the extra gui" if name == "missing" else "no display found") in ended.stderr


def test_no_qt_is_imported_before_a_window_is_asked_for(tmp_path):
    code = (
        "import sys; import daq.app.commands;"
        "print([name for name in sys.modules if name.startswith(('PyQt5', 'qtpy', 'pyqtgraph'))])"
    )
    ended = subprocess.run(  # noqa: S603 (our own program)
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert ended.stdout.strip() == "[]"
