"""The header of a data file, as pymeasure writes and reads it, and the lines at the end."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from daq.runs.plain import plain
from instruments.errors import StorageError

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SETTINGS = "settings"
_QUANTITY = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?inf|nan)(?: .*)?")


class Parameter(Protocol):
    """What a header needs of a pymeasure parameter."""

    @property
    def name(self) -> str:
        """Return the name for people."""
        ...

    @property
    def value(self) -> Any:
        """Return the value in SI units."""
        ...

    def is_set(self) -> bool:
        """Tell whether there is a value."""
        ...


class Described(Protocol):
    """A procedure as far as its files describe it."""

    @property
    def DATA_COLUMNS(self) -> Sequence[str]:  # noqa: N802 (pymeasure's name)
        """Return the names of the columns."""
        ...

    def parameter_objects(self) -> Mapping[str, Any]:
        """Return pymeasure's parameters by keyword."""
        ...


@dataclass(frozen=True, slots=True)
class Header:
    """What stands above the data.

    Parameters
    ----------
    procedure
        Module and class of the procedure.
    parameters
        The settings as text with units, by their name for people.
    metadata
        Whatever else is known, as text.
    columns
        The columns.
    """

    procedure: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()

    @property
    def settings(self) -> dict[str, Any]:
        """Return the settings by keyword; by name for people in a file that we did not write."""
        text = self.metadata.get(_SETTINGS)
        if text is not None:
            settings: dict[str, Any] = json.loads(text)
            return settings
        return {name: _number(value) for name, value in self.parameters.items()}

    def to_bytes(self) -> bytes:
        """Return the lines above the data, the names of the columns included."""
        lines = [f"#Procedure: <{self.procedure}>", "#Parameters:"]
        lines += [_entry(name, value) for name, value in self.parameters.items()]
        lines += ["#Metadata:"]
        lines += [_entry(name, value) for name, value in self.metadata.items()]
        lines += ["#Data:", ",".join(map(_quoted, self.columns))]
        return ("\n".join(lines) + "\n").encode()


def describe(procedure: Described, metadata: Mapping[str, str]) -> Header:
    """Make the header of a run.

    Parameters
    ----------
    procedure
        The procedure with its settings.
    metadata
        What else is to be known; no name may be that of a setting, because pymeasure reads both
        alike.

    Returns
    -------
    Header
        The header; its metadata hold the settings once more, by keyword and without rounding.

    Raises
    ------
    StorageError
        A name is used twice.
    """
    objects = procedure.parameter_objects()
    parameters = {parameter.name: parameter_text(parameter) for parameter in objects.values()}
    values = {key: item.value if item.is_set() else None for key, item in objects.items()}
    everything = {**metadata, _SETTINGS: json.dumps(plain(values), ensure_ascii=False)}
    clash = sorted(set(parameters) & set(everything))
    if clash:
        raise StorageError(
            f"setting {clash[0]!r} has the name of a metadata line;"
            " rename it in the procedure (names begin with a capital letter)"
        )
    kind = type(procedure)
    return Header(
        f"{kind.__module__}.{kind.__qualname__}",
        parameters,
        everything,
        tuple(procedure.DATA_COLUMNS),
    )


def parameter_text(parameter: Parameter) -> str:
    """Return a setting as pymeasure reads it; unlike pymeasure, with all digits of a float."""
    if not parameter.is_set() or type(parameter.value) is not float:
        return str(parameter) if parameter.is_set() else ""
    units = getattr(parameter, "units", None)
    return f"{parameter.value!r} {units}" if units else repr(parameter.value)


def parse_header(lines: Sequence[str], columns: Sequence[str]) -> Header:
    """Read a header.

    Parameters
    ----------
    lines
        The lines above the data, with their ``#`` and without line ends.
    columns
        The columns.

    Returns
    -------
    Header
        What stands in them; unknown lines are passed over.
    """
    procedure = ""
    sections: dict[str, dict[str, str]] = {"Parameters:": {}, "Metadata:": {}}
    section: dict[str, str] = {}
    for line in lines:
        text = line.removeprefix("#")
        if text.startswith("Procedure:"):
            procedure = text.removeprefix("Procedure:").strip().strip("<>")
        elif text.startswith("\t"):
            name, _, value = text[1:].partition(": ")
            section[name] = value
        else:
            section = sections.get(text, {})
    return Header(procedure, sections["Parameters:"], sections["Metadata:"], tuple(columns))


def footer(outcome: str, rows: int) -> bytes:
    """Return the lines below the data."""
    return f"#Outcome: {outcome}\n#Rows: {rows}\n".encode()


def _entry(name: str, value: str) -> str:
    return f"#\t{_one_line(name)}: {_one_line(value)}"


def _quoted(column: str) -> str:
    # pymeasure writes no quotation marks but reads them, so a comma in a name does no harm.
    return f'"{column}"' if "," in column else column


def _one_line(text: str) -> str:
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def _number(text: str) -> float | str:
    found = _QUANTITY.fullmatch(text)
    return float(found[1]) if found else text
