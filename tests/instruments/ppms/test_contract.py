"""Our client against the server of the MultiPyVu package itself, in scaffolding mode.

The server runs in a process and a folder of its own: it takes over logging and writes files.
"""

import contextlib
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from instruments.clock import SystemClock
from instruments.errors import CommunicationError
from instruments.ppms.axes import CryostatSettings
from instruments.ppms.multivu import MultiVu
from instruments.ppms.session import MultiVuSession
from instruments.ppms.settling import SettleRule
from instruments.ppms.status import FieldStatus, TemperatureStatus
from instruments.ppms.stream import SocketStream
from instruments.waiting import drive, settle

pytest.importorskip("MultiPyVu", reason="the vendor's package is an optional test dependency")

SERVER = """
import socket, sys
class Local(socket.socket):
    def bind(self, address):
        super().bind(("127.0.0.1", address[1]))
socket.socket = Local
from MultiPyVu import Server
server = Server(["ppms", "-s"], host="127.0.0.1", port=int(sys.argv[1]), keep_server_open=True)
server.open()
"""


@pytest.fixture
def stock_server(tmp_path) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    process = subprocess.Popen(  # noqa: S603 (our own interpreter and script)
        [sys.executable, "-c", SERVER, str(port)],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield port
    finally:
        process.kill()
        process.wait(10.0)


def give_it_a_field_setpoint(port: int, clock: SystemClock) -> None:
    """Set a field once the server listens: asked for one that it has not, it dies."""
    session = MultiVuSession(lambda: SocketStream("127.0.0.1", port), clock)
    for _ in range(100):
        with contextlib.suppress(CommunicationError):
            session.order("FIELD", "0.0,40.0,0,1")
            session.close()
            return
        clock.sleep(0.1)
    raise AssertionError("the vendor's server does not start")


def test_our_client_and_the_vendors_own_server_understand_each_other(stock_server):
    clock = SystemClock()
    fast = CryostatSettings(
        temperature_rule=SettleRule(0.05, dwell=0.4, delay=1.5),
        field_rule=SettleRule(1e-3, dwell=0.4, delay=1.0),
    )
    give_it_a_field_setpoint(stock_server, clock)
    cryostat = MultiVu("127.0.0.1", stock_server, clock=clock, settings=fast)
    assert cryostat.reading.temperature == pytest.approx(300.0, abs=1.0)
    assert cryostat.reading.temperature_status is TemperatureStatus.STABLE

    times = []
    for _ in range(20):
        began = time.perf_counter()
        cryostat.poll()
        times.append(time.perf_counter() - began)
    assert statistics.median(times) < 0.3  # four queries; the stock client takes 0.35 s

    with pytest.raises(CommunicationError, match="serves another client"):
        MultiVu("127.0.0.1", stock_server, clock=clock)
    assert cryostat.poll().temperature > 0.0

    target = cryostat.reading.temperature + 0.1
    cryostat.set_temperature(target, rate=0.2, approach="no overshoot")
    cryostat.set_field(2e-3, rate=4e-3)
    cryostat.start_polling(0.2)
    for quantity in ("field", "temperature"):
        story = settle(clock, getattr(cryostat, f"{quantity}_settled"), quantity, timeout=8.0)
        drive(story, clock, stopped=lambda: False, handle=lambda _event: None)
    assert cryostat.reading.temperature == pytest.approx(target, abs=0.05)
    assert cryostat.reading.field == pytest.approx(2e-3, abs=1e-3)
    assert cryostat.reading.field_status is FieldStatus.HOLDING
    assert cryostat.foreign_setpoint is None
    assert cryostat.trouble is None
    cryostat.close()

    again = MultiVu("127.0.0.1", stock_server, clock=clock, read_only=True)
    assert again.snapshot()["setpoints"]["temperature"]["target"] == pytest.approx(target, abs=1e-3)
    again.close()
    clock.close()
