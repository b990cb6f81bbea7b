import pytest

from daq.runs.campaign_folder import CampaignFolder
from daq.runs.engine import Outcome, execute
from daq.runs.names import slug
from instruments.errors import StorageError


def test_a_campaign_keeps_what_was_asked_verbatim(campaign):
    assert campaign.path.name == "2026-01-01T000000Z-Zero-bias-peak"
    sequence = campaign.path / "sequence.yaml"
    assert sequence.read_bytes() == b"title: Zero-bias peak  # mine\r\n"
    assert (campaign.path / "station.yaml").read_bytes() == b"name: bench\n"
    assert campaign.history().plan == {"steps": []}


def test_runs_are_numbered_and_told_to_the_journal(campaign, ramp, station, stop):
    for _ in range(2):
        execute(ramp(), station, campaign.begin_run(ramp(), station, step=[1, 0]), stop)
    names = sorted(path.name for path in campaign.path.glob("*-ramp.*"))
    assert names == ["0001-ramp.csv", "0001-ramp.json", "0002-ramp.csv", "0002-ramp.json"]
    events = campaign.history().events
    assert [event["event"] for event in events] == ["run begun", "run ended"] * 2
    assert events[3]["run"] == 2
    assert events[3]["step"] == [1, 0]
    assert (events[3]["outcome"], events[3]["rows"]) == ("finished", 3)


def test_an_attempt_has_a_number_of_its_own_and_no_file_is_touched(campaign, ramp, station):
    campaign.begin_run(ramp(), station).close(Outcome("failed"))
    first = (campaign.path / "0001-ramp.csv").read_bytes()
    for attempt in (2, 3):
        run = campaign.begin_run(ramp(), station, repeat=1)
        run.close(Outcome("failed"))
        assert run.csv.name == f"0001.{attempt}-ramp.csv"
    assert (campaign.path / "0001-ramp.csv").read_bytes() == first
    assert campaign.begin_run(ramp(), station).close(Outcome("aborted")).status == "aborted"
    assert (campaign.path / "0002-ramp.csv").exists()


def test_a_campaign_goes_on_with_the_next_number(campaign, ramp, station):
    campaign.begin_run(ramp(), station).close(Outcome("finished"))
    campaign.close()
    with CampaignFolder.reopen(campaign.path, station.clock) as again:
        run = again.begin_run(ramp(), station)
        run.close(Outcome("finished"))
    assert run.csv.name == "0002-ramp.csv"


def test_a_number_whose_files_could_not_be_made_is_not_used_again(campaign, ramp, station, faulty):
    writes = iter([False])  # the line of the journal, and then no more
    faulty.fail["write"] = lambda: next(writes, True)
    with pytest.raises(StorageError):
        campaign.begin_run(ramp(), station)
    faulty.fail.clear()
    campaign.close()
    with CampaignFolder.reopen(campaign.path, station.clock) as again:
        run = again.begin_run(ramp(), station)
        run.close(Outcome("finished"))
    assert run.csv.name == "0002-ramp.csv"


@pytest.mark.parametrize("repeat", [7, 1])
def test_only_a_run_that_is_there_and_the_same_can_be_tried_again(campaign, ramp, station, repeat):
    campaign.begin_run(ramp(), station).close(Outcome("finished"))
    other = ramp()
    other.name = "other"
    with pytest.raises(StorageError):
        campaign.begin_run(other, station, repeat=repeat)


def test_two_campaigns_in_one_second_have_two_folders(tmp_path, station):
    paths = set()
    for _ in range(2):
        with CampaignFolder.create(
            tmp_path, "a", station.clock, {}, sequence="", station=""
        ) as campaign:
            paths.add(campaign.path.name)
    assert paths == {"2026-01-01T000000Z-a", "2026-01-01T000000Z-a-2"}


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path, station):
    (tmp_path / "data").write_text("a file")
    with pytest.raises(StorageError, match="no campaign can be made"):
        CampaignFolder.create(tmp_path / "data", "a", station.clock, {}, sequence="", station="")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Zero-bias peak, 1.9 K", "Zero-bias-peak-1.9-K"),
        ("../../etc", "etc"),
        ('a<>:"/\\|?*b', "a-b"),
        ("", "untitled"),
        ("Größe am Ende.", "Größe-am-Ende"),
        ("x" * 200, "x" * 60),
    ],
)
def test_a_title_becomes_a_name_that_every_system_takes(title, name):
    assert slug(title) == name
