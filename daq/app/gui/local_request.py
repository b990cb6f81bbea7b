"""One request to a process on this computer, without a thread and without waiting."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from qtpy import QtCore, QtNetwork

from daq.app.gui.work import timer
from daq.campaign.control_port import address_file
from daq.campaign.local_port import HOST, Listening, listening

Answered = Callable[[Mapping[str, Any]], None]
Refused = Callable[[str], None]
RUNNER = 5000
"""Longest time in ms for an answer of a runner."""
DELIVER = 300
"""Longest time in ms for a last word to a process on this computer when the window closes."""


class LocalRequest(QtCore.QObject):
    """Say something to a process on this computer, and hand its answer on.

    Parameters
    ----------
    there
        Where it listens.
    said
        What to say, with ``do``.
    patience
        Longest time in ms to wait for the answer.
    parent
        Who owns it.
    """

    def __init__(
        self,
        there: Listening,
        said: Mapping[str, Any],
        patience: int,
        parent: QtCore.QObject,
    ) -> None:
        super().__init__(parent)
        self.over = False
        self.silent = False
        """Whether it is over because no answer came in time."""
        self.age = QtCore.QElapsedTimer()
        self.age.start()
        self._pid = there.owner.pid
        self._line = json.dumps({**said, "token": there.token}).encode() + b"\n"
        self._handlers: tuple[Answered, Refused] = (lambda _: None, lambda _: None)
        self._found = b""
        self._seconds = patience / 1000.0
        self._patience = timer(self, patience)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self._too_late)
        self._socket = QtNetwork.QTcpSocket(self)
        self._socket.connected.connect(self._say)
        self._socket.readyRead.connect(self._read)
        self._socket.disconnected.connect(self._gone)
        self._socket.error.connect(self._gone)
        self._patience.start()
        self._socket.connectToHost(HOST, there.port)

    def then(self, answered: Answered, refused: Refused) -> "LocalRequest":
        """Tell who takes the answer, or in words why there is none."""
        self._handlers = (answered, refused)
        return self

    def deliver(self) -> None:
        """See that what is said has left this program, and take no answer."""
        self._handlers = (lambda _: None, lambda _: None)
        if self.over:
            return
        if self._socket.waitForConnected(DELIVER):
            self._socket.waitForBytesWritten(DELIVER)
        self.close()

    def close(self) -> None:
        """Take no answer any more; nothing happens if it has come."""
        if self.over:
            return
        self.over = True
        self._patience.stop()
        self._socket.blockSignals(True)  # noqa: FBT003 (Qt)
        self._socket.abort()

    def _say(self) -> None:
        self._socket.write(self._line)

    def _read(self) -> None:
        self._found += bytes(self._socket.readAll().data())
        if not self._found.endswith(b"\n"):
            return
        try:
            answer = json.loads(self._found)
        except ValueError:
            answer = {"ok": False, "error": "the answer was no JSON"}
        if answer.get("ok"):
            self._end(answer, "")
        else:
            self._end({}, str(answer.get("error", "no reason was given")))

    def _gone(self) -> None:
        if not self.over:
            self._read()
        self._end({}, f"process {self._pid} has ended, or closed the line, before it answered")

    def _too_late(self) -> None:
        self.silent = True
        self._end({}, f"process {self._pid} has not answered for {self._seconds:g} s")

    def _end(self, answer: Mapping[str, Any], error: str) -> None:
        if self.over:
            return
        self.close()
        answered, refused = self._handlers
        if error:
            refused(error)
        else:
            answered(answer)
        self.deleteLater()


def to_runner(
    campaign: Path, said: Mapping[str, Any], parent: QtCore.QObject
) -> LocalRequest | None:
    """Say something to the runner of a campaign.

    Parameters
    ----------
    campaign
        Its folder.
    said
        What to say, with ``do``.
    parent
        Who owns the request.

    Returns
    -------
    LocalRequest or None
        None if the campaign does not run on this computer.
    """
    there = listening(address_file(campaign))
    return None if there is None else LocalRequest(there, said, RUNNER, parent)
