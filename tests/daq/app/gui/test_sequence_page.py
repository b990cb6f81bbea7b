"""A sequence is built by clicks and typing, rehearsed, and only then offered for its start."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from qtpy import QtCore, QtGui, QtWidgets

from daq.app.gui.campaign_page import CampaignPage
from daq.app.gui.sequence_page import SequencePage
from daq.app.gui.settings import Settings
from daq.app.gui.window import Window
from daq.app.sequence.rehearsed import Rehearsed
from daq.config.document import scan
from daq.config.folder import configs_folder

LEFT = QtCore.Qt.MouseButton.LeftButton
KEY = QtCore.Qt.Key
ALT = QtCore.Qt.KeyboardModifier.AltModifier
FIGURE_1 = {
    "format": 1,
    "title": "Le figure 1",
    "sample": {"name": "contact 1"},
    "steps": [
        {"temperature": {"to": "1.9 K"}},
        {"bias_spectrum": {"points": 21}},
        {"voltage_pulse": {"amplitude": "6 V"}},
        {"bias_spectrum": {"points": 21}},
        {
            "loop": {"field": {"from": "0 T", "to": "3.5 kOe", "points": 2}},
            "steps": [{"bias_spectrum": {"points": 21}}],
        },
    ],
}


@pytest.fixture
def page(qtbot, data, tmp_path):
    window = Window(data, Settings(tmp_path / "window.ini"), (SequencePage, CampaignPage))
    window.resize(1366, 768)
    window.show()
    page = window.pages["sequence"]
    yield page
    page.draft.take(page.draft.text)  # nothing is asked when the window closes
    window.close()
    window.deleteLater()


@pytest.fixture
def hands(page, hands_at):
    return hands_at(page)


def build(hands):
    hands.choose()
    hands.type("title", text="Le figure 1")
    hands.type("sample", "name", text="contact 1")
    hands.add("temperature")
    hands.type("temperature", "to", text="1.9 K")
    hands.add("bias_spectrum")
    hands.type("bias_spectrum", "points", text="21")
    hands.add("voltage_pulse")
    hands.type("voltage_pulse", "amplitude", text="6 V")
    hands.choose(1)
    hands.press(KEY.Key_C)
    hands.choose(2)
    hands.press(KEY.Key_V)
    hands.add("loop")
    hands.type("loop", "field", "from", text="0 T")
    hands.type("loop", "field", "to", text="3.5 kOe")
    hands.type("loop", "field", "points", text="2")
    hands.press(KEY.Key_V)


@pytest.mark.timeout(400)
def test_figure_1_is_built_rehearsed_saved_opened_and_offered(page, hands, qtbot, tmp_path):
    build(hands)
    assert hands.data() == FIGURE_1
    assert hands.judged().ok
    assert page.rehearse.isEnabled()
    assert not page.start.isEnabled()
    qtbot.mouseClick(page.rehearse, LEFT)
    assert "Cancel" in page.rehearse.text()
    qtbot.waitUntil(lambda: not page.launch.rehearsing, timeout=150_000)
    assert page.launch.current is not None, page.launch.failure
    assert page.start.isEnabled()
    assert page.queue.isEnabled()
    assert page.tree.topLevelItem(0).child(4).text(1)
    assert set(page.rehearsal.plots) == {"temperature", "field", "angle"}
    assert page.rehearsal.limits.rowCount() > 5
    hands.choose(1)
    hands.type("bias_spectrum", "points", text="31")
    assert not page.start.isEnabled()
    assert "Changed" in page.rehearsal.verdict.text()
    hands.press(KEY.Key_Z)
    assert page.start.isEnabled()
    file = tmp_path / "figure1.yaml"
    hands.press(KEY.Key_S)
    hands.name_file(file)
    qtbot.waitUntil(file.is_file)
    qtbot.waitUntil(lambda: not page.draft.modified)
    hands.press(KEY.Key_N)
    assert hands.data()["steps"] == []
    hands.press(KEY.Key_O)
    hands.name_file(file)
    qtbot.waitUntil(lambda: page.draft.path == file)
    assert hands.data() == FIGURE_1


def test_a_value_out_of_limits_goes_red_with_its_reason_as_it_is_typed(page, hands, qtbot):
    hands.add("field")
    row = page.form.rows["field", "to"]
    qtbot.waitUntil(lambda: row.editor.property("wrong") is True, timeout=20_000)
    row.editor.setFocus()
    qtbot.keyClicks(row.editor, "20 T")
    qtbot.waitUntil(lambda: "limit field" in row.reason.text(), timeout=20_000)
    assert row.reason.isVisible()
    assert "field.to" in page.trouble.text()
    assert page.tree.topLevelItem(0).child(0).foreground(0).color().name() == (
        page.context.theme.bad
    )
    assert not page.rehearse.isEnabled()
    for typed in ("30 Oe", "3 mT", "0.003 T"):
        hands.type("field", "to", text=typed)
        assert hands.judged().ok
        qtbot.waitUntil(lambda: not row.reason.isVisible())
        assert hands.judged().sequence.steps[0].to == 0.003
    hands.type("field", "to", text="3mT")
    qtbot.waitUntil(lambda: "put a space" in row.reason.text(), timeout=20_000)


def test_a_default_is_shown_but_not_written_and_a_choice_is_made(page, hands, qtbot):
    hands.add("bias_spectrum")
    rows = page.form.rows
    assert rows["bias_spectrum", "excitation_rms"].editor.placeholderText() == "1 uA"
    assert hands.data()["steps"] == [{"bias_spectrum": {}}]
    combo = rows["bias_spectrum", "acquisition"].editor
    assert combo.currentText() == "averaged (default)"
    combo.setFocus()
    qtbot.keyClicks(combo, "s")
    combo.activated.emit(combo.currentIndex())
    assert hands.data()["steps"] == [{"bias_spectrum": {"acquisition": "single"}}]
    hands.type("bias_spectrum", "excitation_rms", text="2 uA")
    hands.type("bias_spectrum", "excitation_rms", text="")
    assert hands.data()["steps"] == [{"bias_spectrum": {"acquisition": "single"}}]


def test_every_change_is_undone_and_redone(page, hands):
    build(hands)
    texts = [page.draft.text]
    for _ in range(page.draft.stack.count()):
        hands.press(KEY.Key_Z)
        texts.append(page.draft.text)
    assert hands.data()["steps"] == []
    assert len(texts) > 10
    for text in reversed(texts[:-1]):
        hands.press(KEY.Key_Y)
        assert page.draft.text == text
    assert hands.data() == FIGURE_1


def test_steps_move_by_keys_and_by_drag(page, hands):
    for kind in ("loop", "wait", "note"):
        hands.choose()
        hands.add(kind)
    page.palette_list.setCurrentRow(0)
    hands.choose(1)
    hands.press(KEY.Key_Right, ALT)
    kinds = [next(iter(step)) for step in hands.data()["steps"]]
    assert kinds == ["loop", "note"]
    assert [next(iter(s)) for s in hands.data()["steps"][0]["steps"]] == ["wait"]
    hands.press(KEY.Key_Left, ALT)
    hands.press(KEY.Key_Down, ALT)
    assert [next(iter(s)) for s in hands.data()["steps"]] == ["loop", "note", "wait"]
    hands.press(KEY.Key_Delete, QtCore.Qt.KeyboardModifier.NoModifier)
    assert [next(iter(s)) for s in hands.data()["steps"]] == ["loop", "note"]
    tree = page.tree
    hands.choose(1)
    at = tree.visualItemRect(tree.topLevelItem(0).child(0)).center()
    drop(tree, at, tree)
    assert [next(iter(s)) for s in hands.data()["steps"]] == ["loop"]
    assert [next(iter(s)) for s in hands.data()["steps"][0]["steps"]] == ["note"]
    at = tree.visualItemRect(tree.topLevelItem(0).child(0)).topLeft()
    drop(tree, at, page.palette_list)
    assert [next(iter(s)) for s in hands.data()["steps"]] == ["temperature", "loop"]


def drop(tree, at, source):
    class FromSource(QtGui.QDropEvent):
        def source(self):
            return source

    mime = source.model().mimeData(source.selectedIndexes())
    action = QtCore.Qt.DropAction.MoveAction
    nothing = QtCore.Qt.KeyboardModifier.NoModifier
    tree.dropEvent(FromSource(QtCore.QPointF(at), action, mime, LEFT, nothing))


@pytest.mark.timeout(120)
def test_steps_move_by_a_real_mouse_that_presses_moves_and_lets_go(tmp_path):
    script = Path(__file__).with_name("drag_by_mouse.py")
    words = [sys.executable, str(script), str(tmp_path)]
    ended = subprocess.run(  # noqa: S603 (our own program)
        words,
        cwd=Path(__file__).parents[4],
        env={**os.environ, "QT_QPA_PLATFORM": "minimal"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    loop = {"field": {"from": "0 T", "to": "1 T", "points": 2}}
    wait, one, two = {"wait": "1 s"}, {"note": "one"}, {"note": "two"}
    before = [wait, one, {"loop": loop, "steps": [two]}]
    assert found["new"] == [{"temperature": {}}, *before]
    assert found["into"] == [wait, {"loop": loop, "steps": [two, one]}]
    assert "      # stays with its step\n      - note: one\n" in found["text"]
    assert found["out"] == [two, wait, one, {"loop": loop, "steps": []}]
    assert found["self"] == found["outside"] == before


def test_one_number_of_a_file_changes_one_line_of_it(page, hands, qtbot, tmp_path):
    before = (configs_folder() / "sequences" / "night.yaml").read_bytes().replace(b"\n", b"\r\n")
    file = tmp_path / "night.yaml"
    file.write_bytes(before)
    hands.press(KEY.Key_O)
    hands.name_file(file)
    qtbot.waitUntil(lambda: page.draft.path == file)
    hands.choose(7)
    hands.type("loop", "field", "to", text="3 T")
    hands.press(KEY.Key_S)
    qtbot.waitUntil(lambda: not page.draft.modified)
    after = file.read_bytes()
    pairs = zip(before.splitlines(), after.splitlines(), strict=True)
    assert [new for old, new in pairs if old != new] == [
        before.splitlines()[15].replace(b"to: 3.5 T", b"to: 3 T")
    ]
    assert after.endswith(b"\r\n")


def test_unsaved_changes_are_asked_about_once(page, hands, qtbot):
    hands.add("wait")
    hands.press(KEY.Key_N)
    question = page.files.question
    assert "not saved" in question.text()
    qtbot.mouseClick(question.button(QtWidgets.QMessageBox.StandardButton.Cancel), LEFT)
    assert hands.data()["steps"] == [{"wait": None}]
    window = page.window()
    window.close()
    assert window.isVisible()
    question = page.files.question
    qtbot.mouseClick(question.button(QtWidgets.QMessageBox.StandardButton.Discard), LEFT)
    assert not window.isVisible()


def test_a_template_and_a_multivu_sequence_are_taken(page, hands, qtbot, tmp_path):
    page.files.templates.aboutToShow.emit()
    menus = [action.menu() for action in page.files.templates.actions()]
    titles = [menu.title() for menu in menus]
    assert titles[:2] == ["Sequences", "Le 2020"]
    papers = {action.text(): action for action in menus[1].actions()}
    assert len(papers) == len(list((configs_folder() / "papers" / "le2020").glob("*.yaml")))
    papers["Le fig 1f"].trigger()
    qtbot.waitUntil(lambda: page.draft.title == "Le fig 1f")
    assert page.draft.path is None
    file = tmp_path / "old.seq"
    file.write_text("TMP TEMP 10.000000 5.000000 0\r\nWAI WAITFOR 10 1 0 0 0 0\r\nCMB NOISE 1\r\n")
    page.files.open_path(file)
    qtbot.waitUntil(lambda: page.files.notice is not None)
    assert "have no exact place" in page.files.notice.text()
    assert "CMB NOISE" in page.draft.text
    assert page.draft.modified


def test_a_rehearsal_can_be_cancelled_and_leaves_no_process(page, hands, qtbot):
    hands.add("wait")
    hands.type("wait", "for", text="1 s")
    assert hands.judged().ok
    hands.press(KEY.Key_F5, QtCore.Qt.KeyboardModifier.NoModifier)
    assert page.launch.rehearsing
    qtbot.mouseClick(page.rehearse, LEFT)
    assert not page.launch.rehearsing
    assert "cancelled" in page.rehearsal.verdict.text()
    assert not page.start.isEnabled()


@pytest.mark.timeout(400)
def test_what_was_rehearsed_is_queued_and_started(page, hands, qtbot, data):
    hands.add("wait")
    hands.type("wait", "for", text="1 s")
    assert hands.judged().ok
    assert not isinstance(page.launch.current, Rehearsed)
    qtbot.mouseClick(page.rehearse, LEFT)
    qtbot.waitUntil(lambda: not page.launch.rehearsing, timeout=150_000)
    qtbot.mouseClick(page.queue, LEFT)
    qtbot.waitUntil((data / "queue" / "queue.json").is_file, timeout=20_000)
    (entry,) = (data / "queue").glob("*.yaml")
    assert entry.read_text() == page.draft.text
    campaign = page.context.campaign
    qtbot.mouseClick(page.start, LEFT)
    assert page.window().page() == "campaign"
    qtbot.waitUntil(lambda: campaign.state == "finished", timeout=150_000)
    assert (campaign.folder / "sequence.yaml").read_text() == page.draft.text


def test_what_is_typed_is_not_lost_when_the_station_turns_out_to_have_other_limits(
    page, hands, qtbot
):
    hands.choose()

    def limit():
        return page.form.rows["limits", "temperature"].editor.placeholderText()

    qtbot.waitUntil(lambda: limit() == "1.8 K, 350 K", timeout=20_000)
    row = page.form.rows["station",]
    row.editor.setFocus()
    qtbot.keyClicks(row.editor.lineEdit(), "tunnelling")
    qtbot.waitUntil(lambda: limit() not in {"", "1.8 K, 350 K"}, timeout=20_000)
    new = page.form.rows["station",].editor
    assert new.currentText() == "tunnelling"
    assert new.hasFocus()


def test_an_edit_scans_the_text_once(page, hands, monkeypatch):
    scans = []

    def counted(text):
        scans.append(text)
        return scan(text)

    monkeypatch.setattr("daq.app.sequence.outline.scan", counted)
    hands.add("wait")
    scans.clear()
    hands.type("wait", "for", text="17 s")
    assert hands.judged().ok
    assert scans.count(page.draft.text) == 1
    assert len(scans) <= 2  # the field may have been told before Enter
    hands.press(KEY.Key_Z)
    assert len(scans) <= 2
