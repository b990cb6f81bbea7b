"""The twins on TCP: ports, terminators, single clients, the truth, the stock MultiPyVu client."""

import contextlib
import json
import socket
import struct
import subprocess
import sys
import threading

import numpy as np
import pytest

from instruments.clock import ScaledClock, VirtualClock
from instruments.simulated.connections import LinePort
from instruments.simulated.faults import Faulty, LinkFaults
from instruments.simulated.model6000 import Model6000
from instruments.simulated.multivu import MultiVuServer, installed_version
from instruments.simulated.multivu_frames import FrameReader, encode
from instruments.simulated.ppms import PpmsTwin
from instruments.simulated.ppms_options import PpmsOptions
from instruments.simulated.server import serve


class Echo:
    """A device that answers each query with the query."""

    resource = "GPIB0::9::INSTR"

    def __init__(self, ending=b"\n"):
        self.ending = ending
        self.taken = []
        self.waiting = []

    def write(self, message):
        self.taken.append(message)
        if message.endswith(b"?"):
            self.waiting.append(message + self.ending)

    def read(self):
        return self.waiting.pop(0) if self.waiting else None

    def serial_poll(self):
        return 0

    def clear(self):
        self.waiting.clear()

    def latency(self, message):
        return 0.0


@contextlib.contextmanager
def connected(port):
    with socket.create_connection(("127.0.0.1", port), timeout=5.0) as client:
        yield client


def exchange(client, data, ending):
    client.sendall(data)
    received = b""
    while not received.endswith(ending):
        chunk = client.recv(4096)
        if not chunk:
            return None
        received += chunk
    return received


def turned_away(port):
    with connected(port) as client:
        try:
            return client.recv(1) == b""
        except ConnectionResetError:
            return True


@pytest.mark.parametrize(
    ("terminator", "asked", "answered"),
    [
        (b"\n", b"*IDN?\n", b"*IDN?\n"),
        (b"\r\n", b"ID?\r\n", b"ID?\r\n"),
        (b"\r\n", b"ID?\r", b"ID?\r\n"),
        (b";", b"TEMP?;", b"TEMP?;"),
        (b";", b"TEMP?\r\n", b"TEMP?;"),
    ],
)
def test_lines_end_as_the_port_says(terminator, asked, answered):
    device = Echo(b";" if terminator == b";" else b"\n")
    with serve([LinePort("echo", device, terminator)], VirtualClock()) as servers:
        with connected(servers.ports["echo"]) as client:
            assert exchange(client, asked, terminator) == answered


def test_a_message_may_arrive_in_pieces_and_several_in_one():
    device = Echo()
    with serve([LinePort("echo", device)], VirtualClock()) as servers:
        with connected(servers.ports["echo"]) as client:
            client.sendall(b"OUTP")
            assert exchange(client, b" ON\nA?\nB?\n", b"B?\n") == b"A?\nB?\n"
    assert device.taken == [b"OUTP ON", b"A?", b"B?"]


def test_a_late_reply_is_sent_when_it_comes():
    clock = VirtualClock()
    device = Faulty(Echo(), clock)
    device.faults.delay(2.0)
    with serve([LinePort("echo", device)], clock) as servers:
        with connected(servers.ports["echo"]) as client:
            client.sendall(b"A?\n")
            client.settimeout(0.1)
            with pytest.raises(TimeoutError):
                client.recv(10)
            clock.elapse(2.0)
            client.settimeout(5.0)
            assert client.recv(10) == b"A?\n"


def test_a_single_client_port_turns_a_second_one_away_until_the_first_has_closed():
    with serve([LinePort("6221", Echo(), single=True)], VirtualClock()) as servers:
        port = servers.ports["6221"]
        with connected(port) as first:
            assert exchange(first, b"A?\n", b"\n") == b"A?\n"
            assert turned_away(port)
            assert exchange(first, b"B?\n", b"\n") == b"B?\n"
        assert eventually_answers(port)


def eventually_answers(port):
    for _ in range(50):
        with connected(port) as client, contextlib.suppress(OSError):
            if exchange(client, b"A?\n", b"\n") == b"A?\n":
                return True
    return False


def test_after_an_unclean_close_nobody_is_let_in_for_a_while():
    clock = VirtualClock()
    line = LinePort("6221", Echo(), single=True, link=LinkFaults(45.0))
    with serve([line], clock) as servers:
        port = servers.ports["6221"]
        client = socket.create_connection(("127.0.0.1", port), timeout=5.0)
        assert exchange(client, b"A?\n", b"\n") == b"A?\n"
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        assert turned_away(port)
        clock.elapse(44.0)
        assert turned_away(port)
        clock.elapse(2.0)
        assert eventually_answers(port)


def test_a_client_that_leaves_its_output_on_blocks_the_port_and_one_in_order_does_not():
    clock, on = VirtualClock(), []
    link = LinkFaults()
    line = LinePort("6221", Echo(), single=True, link=link, left_on=lambda: bool(on))
    with serve([line], clock) as servers:
        port = servers.ports["6221"]
        link.block(30.0)
        assert eventually_answers(port)
        assert eventually_answers(port)
        while not on:
            with connected(port) as client, contextlib.suppress(OSError):
                if exchange(client, b"A?\n", b"\n") == b"A?\n":
                    on.append(1)
        assert turned_away(port)
        clock.elapse(31.0)
        link.block(0.0)
        assert eventually_answers(port)
        assert eventually_answers(port)


def test_a_port_for_several_clients_serves_them_all():
    with serve([LinePort("echo", Echo())], VirtualClock()) as servers:
        with connected(servers.ports["echo"]) as one, connected(servers.ports["echo"]) as two:
            assert exchange(one, b"A?\n", b"\n") == b"A?\n"
            assert exchange(two, b"B?\n", b"\n") == b"B?\n"


def test_closing_leaves_no_thread_and_no_port():
    before = set(threading.enumerate())
    clock = VirtualClock()
    twin = PpmsTwin(clock, np.random.default_rng(1))
    servers = serve(
        [LinePort("echo", Echo())], clock, multivu=MultiVuServer(twin), truth=twin.truth
    )
    ports = dict(servers.ports)
    assert set(ports) == {"echo", "multivu", "truth"}
    servers.start()
    with connected(ports["echo"]) as client:
        exchange(client, b"A?\n", b"\n")
        servers.close()
    assert set(threading.enumerate()) == before
    for port in ports.values():
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=1.0)


def test_ports_that_never_started_close_too():
    serve([LinePort("echo", Echo())], VirtualClock()).close()


def test_the_truth_answers_every_line_with_one_line_of_json():
    clock = VirtualClock()
    twin = PpmsTwin(clock, np.random.default_rng(1), PpmsOptions.at(temperature=4.0, field=2.0))
    with serve([], clock, truth=twin.truth) as servers:
        with connected(servers.ports["truth"]) as client:
            told = json.loads(exchange(client, b"SET temperature 300\n", b"\n"))
            clock.elapse(60.0)
            later = json.loads(exchange(client, b"\n", b"\n"))
    assert told["field"] == pytest.approx(2.0)
    assert (told["time"], later["time"]) == (0.0, 60.0)
    assert later["temperature"] == pytest.approx(4.0, rel=1e-3)


def test_all_work_on_devices_is_done_under_the_lock_of_the_bench():
    lock = threading.RLock()
    device = Echo()
    with serve([LinePort("echo", device)], VirtualClock(), lock=lock) as servers:
        with connected(servers.ports["echo"]) as client:
            with lock:
                client.sendall(b"A?\n")
                client.settimeout(0.1)
                with pytest.raises(TimeoutError):
                    client.recv(10)
                assert device.taken == []
            client.settimeout(5.0)
            assert client.recv(10) == b"A?\n"


def test_a_model_6000_is_reached_over_tcp():
    clock = VirtualClock()
    device = Model6000(PpmsTwin(clock, np.random.default_rng(1)), np.random.default_rng(2))
    with serve([LinePort("6000", device, b";")], clock) as servers:
        with connected(servers.ports["6000"]) as client:
            assert exchange(client, b"TEMP 20 5 1;TEMP?;", b";") == b"20,5,1;"


def test_a_multivu_session_over_tcp_sends_each_frame_by_itself_and_ends_with_exit():
    clock = VirtualClock()
    server = MultiVuServer(PpmsTwin(clock, np.random.default_rng(1)))
    with serve([], clock, multivu=server) as servers:
        port = servers.ports["multivu"]
        with connected(port) as client:
            bodies = ask(client, "START")
            assert str(port) in bodies[1]["result"]
            assert ask(client, "TEMP_SETPOINTS?")[1]["result"].startswith("(300.0, 12.0, 0),K")
            assert ask(client, "EXIT")[1]["query"] == "EXIT"
        assert turned_away(port)


def ask(client, action):
    client.sendall(encode({"id": "7", "action": action, "query": "", "result": ""}))
    reader = FrameReader()
    bodies = []
    while len(bodies) < 2:
        bodies += reader.feed(client.recv(4096))
    client.sendall(encode({**bodies[1], "message_type": "confirmed"}))
    return bodies


STOCK_CLIENT = """
import sys
import MultiPyVu

with MultiPyVu.Client(host="127.0.0.1", port=int(sys.argv[1])) as c:
    print(c.instrument_name)
    print(c.get_temperature(), c.get_field(), c.get_chamber(), c.get_position())
    c.set_temperature(301.0, 12.0, c.temperature.approach_mode.no_overshoot)
    c.set_field(5000.0, 40.0, c.field.approach_mode.linear, c.field.driven_mode.driven)
    c.set_position(16.0, 1.0)
    print(c.get_temperature_setpoints(), c.get_field_setpoints())
    print(c.is_steady(c.subsystem.field))
    print(c.wait_for(1, 3600, c.subsystem.temperature | c.subsystem.field))
    c.set_chamber(c.chamber.mode.pump_continuous)
    print(c.wait_for(0, 600, c.subsystem.chamber))
    print(c.get_temperature(), c.get_field(), c.get_chamber(), c.get_position())
    try:
        MultiPyVu.Client(host="127.0.0.1", port=int(sys.argv[1])).open()
    except ConnectionRefusedError:
        print("refused")
print("done")
"""


def test_the_stock_client_of_multipyvu_is_served(tmp_path):
    clock = ScaledClock(100.0)
    twin = PpmsTwin(clock, np.random.default_rng(1), PpmsOptions())
    server = MultiVuServer(twin, version=installed_version())
    with serve([], clock, multivu=server) as servers:
        done = subprocess.run(  # noqa: S603 (our own interpreter and text)
            [sys.executable, "-c", STOCK_CLIENT, str(servers.ports["multivu"])],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=45.0,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if "MultiVuClient" not in line]
    assert lines[0] == "PPMS"
    assert lines[1].endswith(
        "(0.0, 'Stable') Purged and Sealed (0.0, 'Transport stopped at set point')"
    )
    assert lines[2] == "(301.0, 12.0, 'no_overshoot') (5000.0, 40.0, 'linear', 'driven')"
    assert lines[3:6] == ["False", "0", "0"]
    assert "'Stable') (5" in lines[6]
    assert "'Holding (driven)') Pumping Continuously (16.0, 'Transport stopped" in lines[6]
    assert lines[7:] == ["refused", "done"]
    assert twin.condition(clock.now()).temperature == pytest.approx(301.0, abs=0.1)
