"""A tiny procedure and station on which runs are tested."""

import threading
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from pymeasure.experiment import FloatParameter, IntegerParameter, Procedure

from daq.runs.campaign_folder import CampaignFolder
from daq.runs.durability import Disk
from daq.runs.run_file import Storage
from instruments.clock import VirtualClock
from instruments.errors import StorageError
from instruments.waiting import Events, Progress, Record, Wait

COLUMNS = ["Current (A)", "Bias voltage, integrated (V)", "Status"]


class Resume(Enum):
    CONTINUE = "continue"
    RESTART = "restart"


class Ramp(Procedure):
    maximum = FloatParameter("Maximum current", units="A", default=1e-4)
    points = IntegerParameter("Points", default=3)
    DATA_COLUMNS = COLUMNS
    name = "ramp"
    resume = Resume.CONTINUE
    before: Callable[[int], None] = staticmethod(lambda index: None)
    ending: Callable[[], None] = staticmethod(lambda: None)
    ends = 0

    def check(self, station: Any) -> None:
        pass

    def row(self, index: int) -> dict[str, float | int]:
        current = self.maximum * index / 3
        return dict(zip(COLUMNS, (current, 100.0 * current, index), strict=True))

    def records(self, station: Any) -> Events:
        for index in range(self.points):
            self.before(index)
            yield Wait(station.clock.now() + 1.0, "settle")
            yield Record(self.row(index))
            yield Progress((index + 1) / self.points)

    def end(self, station: Any) -> None:
        self.ends += 1
        self.ending()


class Bench:
    name = "bench"
    contact = "contact 1"

    def __init__(self) -> None:
        self.clock = VirtualClock()

    def snapshot(self) -> dict[str, Any]:
        return {"source": {"compliance": 0.5, "noise": float("nan")}}


class FaultyDisk:
    """A disk whose calls fail when they are told to, and are written down."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.fail: dict[str, Callable[[], bool]] = {}
        self.error = OSError(28, "No space left on device")
        self.real = Disk(sync=lambda descriptor: None, sync_folder=lambda path: None)

    def disk(self) -> Disk:
        return Disk(
            self._seam("write"),
            self._seam("sync"),
            self._seam("truncate"),
            self._seam("rename"),
            self._seam("sync_folder"),
        )

    def _seam(self, name: str) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            self.calls.append(name)
            if self.fail.get(name, lambda: False)():
                raise self.error
            return getattr(self.real, name)(*args)

        return call


@pytest.fixture
def station() -> Bench:
    return Bench()


@pytest.fixture
def ramp() -> type[Ramp]:
    return Ramp


@pytest.fixture
def faulty() -> FaultyDisk:
    return FaultyDisk()


@pytest.fixture
def stop() -> threading.Event:
    return threading.Event()


@pytest.fixture
def campaign(tmp_path: Path, station: Bench, faulty: FaultyDisk) -> Any:
    """A campaign whose disk can be made to fail."""
    storage = Storage(spare=tmp_path / "spare", disk=faulty.disk())
    folder = CampaignFolder.create(
        tmp_path / "data",
        "Zero-bias peak",
        station.clock,
        {"steps": []},
        sequence="title: Zero-bias peak  # mine\r\n",
        station="name: bench\n",
        storage=storage,
    )
    yield folder
    with suppress(StorageError):  # its disk may have died in the test
        folder.close()
