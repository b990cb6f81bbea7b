"""The socket by which others ask a running campaign for something: one line of JSON each way.

It listens on this computer only. Its address and a token are in a file that only the user can read;
who does not know the token is not listened to.
"""

import contextlib
import json
import os
import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast, get_args

import platformdirs

from daq.campaign.control import Control, Request
from daq.runs.lock import Owner
from instruments.errors import ColdpointError, StorageError

HOST = "127.0.0.1"
PATIENCE = 5.0
"""Longest time in s of life that either side waits for the other."""
LONGEST = 65536
_PRIVATE = 0o600


class ControlPort:
    """Listen for requests while a campaign runs; use it as a context manager.

    Parameters
    ----------
    campaign
        Folder of the campaign.
    control
        What is asked for goes there.
    note
        Takes a note for the journal.
    """

    def __init__(self, campaign: Path, control: Control, note: Callable[[str], None]) -> None:
        self._control = control
        self._note = note
        self._token = secrets.token_hex(16)
        self._listener = socket.create_server((HOST, 0))
        self._path = address_file(campaign)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._thread = threading.Thread(target=self._serve, name="control", daemon=True)
        address = {
            "port": self._listener.getsockname()[1],
            "token": self._token,
            "owner": Owner.this_process().to_json(),
        }
        self._path.unlink(missing_ok=True)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(address, file)

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

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed
                return
            with client, contextlib.suppress(OSError):
                client.settimeout(PATIENCE)
                answer = self._answer(_line(client))
                client.sendall(json.dumps(answer).encode() + b"\n")

    def _answer(self, line: bytes) -> Mapping[str, Any]:
        try:
            said = json.loads(line)
            known = secrets.compare_digest(str(said["token"]), self._token)
            what, text = str(said["do"]), str(said.get("text", ""))
        except (ValueError, KeyError, TypeError, AttributeError):
            return {"ok": False, "error": "a request is a line of JSON with token and do"}
        if not known:
            return {"ok": False, "error": "wrong token"}
        if what == "note":
            try:
                self._note(text)
            except StorageError as failure:
                return {"ok": False, "error": str(failure)}
        elif what in get_args(Request):
            self._control.ask(cast("Request", what))
        else:
            return {"ok": False, "error": f"unknown request {what[:40]!r}"}
        return {"ok": True}


def request(campaign: Path, what: str, text: str = "") -> bool:
    """Ask a campaign for something.

    Parameters
    ----------
    campaign
        Its folder.
    what
        ``pause``, ``go on``, ``skip``, ``abort`` or ``note``.
    text
        Of a note.

    Returns
    -------
    bool
        False if the campaign is not running on this computer.

    Raises
    ------
    ColdpointError
        It runs, and refuses or does not answer.
    """
    try:
        address = json.loads(address_file(campaign).read_text(encoding="utf-8"))
        owner = Owner.from_json(str(address["owner"]))
    except (OSError, ValueError, KeyError):
        return False
    if owner is None or not owner.is_alive():
        return False
    said = {"token": address["token"], "do": what, "text": text}
    try:
        with socket.create_connection((HOST, address["port"]), PATIENCE) as server:
            server.sendall(json.dumps(said).encode() + b"\n")
            answer = json.loads(_line(server))
    except (OSError, ValueError) as failure:
        raise ColdpointError(
            f"{campaign.name} runs as process {owner.pid} but does not answer ({failure}); if it"
            " hangs its guardian will end it"
        ) from failure
    if not answer.get("ok"):
        raise ColdpointError(f"{campaign.name}: {answer.get('error')}")
    return True


def address_file(campaign: Path) -> Path:
    """Return where address and token of a running campaign are kept."""
    name = f"{campaign.resolve().name}.json"
    return platformdirs.user_state_path("coldpoint") / "control" / name


def _line(connection: socket.socket) -> bytes:
    """Read up to the end of a line; a line that never ends is cut."""
    found = b""
    while not found.endswith(b"\n") and len(found) < LONGEST:
        more = connection.recv(4096)
        if not more:
            break
        found += more
    return found
