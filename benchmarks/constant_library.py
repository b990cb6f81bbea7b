"""The smallest PyVISA library in process: every read answers the same bytes."""
# ruff: noqa: ARG002 (the signatures are those of PyVISA)

import itertools
from typing import Any

from pyvisa import rname
from pyvisa.constants import ResourceAttribute, StatusCode
from pyvisa.highlevel import VisaLibraryBase
from pyvisa.util import LibraryPath

_paths = itertools.count(1)


class ConstantLibrary(VisaLibraryBase):
    """Answer every question with `reply`: what PyVISA and pymeasure cost by themselves."""

    reply: bytes

    @classmethod
    def answering(cls, reply: bytes) -> "ConstantLibrary":
        """Return a library of its own that answers `reply`."""
        library = cls(LibraryPath(f"constant {next(_paths)}", "coldpoint"))
        assert isinstance(library, cls)  # noqa: S101 (VisaLibraryBase.__new__ is typed as the base)
        library.reply = reply
        return library

    def _init(self) -> None:
        self._handles = itertools.count(1)
        self._attributes: dict[Any, dict[Any, Any]] = {}

    def open_default_resource_manager(self) -> Any:
        """Return a session for the resource manager."""
        return next(self._handles), StatusCode.success

    def list_resources(self, session: Any, query: str = "?*::INSTR") -> tuple[str, ...]:
        """Return nothing: whatever is asked for is there."""
        return ()

    def open(self, session: Any, resource_name: str, *args: Any) -> Any:
        """Open anything."""
        parsed = rname.ResourceName.from_string(resource_name)
        handle = next(self._handles)
        self._attributes[handle] = {
            ResourceAttribute.timeout_value: 2000,
            ResourceAttribute.termchar: 10,
            ResourceAttribute.termchar_enabled: 0,
            ResourceAttribute.send_end_enabled: 1,
            ResourceAttribute.suppress_end_enabled: 0,
            ResourceAttribute.interface_type: parsed.interface_type_const,
            ResourceAttribute.resource_name: resource_name,
            ResourceAttribute.resource_class: parsed.resource_class,
        }
        return handle, self.handle_return_value(handle, StatusCode.success)

    def close(self, session: Any) -> StatusCode:
        """Close anything."""
        return StatusCode.success

    def write(self, session: Any, data: bytes) -> Any:
        """Take anything."""
        return len(data), self.handle_return_value(session, StatusCode.success)

    def read(self, session: Any, count: int) -> Any:
        """Answer the constant."""
        return self.reply, self.handle_return_value(session, StatusCode.success)

    def get_attribute(self, session: Any, attribute: Any) -> Any:
        """Return an attribute of the session."""
        return self._attributes[session][attribute], StatusCode.success

    def set_attribute(self, session: Any, attribute: Any, attribute_state: Any) -> StatusCode:
        """Hold an attribute of the session."""
        self._attributes[session][attribute] = attribute_state
        return self.handle_return_value(session, StatusCode.success)

    def disable_event(self, session: Any, event_type: Any, mechanism: Any) -> StatusCode:
        """Do nothing."""
        return StatusCode.success

    def discard_events(self, session: Any, event_type: Any, mechanism: Any) -> StatusCode:
        """Do nothing."""
        return StatusCode.success
