"""A port on this computer that answers lines of JSON to who knows its token.

Address and token are in a file that only the user can read; who does not know the token is not
listened to.
"""

import contextlib
import json
import os
import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from daq.runs.lock import Owner
from instruments.errors import ColdpointError, StorageError, one_line

HOST = "127.0.0.1"
PATIENCE = 5.0
"""Longest time in s of life that either side waits for the other."""
LONGEST = 1 << 20
_PRIVATE = 0o600

Answer = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class LocalPort:
    """Listen while the context lasts.

    Parameters
    ----------
    address_file
        Where address and token are kept.
    answer
        Is told what was said, and returns what to say; called in the thread of the port.
    name
        Of the thread.
    together
        Whether several may be answered at once, each in a thread of its own; `answer` must bear it.

    Raises
    ------
    StorageError
        The address cannot be written.
    """

    def __init__(
        self, address_file: Path, answer: Answer, name: str, *, together: bool = False
    ) -> None:
        self._answer_to = answer
        self._together = together
        self._token = secrets.token_hex(16)
        self._path = address_file
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._listener = socket.create_server((HOST, 0))
        try:
            self._tell_address()
        except OSError as failure:
            self._listener.close()
            raise StorageError(
                f"{address_file} cannot be written: {failure}; free space or check the disk"
            ) from failure

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(PATIENCE)

    def _tell_address(self) -> None:
        address = {
            "port": self._listener.getsockname()[1],
            "token": self._token,
            "owner": Owner.this_process().to_json(),
        }
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.unlink(missing_ok=True)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(address, file)

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed
                return
            if self._together:
                threading.Thread(
                    target=self._attend, args=(client,), name="client", daemon=True
                ).start()
            else:
                self._attend(client)

    def _attend(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            client.settimeout(PATIENCE)
            client.sendall(self._reply(_line(client)) + b"\n")

    def _reply(self, line: bytes) -> bytes:
        try:
            return json.dumps(self._answer(line)).encode()
        except Exception as failure:  # noqa: BLE001 (people stop a run through this port: one request must not end it)
            why = f"the request could not be answered: {one_line(failure)}"
            return json.dumps({"ok": False, "error": why}).encode()

    def _answer(self, line: bytes) -> Mapping[str, Any]:
        try:
            said = json.loads(line)
            known = secrets.compare_digest(str(said["token"]), self._token)
            said = {**said, "do": str(said["do"])}
        except (ValueError, KeyError, TypeError, AttributeError):
            return {"ok": False, "error": "a request is a line of JSON with token and do"}
        if not known:
            return {"ok": False, "error": "wrong token"}
        return self._answer_to(said)


@dataclass(frozen=True, slots=True)
class Listening:
    """Where a process on this computer listens.

    Parameters
    ----------
    port
        On the loopback interface.
    token
        That it wants to hear.
    owner
        The process.
    """

    port: int
    token: str
    owner: Owner


def listening(address_file: Path) -> Listening | None:
    """Return where the process of an address file listens; None if nobody living does."""
    try:
        address = json.loads(address_file.read_text(encoding="utf-8"))
        owner = Owner.from_json(str(address["owner"]))
        port, token = int(address["port"]), str(address["token"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return None if owner is None or not owner.is_alive() else Listening(port, token, owner)


def ask(
    address_file: Path, said: Mapping[str, Any], *, whom: str, patience: float = PATIENCE
) -> Mapping[str, Any] | None:
    """Say something to the process that listens.

    Parameters
    ----------
    address_file
        Where its address is kept.
    said
        What to say, with ``do``.
    whom
        Its name, for messages.
    patience
        Longest time in s to wait for the answer.

    Returns
    -------
    mapping or None
        The answer; None if nobody living listens on this computer.

    Raises
    ------
    ColdpointError
        It refuses or does not answer.
    """
    there = listening(address_file)
    if there is None:
        return None
    owner = there.owner
    try:
        with socket.create_connection((HOST, there.port), patience) as server:
            server.sendall(json.dumps({**said, "token": there.token}).encode() + b"\n")
            answer: Mapping[str, Any] = json.loads(_line(server))
    except (OSError, ValueError) as failure:
        raise ColdpointError(
            f"{whom} runs as process {owner.pid} but does not answer ({failure}); if it"
            " hangs its guardian will end it"
        ) from failure
    if not answer.get("ok"):
        raise ColdpointError(f"{whom}: {answer.get('error')}")
    return answer


def _line(connection: socket.socket) -> bytes:
    """Read up to the end of a line; a line that never ends is cut."""
    found = b""
    while not found.endswith(b"\n") and len(found) < LONGEST:
        more = connection.recv(4096)
        if not more:
            break
        found += more
    return found
