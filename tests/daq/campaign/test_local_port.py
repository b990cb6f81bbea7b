"""A port that answers several at once, so that a request to stop reaches who is busy."""

import socket
import threading

import pytest

from daq.campaign.local_port import HOST, LocalPort, ask, listening
from instruments.errors import ColdpointError, StorageError


@pytest.fixture
def address(tmp_path):
    return tmp_path / "address.json"


def test_a_request_is_answered_while_another_one_is_being_carried_out(address):
    begun, stopped = threading.Event(), threading.Event()

    def answer(said):
        if said["do"] == "measure":
            begun.set()
            return {"ok": stopped.wait(60.0)}
        stopped.set()
        return {"ok": True}

    found = []
    with LocalPort(address, answer, "port", together=True):
        measuring = threading.Thread(
            target=lambda: found.append(ask(address, {"do": "measure"}, whom="it", patience=60.0))
        )
        measuring.start()
        assert begun.wait(60.0)
        assert ask(address, {"do": "stop"}, whom="it", patience=30.0) == {"ok": True}
        measuring.join(60.0)
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


def test_a_request_that_cannot_be_answered_does_not_end_the_port(address):
    def answer(said):
        if said["do"] == "state":
            raise RuntimeError("dictionary changed size during iteration")
        return {"ok": True}

    with LocalPort(address, answer, "port"):
        with pytest.raises(ColdpointError, match="could not be answered: dictionary changed"):
            ask(address, {"do": "state"}, whom="it")
        there = listening(address)
        with socket.create_connection((HOST, there.port), 5.0) as stranger:
            stranger.sendall(b"[" * 200_000 + b"\n")
            assert b'"ok": false' in stranger.recv(4096)
        assert ask(address, {"do": "abort"}, whom="it") == {"ok": True}


def test_an_address_that_cannot_be_written_is_told_in_one_line(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        LocalPort(tmp_path / "taken" / "address.json", dict, "port")
