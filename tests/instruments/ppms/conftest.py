"""Fakes of the two transports and of a whole PPMS: as little as the tests need."""

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from instruments.clock import VirtualClock
from instruments.ppms.cryostat import Cryostat
from instruments.ppms.limits import MagnetConfiguration
from instruments.ppms.reading import CryostatReading
from instruments.ppms.setpoints import AngleSetpoint, FieldSetpoint, TemperatureSetpoint
from instruments.ppms.status import (
    AngleStatus,
    ChamberStatus,
    FieldStatus,
    TemperatureStatus,
)


class FakeLink:
    """A PPMS in SI units whose state the test writes."""

    name = "fake"

    def __init__(self) -> None:
        self.sample = CryostatReading(
            time=0.0,
            temperature=300.0,
            field=0.0,
            angle=0.0,
            temperature_status=TemperatureStatus.STABLE,
            field_status=FieldStatus.HOLDING,
            angle_status=AngleStatus.STOPPED,
            chamber_status=ChamberStatus.PURGED,
            chamber="purged and sealed",
            code=0x1141,
            raw="4417",
        )
        self.temperature = TemperatureSetpoint(300.0, 0.1)
        self.field = FieldSetpoint(0.0, 4e-3)
        self.angle = AngleSetpoint(0.0, 12.0)
        self.configuration: MagnetConfiguration | None = None
        self.level = 80.0
        self.adopts = True
        self.sent: list[object] = []
        self.asked: list[str] = []
        self.failures: list[Exception] = []
        self.send_failures: list[Exception] = []
        self.closed = False

    def put(self, **values) -> None:
        self.sample = replace(self.sample, **values)

    def reading(self, now):
        self.asked.append("reading")
        if self.failures:
            raise self.failures.pop(0)
        return replace(self.sample, time=now)

    def temperature_setpoint(self):
        self.asked.append("temperature")
        return self.temperature

    def field_setpoint(self):
        self.asked.append("field")
        return self.field

    def angle_setpoint(self):
        self.asked.append("angle")
        return self.angle

    def _take(self, name, setpoint):
        self.sent.append(setpoint)
        if self.adopts:
            setattr(self, name, setpoint)
        if self.send_failures:
            raise self.send_failures.pop(0)

    def set_temperature(self, setpoint):
        self._take("temperature", setpoint)

    def set_field(self, setpoint):
        self._take("field", setpoint)

    def set_angle(self, setpoint):
        self._take("angle", setpoint)

    def set_chamber(self, action):
        self.sent.append(action)

    def shut_down(self):
        self.sent.append("shut down")

    def magnet(self):
        return self.configuration

    def slowest_angle_rate(self):
        return 0.8

    def helium(self):
        self.asked.append("helium")
        return self.level

    def measure_helium(self):
        self.sent.append("measure helium")

    def close(self):
        self.closed = True


class FakeServer:
    """A MultiPyVu server in process; `open` is the factory of streams to it."""

    def __init__(self) -> None:
        self.answers = {
            "TEMP?": "300.0,K,Stable",
            "FIELD?": "0.0,Oe,Holding (driven)",
            "POSITION?": "12.5,Deg,Transport stopped at set point",
            "CHAMBER?": "0.0,,Purged and Sealed",
            "TEMP_SETPOINTS?": "(300.0, 6.0, 0),K,Call was successful",
            "FIELD_SETPOINTS?": "(0.0, 40.0, 0, 1),Oe,Call was successful",
        }
        self.start = "Connected to PPMS MultiVuServer at ('127.0.0.1', 27183)"
        self.requests: list[tuple[str, str]] = []
        self.confirmed: list[str] = []
        self.ids: list[str] = []
        self.times: list[float] = []
        self.connections = 0
        self.closed = 0
        self.piece = 10_000
        self.drop_requests = 0
        self.drop_confirmations = 0
        self.mute = False
        self.before: Callable[[dict[str, str]], list[dict[str, str]]] = lambda _request: []
        self.clock: VirtualClock | None = None

    def open(self):
        self.connections += 1
        return FakeStream(self)

    def actions(self) -> list[str]:
        return [action for action, _ in self.requests]

    def serve(self, body: dict[str, str]) -> list[dict[str, str]]:
        if body.get("message_type") == "confirmed":
            self.confirmed.append(body["id"])
            return []
        self.requests.append((body["action"], body["query"]))
        self.ids.append(body["id"])
        if self.clock is not None:
            self.times.append(self.clock.now())
        if self.mute:
            return []
        if self.drop_requests:
            self.drop_requests -= 1
            return []
        replies = self.before(body)
        if self.drop_confirmations:
            self.drop_confirmations -= 1
        else:
            replies.append({**body, "message_type": "confirmed"})
        replies.append({**body, **self.completed(body), "message_type": "completed"})
        return replies

    def completed(self, body):
        action, query = body["action"], body["query"]
        if action == "START":
            return {"query": "3.8.0;s;t", "result": self.start}
        if action == "CLOSE":
            return {"query": "CLOSE", "result": ""}
        if action == "TEMP":
            t, rate, approach = query.split(",")
            self.answers["TEMP_SETPOINTS?"] = f"({float(t)}, {float(rate)}, {approach}),K,ok"
        if action == "FIELD":
            h, rate, approach, mode = query.split(",")
            numbers = f"({float(h)}, {float(rate)}, {approach}, {mode})"
            self.answers["FIELD_SETPOINTS?"] = f"{numbers},Oe,ok"
        return {"result": self.answers.get(action, f"{action} Command Received")}


class FakeStream:
    def __init__(self, server: FakeServer) -> None:
        self._server = server
        self._out = b""

    def send(self, data: bytes) -> None:
        start = 2 + int.from_bytes(data[:2], "big")
        header = json.loads(data[2:start])
        assert set(header) == {
            "byteorder",
            "message-type",
            "message-encoding",
            "message-length",
        }
        assert len(data) == start + header["message-length"]
        for reply in self._server.serve(json.loads(data[start:])):
            self._out += frame(reply)

    def receive(self, timeout: float) -> bytes:
        if not self._out and self._server.clock is not None:
            self._server.clock.elapse(timeout)
        piece, self._out = self._out[: self._server.piece], self._out[self._server.piece :]
        return piece

    def close(self) -> None:
        self._server.closed += 1


def frame(body: dict[str, str]) -> bytes:
    """Return a frame as the server makes it."""
    content = json.dumps(body).encode()
    header = json.dumps(
        {
            "byteorder": "little",
            "message-type": "text/json",
            "message-encoding": "utf-8",
            "message-length": len(content),
        }
    ).encode()
    return len(header).to_bytes(2, "big") + header + content


class FakeModel6000:
    """A Model 6000 on a bus: silent setters, replies that the test can spoil."""

    resource = "GPIB0::15::INSTR"

    def __init__(self) -> None:
        self.items = {0: 4417.0, 1: 300.0, 2: 0.0, 3: 12.5, 23: 299.5}
        self.stale_items: set[int] = set()
        self.answers = {
            "TEMP?": "300.0,6.0,0",
            "FIELD?": "0.0,40.0,0,1",
            "MOVE?": "12.5,0,0",
            "MOVECFG?": "1,0.05,370,1",
            "MAGCNF?": "140000,1490,35,1.0,1.0,20,20",
            "LEVEL?": "71.5,1",
        }
        self.received: list[str] = []
        self.spoil: Callable[[str, str], str | None] = lambda _query, reply: reply
        self.lag = False
        self._pending: list[bytes] = []
        self._held: list[bytes] = []
        self.time = 100.0

    def write(self, message: bytes) -> None:
        text = message.decode().strip()
        self.received.append(text)
        if not text.split()[0].endswith("?"):
            self.place(text)
            return
        reply = self.spoil(text, self._reply(text))
        if reply is not None:
            self._pending.append(reply.encode())

    def read(self) -> bytes | None:
        return self._pending.pop(0) if self._pending else None

    def serial_poll(self) -> int:
        return 0

    def clear(self) -> None:
        self._pending.clear()

    def latency(self, message: bytes) -> float:
        return 0.01

    def late(self, reply: str) -> None:
        """Leave an old reply in the output, so that everything after it comes one too late."""
        self._pending.append(reply.encode())

    def place(self, text: str) -> None:
        name, *arguments = text.split()
        if f"{name}?" in self.answers:
            self.answers[f"{name}?"] = ",".join(arguments)

    def _reply(self, text: str) -> str:
        if text.startswith("GETDAT?"):
            self.time += 1.0
            mask = int(text.split()[1])
            items = [n for n in sorted(self.items) if mask >> n & 1 and n not in self.stale_items]
            values = ",".join(f"{self.items[n]:.6g}" for n in items)
            mask = sum(1 << n for n in items)
            return f"{mask},{self.time}" + (f",{values};" if values else ";")
        return self.answers[text] + ";"


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def link() -> FakeLink:
    return FakeLink()


@pytest.fixture
def cryostat(link: FakeLink, clock: VirtualClock) -> Cryostat:
    return Cryostat(link, clock)


@pytest.fixture
def server(clock: VirtualClock) -> FakeServer:
    made = FakeServer()
    made.clock = clock
    return made


@pytest.fixture
def model6000() -> FakeModel6000:
    return FakeModel6000()


@pytest.fixture
def generator() -> np.random.Generator:
    return np.random.default_rng(1)
