import pytest

from daq.campaign.herald import LITTLE_SPACE, Herald, Watched
from instruments.clock import VirtualClock


class Station:
    """What a herald looks at."""

    def __init__(self):
        self.free = 10 * LITTLE_SPACE
        self.helium = None
        self.trouble = None
        self.left = 3723.0

    def watched(self):
        return Watched(
            lambda: self.free,
            lambda: self.helium,
            lambda: self.trouble,
            lambda: self.left,
            lambda: "1.9 K",
        )


@pytest.fixture
def station():
    return Station()


@pytest.fixture
def clock():
    return VirtualClock()


@pytest.fixture
def sent():
    return []


@pytest.fixture
def herald(station, clock, sent):
    def make(**options):
        return Herald(
            "Night",
            "data/night",
            clock,
            lambda title, body: sent.append((title, body)),
            station.watched(),
            **options,
        )

    return make


def test_start_and_end_are_told_with_the_time_left(herald, sent):
    told = herald()
    told.begin("cellar")
    told.heard("campaign ended", {"outcome": "finished", "error": ""})
    assert sent == [
        ("Coldpoint: Night", "started on station cellar; 1:02:03 left"),
        ("Coldpoint: Night", "finished; the station is safe"),
    ]


def test_a_failure_says_how_to_go_on(herald, sent):
    herald().heard("campaign ended", {"outcome": "failed", "error": "step 3: no answer"})
    ((_, body),) = sent
    assert "failed: step 3: no answer" in body
    assert "coldpoint resume data/night" in body


def test_a_station_that_is_not_safe_and_a_skipped_step_are_failures(herald, sent):
    told = herald(occasions=("failure",))
    told.heard("not safe", {"error": "source: no answer"})
    told.heard("step failed", {"step": 2, "error": "no answer", "then": "retry"})
    told.heard("step failed", {"step": 2, "error": "no answer", "then": "skip"})
    assert ["NOT" in body for _, body in sent] == [True, False]
    assert "step 3 failed and is skipped" in sent[1][1]


def test_a_pause_says_what_to_do_and_until_when(herald, sent):
    herald().heard("paused", {"step": 4, "why": "the helium was filled", "patience": 1800.0})
    ((_, body),) = sent
    assert "within 30 min" in body
    assert "coldpoint tell data/night go-on" in body


def test_a_sign_of_life_comes_once_per_period_and_says_where_and_how_long(herald, sent, clock):
    told = herald(alive=7200.0)
    told.heard("step begun", {"step": 6, "what": "field to 1 T"})
    for _ in range(5 * 60):
        clock.sleep(60.0)
        told.looked()
    assert [body for _, body in sent] == ["step 7: field to 1 T; 1.9 K; 1:02:03 left"] * 2


def test_disk_helium_and_cryostat_are_told_when_it_begins_and_when_it_begins_again(
    herald, sent, clock, station
):
    told = herald(occasions=("disk", "helium", "cryostat"))

    def look():
        clock.sleep(30.0)
        told.looked()
        told.looked()

    look()
    assert sent == []
    station.free, station.helium, station.trouble = 5e8, "helium is at 12 %", "5 polls failed"
    look()
    look()
    assert [body for _, body in sent] == [
        "the disk is nearly full: 0.50 GB are free; make room",
        "helium is at 12 %",
        "the cryostat does not answer: 5 polls failed",
    ]
    station.trouble = None
    look()
    station.trouble = "7 polls failed"
    look()
    assert len(sent) == 4


def test_only_what_was_asked_for_is_told(herald, sent, clock, station):
    told = herald(occasions=("failure",))
    told.begin("cellar")
    station.helium = "helium is at 12 %"
    clock.sleep(1e5)
    told.looked()
    told.heard("campaign ended", {"outcome": "finished", "error": ""})
    assert sent == []
