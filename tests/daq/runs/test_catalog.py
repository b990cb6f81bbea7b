from datetime import UTC, date, datetime

import pytest

from daq.runs.catalog import Catalogue
from daq.runs.engine import Outcome, execute
from daq.runs.files import open_run
from instruments.errors import StorageError


@pytest.fixture
def database(tmp_path):
    return tmp_path / "cache" / "catalogue.sqlite"


@pytest.fixture
def catalogue(database):
    with Catalogue(f"sqlite:///{database}") as catalogue:
        yield catalogue


@pytest.fixture
def two(campaign, ramp, station, stop):
    runs = []
    for maximum in (0.125, 0.25):
        run = campaign.begin_run(ramp(maximum=maximum), station)
        execute(ramp(maximum=maximum), station, run, stop)
        station.clock.elapse(86400.0)
        runs.append(run)
    campaign.begin_run(ramp(), station).close(Outcome("failed"))
    return runs


def numbers(entries):
    return [entry.number for entry in entries]


def test_runs_are_found_by_words_dates_procedure_and_outcome(catalogue, campaign, two):
    assert catalogue.rebuild(campaign.path.parent) == 3
    assert numbers(catalogue.search()) == [3, 2, 1]
    assert numbers(catalogue.search("zero-bias 0.125")) == [1]
    assert numbers(catalogue.search("CONTACT maximum")) == [3, 2, 1]
    assert numbers(catalogue.search("100%")) == []
    assert numbers(catalogue.search(outcome="failed")) == [3]
    assert numbers(catalogue.search(procedure="ramp", outcome="finished")) == [2, 1]
    assert numbers(catalogue.search(procedure="other")) == []
    assert numbers(catalogue.search(since=date(2026, 1, 2))) == [3, 2]
    assert numbers(catalogue.search(until=date(2026, 1, 1))) == [1]
    assert numbers(catalogue.search(until=datetime(2026, 1, 2, 0, 0, 3, tzinfo=UTC))) == [2, 1]
    entry = catalogue.search("0.25")[0]
    assert (entry.rows, entry.attempts, entry.station) == (3, 1, "bench")
    assert open_run(entry.path).number == 2


def test_a_run_is_added_and_added_anew(catalogue, campaign, two, ramp, station):
    catalogue.add(open_run(two[0].csv))
    assert numbers(catalogue.search()) == [1]
    campaign.begin_run(ramp(), station, repeat=1).close(Outcome("aborted"))
    catalogue.add(open_run(two[0].csv))
    found = [(entry.attempts, entry.rows, entry.outcome) for entry in catalogue.search()]
    assert found == [(2, 3, "aborted")]


def test_a_run_that_was_running_is_looked_at_again(catalogue, campaign, ramp, station):
    run = campaign.begin_run(ramp(), station)
    catalogue.add(open_run(run.csv))
    assert catalogue.search()[0].outcome == "running"
    run.close(Outcome("finished"))
    assert catalogue.search()[0].outcome == "finished"


@pytest.mark.parametrize("damage", ["deleted", "text", "empty", "cut"])
def test_a_damaged_or_deleted_database_is_made_anew(catalogue, database, campaign, two, damage):
    catalogue.rebuild(campaign.path.parent)
    content = database.read_bytes()
    if damage == "deleted":
        database.unlink()
    else:
        wrong = {"text": b"no database" * 100, "empty": b"", "cut": content[: len(content) // 2]}
        database.write_bytes(wrong[damage])
    assert numbers(catalogue.search()) == [3, 2, 1]
    with Catalogue(f"sqlite:///{database}") as another:
        assert numbers(another.search()) == [3, 2, 1]


def test_a_file_that_is_no_catalogue_is_put_aside_not_deleted(database):
    database.parent.mkdir()
    database.write_text("somebody's notes" * 10)
    with Catalogue(f"sqlite:///{database}") as catalogue:
        assert catalogue.search() == []
    aside = database.with_name("catalogue.sqlite.damaged")
    assert aside.read_text() == "somebody's notes" * 10


def test_an_older_table_is_made_anew(catalogue, database, campaign, two):
    import sqlite3

    catalogue.rebuild(campaign.path.parent)
    connection = sqlite3.connect(database)
    connection.execute("ALTER TABLE runs DROP COLUMN contact")
    connection.commit()
    connection.close()
    assert numbers(catalogue.search()) == [3, 2, 1]


def test_rebuilding_forgets_what_is_gone_and_passes_over_what_cannot_be_read(
    catalogue, campaign, two
):
    catalogue.rebuild(campaign.path.parent)
    two[0].csv.unlink()
    two[0].json.unlink()
    two[1].csv.write_bytes(b"torn")
    assert catalogue.rebuild(campaign.path.parent) == 1
    assert numbers(catalogue.search()) == [3]


def test_rebuilding_one_folder_leaves_its_neighbours(catalogue, campaign, two, tmp_path):
    catalogue.rebuild(campaign.path.parent)
    (tmp_path / "dat").mkdir()
    assert catalogue.rebuild(tmp_path / "dat") == 0
    assert len(catalogue.search()) == 3


def test_a_database_that_cannot_be_reached_is_told_in_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with Catalogue(f"sqlite:///{tmp_path / 'file' / 'catalogue.sqlite'}") as catalogue:
        with pytest.raises(StorageError, match="cannot be used") as told:
            catalogue.search()
    assert "\n" not in str(told.value)


def test_a_catalogue_in_memory_works_too(campaign, two):
    with Catalogue("sqlite://") as catalogue:
        catalogue.rebuild(campaign.path.parent)
        assert numbers(catalogue.search("0.25")) == [2]
