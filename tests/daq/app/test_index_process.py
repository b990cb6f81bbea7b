import platformdirs

from daq.app.index_process import TELL, tell_update
from instruments.clock import VirtualClock

RUN = "#Procedure: <p.Some>\n#Parameters:\n#Metadata:\n#\tprocedure: ramp\n#Data:\nStatus\n0\n"


class Busy(VirtualClock):
    """A clock on which time passes by being asked."""

    def now(self):
        self.elapse(0.6 * TELL)
        return super().now()


def test_an_update_tells_how_far_it_is_now_and_then_and_at_the_end_what_there_is(tmp_path):
    folder = tmp_path / "data" / "night"
    folder.mkdir(parents=True)
    for number in range(1, 5):
        (folder / f"{number:04d}-ramp.csv").write_text(RUN)
    told = []
    assert tell_update(tmp_path / "data", told.append, Busy()) == 0
    *progress, last = told
    assert [message["read"] for message in progress] == sorted({m["read"] for m in progress})
    assert progress
    assert last["known"]["total"] == 4
    assert last["known"]["procedures"] == ("ramp",)


def test_a_catalogue_that_cannot_be_used_is_told_in_one_line(tmp_path):
    cache = platformdirs.user_cache_path("coldpoint")
    cache.parent.mkdir(parents=True, exist_ok=True)
    cache.write_text("a file where the folder of the catalogue should be")
    told = []
    assert tell_update(tmp_path, told.append, VirtualClock()) == 1
    assert "cannot be used" in told[0]["failed"]
