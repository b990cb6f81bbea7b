"""Frames of MultiPyVu: two bytes of length, a JSON header, a JSON body.

A frame may arrive in pieces and two frames may arrive as one; `FrameReader` puts them together.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from instruments.errors import DesynchronisedError

LONGEST = 1_000_000
"""Longest body in bytes that is believed."""
_TO_JSON = json.JSONEncoder().encode
_FROM_JSON = json.JSONDecoder().decode


@dataclass(frozen=True, slots=True)
class Message:
    """The body of a frame.

    Parameters
    ----------
    id
        Shared by a request and all its replies.
    action
        Such as ``TEMP?``.
    query
        The arguments.
    result
        The answer.
    type
        "confirmed" or "completed" in a reply; empty in a request.
    """

    id: str
    action: str
    query: str = ""
    result: str = ""
    type: str = ""


def encode(message: Message) -> bytes:
    """Return the frame of a message.

    Parameters
    ----------
    message
        What to send.

    Returns
    -------
    bytes
        To be sent in one call.
    """
    kind = f', "message_type": {_TO_JSON(message.type)}' if message.type else ""
    body = (
        f'{{"id": {_TO_JSON(message.id)}, "action": {_TO_JSON(message.action)},'
        f' "query": {_TO_JSON(message.query)}, "result": {_TO_JSON(message.result)}{kind}}}'
    ).encode()
    return _head(len(body)) + body


@lru_cache(maxsize=512)
def _head(length: int) -> bytes:
    """Return what stands in front of a body of `length` bytes."""
    fields = {
        "byteorder": "little",
        "message-type": "text/json",
        "message-encoding": "utf-8",
        "message-length": length,
    }
    header = _TO_JSON(fields).encode()
    return len(header).to_bytes(2, "big") + header


@lru_cache(maxsize=512)
def _length(header: bytes) -> int:
    """Return how many bytes the body behind a header has."""
    length = _object(header).get("message-length")
    if not isinstance(length, int) or not 0 <= length <= LONGEST:
        raise DesynchronisedError(
            f"MultiVu: a frame of {length!r} bytes; the connection must be made anew"
        )
    return length


class FrameReader:
    """Put frames together from pieces."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[Message]:
        """Take a piece and return the messages that are complete now.

        Parameters
        ----------
        data
            As received, cut anywhere.

        Returns
        -------
        list of Message
            In order; often none.

        Raises
        ------
        DesynchronisedError
            The bytes are no frame; the stream is of no more use.
        """
        self._buffer += data
        messages = []
        while (message := self._next()) is not None:
            messages.append(message)
        return messages

    def _next(self) -> Message | None:
        if len(self._buffer) < 2:
            return None
        start = 2 + int.from_bytes(self._buffer[:2], "big")
        if len(self._buffer) < start:
            return None
        end = start + _length(self._buffer[2:start])
        if len(self._buffer) < end:
            return None
        body = _object(self._buffer[start:end])
        self._buffer = self._buffer[end:]
        return Message(
            id=_text(body, "id"),
            action=_text(body, "action"),
            query=_text(body, "query"),
            result=_text(body, "result"),
            type=_text(body, "message_type"),
        )


def _object(data: bytes) -> dict[str, Any]:
    try:
        content = _FROM_JSON(data.decode("utf-8"))
    except ValueError as broken:
        raise DesynchronisedError(
            "MultiVu: a frame that is no JSON; the connection must be made anew"
        ) from broken
    if not isinstance(content, dict):
        raise DesynchronisedError(
            "MultiVu: a frame without fields; the connection must be made anew"
        )
    return content


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name, "")
    return value if isinstance(value, str) else str(value)
