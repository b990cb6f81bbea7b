"""A port that answers several at once, so that a request to stop reaches who is busy."""

import threading

import pytest

from daq.campaign.local_port import LocalPort, ask, listening
from instruments.errors import ColdpointError


@pytest.fixture
def address(tmp_path):
    return tmp_path / "address.json"


def test_a_request_is_answered_while_another_one_is_being_carried_out(address):
    begun, stopped = threading.Event(), threading.Event()

    def answer(said):
        if said["do"] == "measure":
            begun.set()
            return {"ok": stopped.wait(10.0)}
        stopped.set()
        return {"ok": True}

    found = []
    with LocalPort(address, answer, "port", together=True):
        measuring = threading.Thread(
            target=lambda: found.append(ask(address, {"do": "measure"}, whom="it", patience=15.0))
        )
        measuring.start()
        assert begun.wait(10.0)
        assert ask(address, {"do": "stop"}, whom="it", patience=3.0) == {"ok": True}
        measuring.join(10.0)
    assert found == [{"ok": True}]


def test_where_a_process_listens_is_told_while_it_does(address):
    assert listening(address) is None
    with LocalPort(address, lambda _: {"ok": False, "error": "no"}, "port"):
        there = listening(address)
        assert there is not None
        with pytest.raises(ColdpointError, match="it: no"):
            ask(address, {"do": "dance"}, whom="it")
    assert listening(address) is None
    address.write_text('{"port": 1}')
    assert listening(address) is None
