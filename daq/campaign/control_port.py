"""The socket by which others ask a running campaign for something: one line of JSON each way."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast, get_args

import platformdirs

from daq.campaign.control import Control, Request
from daq.campaign.local_port import LocalPort, ask
from instruments.errors import StorageError


class ControlPort(LocalPort):
    """Listen for requests while a campaign runs; use it as a context manager.

    Parameters
    ----------
    campaign
        Folder of the campaign.
    control
        What is asked for goes there.
    note
        Takes a note for the journal: its text, and what rows it is about.
    state
        Returns what the station is set to, without a question to any instrument.
    """

    def __init__(
        self,
        campaign: Path,
        control: Control,
        note: Callable[[str, Mapping[str, Any]], None],
        state: Callable[[], Mapping[str, Any]] = dict,
    ) -> None:
        self._control = control
        self._note = note
        self._state = state
        super().__init__(address_file(campaign), self._carry_out, "control")

    def _carry_out(self, said: Mapping[str, Any]) -> Mapping[str, Any]:
        what = said["do"]
        if what == "note":
            about = said.get("about")
            try:
                self._note(str(said.get("text", "")), about if isinstance(about, dict) else {})
            except StorageError as failure:
                return {"ok": False, "error": str(failure)}
        elif what == "state":
            return {"ok": True, "state": self._state()}
        elif what in get_args(Request):
            self._control.ask(cast("Request", what))
        else:
            return {"ok": False, "error": f"unknown request {what[:40]!r}"}
        return {"ok": True}


def request(
    campaign: Path, what: str, text: str = "", about: Mapping[str, Any] | None = None
) -> bool:
    """Ask a campaign for something.

    Parameters
    ----------
    campaign
        Its folder.
    what
        ``pause``, ``go on``, ``skip``, ``abort`` or ``note``.
    text
        Of a note.
    about
        What rows it is about, as `daq.runs.remarks.about` says it.

    Returns
    -------
    bool
        False if the campaign is not running on this computer.

    Raises
    ------
    ColdpointError
        It runs, and refuses or does not answer.
    """
    said = {"do": what, "text": text, "about": about or {}}
    return ask(address_file(campaign), said, whom=campaign.name) is not None


def address_file(campaign: Path) -> Path:
    """Return where address and token of a running campaign are kept."""
    name = f"{campaign.resolve().name}.json"
    return platformdirs.user_state_path("coldpoint") / "control" / name
