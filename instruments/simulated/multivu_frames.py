"""Frames of the MultiPyVu wire protocol: two bytes of length, a JSON header, a JSON body."""

import json
import struct
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

Body = dict[str, Any]
_LENGTH = struct.Struct(">H")
_TO_JSON = json.JSONEncoder().encode
_FROM_JSON = json.JSONDecoder().decode
_REQUIRED = ("byteorder", "message-type", "message-encoding", "message-length")


class FrameError(ValueError):
    """Raise when bytes cannot be a frame; the rest of the stream cannot be understood either."""


def encode(body: Mapping[str, Any]) -> bytes:
    """Return one frame that carries `body`."""
    content = _TO_JSON(body).encode("utf-8")
    return _head(len(content)) + content


@lru_cache(maxsize=512)
def _head(size: int) -> bytes:
    """Return what stands in front of a body of `size` bytes."""
    fields = {
        "byteorder": "little",
        "message-type": "text/json",
        "message-encoding": "utf-8",
        "message-length": size,
    }
    header = _TO_JSON(fields).encode("utf-8")
    return _LENGTH.pack(len(header)) + header


@lru_cache(maxsize=512)
def _size(content: bytes) -> int:
    """Return the size of the body behind a header."""
    header = _decoded(content)
    missing = [key for key in _REQUIRED if key not in header]
    if missing:
        raise FrameError(f"a frame header lacks {missing[0]}; found {sorted(header)}")
    size = header["message-length"]
    if not isinstance(size, int) or size < 0:
        raise FrameError(f"a frame header gives the length {size!r}; expected a whole number")
    return size


class FrameReader:
    """Put frames together again from pieces of any length."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[Body]:
        """Take the next bytes and return the bodies that they complete.

        Raises `FrameError` when header or body are not what they should be.
        """
        self._buffer += data
        bodies: list[Body] = []
        while (body := self._next()) is not None:
            bodies.append(body)
        return bodies

    def _next(self) -> Body | None:
        if len(self._buffer) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._buffer)
        start = _LENGTH.size + length
        if len(self._buffer) < start:
            return None
        size = _size(self._buffer[_LENGTH.size : start])
        if len(self._buffer) < start + size:
            return None
        body = _decoded(self._buffer[start : start + size])
        self._buffer = self._buffer[start + size :]
        return body


def _decoded(content: bytes) -> Body:
    try:
        decoded = _FROM_JSON(content.decode("utf-8"))
    except ValueError as error:
        raise FrameError(f"a frame is no JSON: {content[:40]!r}") from error
    if not isinstance(decoded, dict):
        raise FrameError(f"a frame is no JSON object: {content[:40]!r}")
    return decoded
