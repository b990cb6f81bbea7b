"""A PyVISA library in process: the twins of one bench behind ordinary VISA resources."""

import itertools
import threading
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from pyvisa import constants, errors, rname
from pyvisa.constants import EventAttribute, ResourceAttribute, StatusCode
from pyvisa.highlevel import VisaLibraryBase
from pyvisa.typing import VISARMSession, VISASession
from pyvisa.util import LibraryPath

from instruments.clock import Clock
from instruments.simulated.device import Device

_paths = itertools.count(1)


@dataclass(slots=True)
class _Session:
    name: str
    device: Device
    attributes: dict[ResourceAttribute | EventAttribute, Any] = field(default_factory=dict)
    pending: bytes = b""


class SimulatedVisaLibrary(VisaLibraryBase):
    """Serve the devices of one bench; make one with `SimulatedVisaLibrary.serving`.

    Every library has a path of its own, so that two benches in one process share nothing. Every
    operation lets the modelled time pass on the clock of the bench; a read with nothing to say lets
    the whole time-out pass, so that any polling loop ends.
    """

    devices: dict[str, Device]
    clock: Clock
    bus_lock: AbstractContextManager[Any]
    extra_latency: float
    learned: dict[str, float]
    """By canonical name of the resource: time in s of a quick message, instead of the model's."""
    pace: float
    """Factor on the time of every message: a bus that is slower or faster than modelled."""

    @classmethod
    def serving(
        cls,
        devices: Iterable[Device],
        clock: Clock,
        *,
        lock: AbstractContextManager[Any] | None = None,
        latency: float = 0.0,
    ) -> "SimulatedVisaLibrary":
        """Make a library that serves `devices`.

        Parameters
        ----------
        devices
            The twins; each knows its resource name.
        clock
            The clock of their bench.
        lock
            The lock of their bench; one of its own if omitted.
        latency
            Added to the modelled time of every operation in s.

        Returns
        -------
        SimulatedVisaLibrary
            A library with a path of its own.
        """
        library = cls(LibraryPath(f"simulated bench {next(_paths)}", "coldpoint"))
        assert isinstance(library, cls)  # noqa: S101 (VisaLibraryBase.__new__ is typed as the base)
        library.devices = {_canonical(device.resource): device for device in devices}
        library.clock = clock
        library.bus_lock = threading.RLock() if lock is None else lock
        library.extra_latency = latency
        library.learned = {}
        library.pace = 1.0
        return library

    def _init(self) -> None:
        self._sessions: dict[VISASession, _Session] = {}
        self._handles = itertools.count(1)
        self.devices = {}

    def open_default_resource_manager(self) -> tuple[VISARMSession, StatusCode]:
        """Return a session for the resource manager."""
        return VISARMSession(next(self._handles)), StatusCode.success

    def list_resources(self, session: VISARMSession, query: str = "?*::INSTR") -> tuple[str, ...]:
        """Return the names of the resources that match `query`."""
        return tuple(rname.filter(list(self.devices), query))

    def open(
        self,
        session: VISARMSession,
        resource_name: str,
        access_mode: constants.AccessModes = constants.AccessModes.no_lock,
        open_timeout: int = constants.VI_TMO_IMMEDIATE,
    ) -> tuple[VISASession, StatusCode]:
        """Open a resource; an address where nothing stands is not found."""
        name = _canonical(resource_name)
        if name not in self.devices:
            raise errors.VisaIOError(StatusCode.error_resource_not_found)
        handle = VISASession(next(self._handles))
        parsed = rname.ResourceName.from_string(resource_name)
        attributes: dict[ResourceAttribute | EventAttribute, Any] = {
            ResourceAttribute.timeout_value: 2000,
            ResourceAttribute.termchar: 10,
            ResourceAttribute.termchar_enabled: constants.VI_FALSE,
            ResourceAttribute.send_end_enabled: constants.VI_TRUE,
            ResourceAttribute.suppress_end_enabled: constants.VI_FALSE,
            ResourceAttribute.interface_type: parsed.interface_type_const,
            ResourceAttribute.resource_name: name,
            ResourceAttribute.resource_class: parsed.resource_class,
        }
        self._sessions[handle] = _Session(name, self.devices[name], attributes)
        return handle, self.handle_return_value(handle, StatusCode.success)

    def close(self, session: Any) -> StatusCode:
        """Close a session; the device stays as it is."""
        self._sessions.pop(session, None)
        return StatusCode.success

    def write(self, session: VISASession, data: bytes) -> tuple[int, StatusCode]:
        """Send a program message and let its time pass."""
        opened = self._sessions[session]
        with self.bus_lock:
            self.clock.elapse(self.pace * self._latency(opened, data))
            opened.device.write(data)
        return len(data), self._succeeded(session)

    def read(self, session: VISASession, count: int) -> tuple[bytes, StatusCode]:
        """Read up to `count` bytes of the pending reply, or time out."""
        opened = self._sessions[session]
        with self.bus_lock:
            if not opened.pending:
                opened.pending = self._wait(opened)
        chunk = opened.pending[:count]
        if opened.attributes[ResourceAttribute.termchar_enabled]:
            mark = bytes([opened.attributes[ResourceAttribute.termchar]])
            head, found, _ = chunk.partition(mark)
            if found:
                chunk = head + found
                opened.pending = opened.pending[len(chunk) :]
                return chunk, self.handle_return_value(
                    session, StatusCode.success_termination_character_read
                )
        opened.pending = opened.pending[len(chunk) :]
        if not opened.pending:
            return chunk, self._succeeded(session)
        return chunk, self.handle_return_value(session, StatusCode.success_max_count_read)

    def read_stb(self, session: VISASession) -> tuple[int, StatusCode]:
        """Poll the status byte."""
        opened = self._sessions[session]
        with self.bus_lock:
            self.clock.elapse(SERIAL_POLL)
            status = opened.device.serial_poll()
        return status, self._succeeded(session)

    def clear(self, session: VISASession) -> StatusCode:
        """Clear the device and what has been read of it."""
        opened = self._sessions[session]
        opened.pending = b""
        with self.bus_lock:
            opened.device.clear()
        return self.handle_return_value(session, StatusCode.success)

    def flush(self, session: VISASession, mask: constants.BufferOperation) -> StatusCode:
        """Drop what has been read of the device."""
        self._sessions[session].pending = b""
        return self.handle_return_value(session, StatusCode.success)

    def get_attribute(
        self, session: Any, attribute: ResourceAttribute | EventAttribute
    ) -> tuple[Any, StatusCode]:
        """Return an attribute of the session."""
        opened = self._sessions.get(session)
        if opened is None or attribute not in opened.attributes:
            raise errors.VisaIOError(StatusCode.error_nonsupported_attribute)
        return opened.attributes[attribute], StatusCode.success

    def set_attribute(
        self, session: VISASession, attribute: ResourceAttribute, attribute_state: Any
    ) -> StatusCode:
        """Hold an attribute of the session."""
        self._sessions[session].attributes[attribute] = attribute_state
        return self.handle_return_value(session, StatusCode.success)

    def disable_event(self, session: VISASession, event_type: Any, mechanism: Any) -> StatusCode:
        """Do nothing: a simulated bus has no events."""
        return StatusCode.success

    def discard_events(self, session: VISASession, event_type: Any, mechanism: Any) -> StatusCode:
        """Do nothing: a simulated bus has no events."""
        return StatusCode.success

    def _succeeded(self, session: VISASession) -> StatusCode:
        """Note plain success, as `handle_return_value` does for every code at some expense."""
        self._last_status = self._last_status_in_session[session] = StatusCode.success
        return StatusCode.success

    def learn(self, seconds: Mapping[str, float]) -> None:
        """Let quick messages take the stated time in s, by resource; slow ones stay modelled."""
        self.learned = {_canonical(resource): time for resource, time in seconds.items()}

    def _latency(self, opened: _Session, data: bytes) -> float:
        modelled = opened.device.latency(data) + self.extra_latency
        if self.learned and modelled <= QUICK:
            return self.learned.get(opened.name, modelled)
        return modelled

    def _wait(self, opened: _Session) -> bytes:
        reply = opened.device.read()
        if reply is None:
            timeout = opened.attributes[ResourceAttribute.timeout_value]
            self.clock.elapse(min(timeout, 3_600_000) / 1000.0)
            raise errors.VisaIOError(StatusCode.error_timeout)
        return reply


QUICK = 0.05
"""Longest modelled time in s of a message whose time may be learned: the others do something."""
SERIAL_POLL = 0.5e-3
"""Modelled time of a serial poll in s (assumed)."""


def _canonical(resource: str) -> str:
    return str(rname.to_canonical_name(resource))
