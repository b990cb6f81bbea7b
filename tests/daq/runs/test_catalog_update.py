"""The catalogue follows the folders, reading only what has changed, whatever state they are in."""

import json
import os
import sqlite3
import subprocess
import sys

import pytest

from daq.runs.catalog import Catalogue
from daq.runs.catalog_update import BATCH
from instruments.clock import VirtualClock

HEAD = "#Procedure: <p.Some>\n#Parameters:\n#Metadata:\n"
LONG_AGO = 1_600_000_000
"""Unix time in s at which folders of these tests were changed last."""


def text(number, outcome="finished", **settings):
    said = {"started": "2026-01-01T12:00:00+00:00", "procedure": "ramp", "sample": "gold"}
    said |= {"settings": json.dumps({"points": number, **settings})}
    lines = "".join(f"#\t{key}: {value}\n" for key, value in said.items())
    return f"{HEAD}{lines}#Data:\nStatus\n0\n#Rows: 1\n#Outcome: {outcome}\n"


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def write(data):
    def run(campaign, number, content=None, attempt=""):
        folder = data / campaign
        folder.mkdir(exist_ok=True)
        path = folder / f"{number:04d}{attempt}-ramp.csv"
        path.write_text(text(number) if content is None else content)
        return path

    return run


def settle(data):
    """Let all folders be old, in the same instant."""
    for folder in (data, *data.iterdir()):
        if folder.is_dir():
            os.utime(folder, (LONG_AGO, LONG_AGO))


@pytest.fixture
def catalogue(tmp_path):
    url = f"sqlite:///{tmp_path / 'cache' / 'catalogue.sqlite'}"
    with Catalogue(url, clock=VirtualClock()) as catalogue:
        yield catalogue


def numbers(catalogue):
    return sorted(entry.number for entry in catalogue.search())


def test_a_folder_that_has_not_changed_is_not_even_listed(catalogue, data, write, monkeypatch):
    write("one", 1)
    write("two", 2)
    settle(data)
    assert catalogue.update(data).read == 2
    monkeypatch.setattr("daq.runs.catalog_update.csv_names", lambda _: pytest.fail("listed"))
    assert catalogue.update(data).read == 0
    assert catalogue.folders(data).changed == []
    assert numbers(catalogue) == [1, 2]


def test_only_what_is_new_in_a_changed_folder_is_read(catalogue, data, write):
    for number in (1, 2, 3):
        write("one", number)
    catalogue.update(data)
    write("one", 4)
    write("one", 2, attempt=".2")
    assert catalogue.update(data).read == 2
    assert [entry.attempts for entry in catalogue.search("points", procedure="ramp")].count(2) == 1


def test_a_folder_that_was_just_changed_is_listed_again_whatever_its_time_says(
    catalogue, data, write
):
    path = write("one", 1)
    now = VirtualClock().utc().timestamp()
    for folder in (data, path.parent):
        os.utime(folder, (now - 1.0, now - 1.0))
    catalogue.update(data)
    write("one", 2)  # within the grain of the file system's clock
    os.utime(path.parent, (now - 1.0, now - 1.0))
    assert catalogue.update(data).read == 1


def test_a_header_that_is_being_written_is_read_when_it_is_whole(catalogue, data, write):
    write("one", 1)
    path = write("one", 2, text(2)[:40])
    settle(data)
    done = catalogue.update(data)
    assert done.unreadable == (str(path),)
    assert numbers(catalogue) == [1]
    path.write_text(text(2))
    settle(data)
    assert catalogue.update(data).unreadable == ()
    assert numbers(catalogue) == [1, 2]


def test_a_file_without_its_end_is_read_again(catalogue, data, write):
    path = write("one", 1, text(1).partition("#Rows")[0])
    settle(data)
    catalogue.update(data)
    assert [entry.outcome for entry in catalogue.search()] == ["unknown"]
    path.write_text(text(1, "aborted"))
    settle(data)
    assert catalogue.update(data).read == 1
    assert [entry.outcome for entry in catalogue.search()] == ["aborted"]


@pytest.mark.parametrize(
    "damage", [b"", b"\0" * 300, b"#" * 300, b"a,b\n1,2\n", text(1).replace("{", "[").encode()]
)
def test_damaged_files_are_named_and_the_others_are_there(catalogue, data, write, damage):
    write("one", 1)
    bad = write("one", 2)
    bad.write_bytes(damage)
    assert catalogue.update(data).unreadable == (str(bad),)
    assert numbers(catalogue) == [1]


def test_settings_that_are_no_numbers_in_json_are_kept_as_text(catalogue, data, write):
    write("one", 1, text(1, extra=float("nan")))
    assert catalogue.update(data).unreadable == ()
    assert json.loads(catalogue.search()[0].settings)["extra"] == "nan"


def test_files_and_folders_that_vanish_while_they_are_read_are_passed_over(
    catalogue, data, write, monkeypatch
):
    for number in (1, 2):
        write("one", number)
    gone = write("two", 3)
    kept = write("two", 4)
    from daq.runs import catalog_update

    listed = catalog_update.csv_names

    def vanish(folder):
        found = listed(folder)
        if folder.endswith("two"):
            gone.unlink()
        return found

    monkeypatch.setattr(catalog_update, "csv_names", vanish)
    assert catalogue.update(data).unreadable == (str(gone),)
    assert numbers(catalogue) == [1, 2, 4]
    kept.unlink()
    kept.parent.rmdir()
    catalogue.update(data)
    assert numbers(catalogue) == [1, 2]


def test_a_folder_that_may_not_be_listed_is_named_and_keeps_its_runs(
    catalogue, data, write, monkeypatch
):
    write("one", 1)
    catalogue.update(data)
    write("one", 2)

    def refuse(_folder):
        raise PermissionError

    monkeypatch.setattr("daq.runs.catalog_update.csv_names", refuse)
    assert str(data / "one") in catalogue.update(data).unreadable
    assert numbers(catalogue) == [1]


def test_a_run_whose_first_attempt_is_lost_is_known_by_the_next(catalogue, data, write):
    first = write("one", 1)
    write("one", 1, attempt=".2")
    catalogue.update(data)
    first.unlink()
    catalogue.update(data)
    (entry,) = catalogue.search()
    assert (entry.attempts, entry.path.endswith("0001.2-ramp.csv")) == (1, True)


def test_campaigns_that_are_links_are_found_below_the_folder(catalogue, data, write, tmp_path):
    elsewhere = write("one", 1).parent.rename(tmp_path / "elsewhere")
    (data / "one").symlink_to(elsewhere)
    catalogue.update(data)
    assert numbers(catalogue) == [1]
    assert catalogue.update(data).read == 0


def test_what_was_read_before_an_update_was_given_up_stays(catalogue, data, write):
    for number in range(1, BATCH + 6):
        write("one", number)
    left = iter(range(BATCH + 1))

    def read():
        if next(left, None) is None:
            raise LookupError

    with pytest.raises(LookupError):
        catalogue.update(data, read)
    assert len(catalogue.search()) == BATCH


def test_an_index_of_an_older_version_learns_the_folders(catalogue, data, write):
    write("one", 1)
    gone = write("two", 2)
    catalogue.update(data)
    with sqlite3.connect(catalogue.file) as connection:
        connection.execute("DROP TABLE folders")
    connection.close()
    gone.unlink()
    gone.parent.rmdir()
    assert catalogue.update(data).read == 0
    assert numbers(catalogue) == [1]


def test_two_programs_may_index_the_same_folders_at_once(data, write, tmp_path):
    for number in range(1, 61):
        write(f"campaign {number % 6}", number)
    url = f"sqlite:///{tmp_path / 'shared.sqlite'}"
    program = (
        "import sys; from pathlib import Path; from daq.runs.catalog import Catalogue\n"
        "sys.stdin.read()\n"
        "for _ in range(5):\n"
        "    with Catalogue(sys.argv[1]) as catalogue:\n"
        "        catalogue.update(Path(sys.argv[2]), anew=True)\n"
    )
    words = [sys.executable, "-c", program, url, str(data)]
    both = [
        subprocess.Popen(words, stdin=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603 (ours)
        for _ in range(2)
    ]
    for one in both:
        one.stdin.close()
    assert [(one.wait(50), one.stderr.read()) for one in both] == [(0, b"")] * 2
    for one in both:
        one.stderr.close()
    with Catalogue(url) as catalogue:
        assert numbers(catalogue) == list(range(1, 61))
        assert catalogue.update(data).unreadable == ()


def test_what_a_killed_writer_left_beside_a_lost_database_does_no_harm(catalogue, data, write):
    write("one", 1)
    catalogue.update(data)
    file = catalogue.file
    wal = file.with_name(f"{file.name}-wal")
    reader = sqlite3.connect(file)  # as long as it is open, the log stays
    reader.execute("SELECT count(*) FROM runs").fetchall()
    write("one", 2)
    catalogue.update(data)
    left = wal.read_bytes()
    reader.close()
    assert len(left) > 4096
    file.unlink()
    wal.write_bytes(left)
    assert numbers(catalogue) == [1, 2]
    assert not list(file.parent.glob("*.damaged*"))
