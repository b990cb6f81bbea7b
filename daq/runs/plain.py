"""JSON that reads the same everywhere: plain values only, no NaN, one format number."""

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import PurePath
from typing import Any

from instruments.errors import StorageError

FORMAT = 1
"""The number that every JSON, journal and YAML file carries."""


def plain(value: Any) -> Any:
    """Turn a value into what JSON knows.

    Infinite and undefined numbers become the texts ``inf``, ``-inf`` and ``nan``, because JSON has
    no others; numpy's numbers and arrays become Python's.

    Parameters
    ----------
    value
        Numbers, text, None, times, paths, enums, dataclasses, and mappings and sequences of them.

    Returns
    -------
    Any
        The same as None, bool, int, float, str, list and dict.

    Raises
    ------
    StorageError
        There is something else in it.
    """
    if value is None or isinstance(value, bool | int | str):
        return _single(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return plain(_unwrapped(value))


def _single(value: Any) -> Any:
    return plain(value.value) if isinstance(value, Enum) else value


def _unwrapped(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, PurePath):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: getattr(value, item.name) for item in fields(value)}
    if hasattr(value, "tolist"):  # numpy's numbers and arrays
        return value.tolist()
    raise StorageError(
        f"a value of type {type(value).__name__} cannot be kept as JSON;"
        " give numbers, text, lists and mappings"
    )


def to_line(value: Mapping[str, Any]) -> bytes:
    """Return a mapping as one line of JSON with its line end."""
    return json.dumps(plain(value), ensure_ascii=False, allow_nan=False).encode() + b"\n"


def to_document(value: Mapping[str, Any]) -> bytes:
    """Return a mapping as indented JSON."""
    return json.dumps(plain(value), ensure_ascii=False, allow_nan=False, indent=2).encode() + b"\n"


def check_format(document: Mapping[str, Any], source: str) -> None:
    """Refuse a document that a newer version has written.

    Parameters
    ----------
    document
        What has been read.
    source
        The file, for the message.

    Raises
    ------
    StorageError
        The format number is missing, no number, or newer than `FORMAT`.
    """
    number = document.get("format")
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise StorageError(
            f"{source}: found format {number!r}, expected a number from 1 to {FORMAT}"
        )
    if number > FORMAT:
        raise StorageError(
            f"{source}: written in format {number}, and this version reads up to {FORMAT};"
            " open it with a newer Coldpoint"
        )
