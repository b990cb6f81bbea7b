"""Over a real socket: losses and the overhead of our client."""

import contextlib
import json
import socket
import statistics
import threading
import time
from collections.abc import Iterator

import pytest

from instruments.clock import SystemClock
from instruments.errors import CommunicationError
from instruments.ppms.multivu import MultiVu
from instruments.ppms.session import MultiVuSession
from instruments.ppms.stream import SocketStream


class ClearingServer(threading.Thread):
    """Serve one client like the stock server: clear the buffer before each message, Nagle on."""

    def __init__(self, server, listener: socket.socket) -> None:
        super().__init__(daemon=True)
        self._server = server
        self._listener = listener
        self.lost = 0

    def run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                self._serve(connection)

    def _serve(self, connection: socket.socket) -> None:
        stream = self._server.open()
        while data := connection.recv(4096):
            start = 2 + int.from_bytes(data[:2], "big")
            end = start + json.loads(data[2:start])["message-length"]
            self.lost += len(data) > end  # the rest of the buffer is cleared
            stream.send(data[:end])
            while reply := stream.receive(0.0):
                connection.sendall(reply)


@pytest.fixture
def port(server) -> Iterator[tuple[int, ClearingServer]]:
    server.clock = None
    server.piece = 150  # small segments, as the stock server sends them
    listener = socket.create_server(("127.0.0.1", 0))
    thread = ClearingServer(server, listener)
    thread.start()
    yield listener.getsockname()[1], thread
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5.0)


def test_nothing_is_lost_and_a_query_costs_little_more_than_the_gap(port):
    number, thread = port
    clock = SystemClock()
    session = MultiVuSession(lambda: SocketStream("127.0.0.1", number), clock)
    session.ask("TEMP?")
    times = []
    for _ in range(50):
        began = time.perf_counter()
        session.ask("TEMP?")
        times.append(time.perf_counter() - began)
    session.close()
    assert thread.lost == 0
    assert (
        statistics.median(times) < 0.005 + 0.005
    )  # far from the 40 ms of Nagle, on a busy machine


def test_the_whole_cryostat_works_over_a_socket(port, server):
    number, _ = port
    clock = SystemClock()
    with MultiVu("127.0.0.1", number, clock=clock) as cryostat:
        cryostat.set_field(1.0)
        assert cryostat.poll().temperature == 300.0
    assert server.actions()[-1] == "CLOSE"
    clock.close()


def test_nobody_at_the_port_says_what_to_do():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number = listener.getsockname()[1]
    with pytest.raises(CommunicationError, match="start the MultiPyVu server"):
        MultiVu("127.0.0.1", number, clock=SystemClock())


def test_a_stream_that_is_closed_by_the_other_side_says_so():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stream = SocketStream("127.0.0.1", listener.getsockname()[1])
        connection, _ = listener.accept()
        assert stream.receive(0.01) == b""
        connection.sendall(b"abc")
        assert stream.receive(1.0) == b"abc"
        connection.close()
        with pytest.raises(CommunicationError, match="has closed"):
            stream.receive(1.0)
        stream.close()
