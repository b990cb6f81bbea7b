"""Folders that are new are read by a process of its own; what becomes of it is told."""

import threading

import pytest

from daq.app.gui.catalogue_work import CatalogueWork
from daq.app.run_index import GivenUpError
from instruments.errors import StorageError

PATIENCE = 30_000
"""Milliseconds; the machine may be busy."""


def test_many_new_folders_are_read_by_a_process_of_its_own_and_what_became_of_them_is_told(
    page, night, qtbot, browse
):
    path = night.spectrum(1)
    for number in range(5):
        folder = night.data / f"2026-02-0{number + 1}T000000Z-more"
        folder.mkdir()
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "0002-torn.csv").write_text("#Proc")
    page = page()
    qtbot.waitUntil(lambda: page.state.text().startswith("6 of 6 runs"), timeout=PATIENCE)
    browse.settle(page)
    assert "0002-torn.csv" in page.state.text()
    assert page.search.procedure.findText("tunnel_spectrum") > 0


def test_an_update_that_ends_before_its_time_is_told_and_can_be_begun_again(
    page, night, monkeypatch
):
    for number in range(5):
        (night.data / f"2026-02-0{number + 1}T000000Z-more").mkdir()
    night.spectrum(1)
    monkeypatch.setattr("daq.app.gui.catalogue_work.MODULE", "no_such_module")
    with pytest.raises(StorageError, match=r"No module named no_such_module; press F5"):
        CatalogueWork(night.data).update()


def test_a_process_that_complains_at_length_is_read_to_its_end(night, tmp_path, monkeypatch):
    (tmp_path / "loud_index.py").write_text(
        "import sys\nsys.stderr.write('complaint\\n' * 100_000)\nprint('{\"failed\": \"so\"}')\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr("daq.app.gui.catalogue_work.MODULE", "loud_index")
    for number in range(5):
        (night.data / f"2026-02-0{number + 1}T000000Z-more").mkdir()
    with pytest.raises(StorageError, match="so"):
        CatalogueWork(night.data).update()


def test_closing_ends_the_process_that_reads_the_folders(night, qtbot, tmp_path, monkeypatch):
    (tmp_path / "endless_index.py").write_text(
        "import threading\nprint('{\"read\": 7}', flush=True)\nthreading.Event().wait(600)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr("daq.app.gui.catalogue_work.MODULE", "endless_index")
    for number in range(5):
        (night.data / f"2026-02-0{number + 1}T000000Z-more").mkdir()
    work = CatalogueWork(night.data)
    failures = []

    def update():
        try:
            work.update()
        except GivenUpError as failure:
            failures.append(failure)

    thread = threading.Thread(target=update)
    thread.start()
    qtbot.waitUntil(lambda: work.read == 7, timeout=PATIENCE)
    work.close()
    thread.join(20)
    assert not thread.is_alive()
    assert len(failures) == 1
