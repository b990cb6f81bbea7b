"""Tell people who are not there; whoever carries the messages never holds up a point.

The address is a secret: it is read from an environment variable when a campaign begins, and neither
written nor told by anything here.
"""

import logging
import os
import threading
import warnings
from collections.abc import Callable
from typing import Protocol

from daq.config.notify import variable_name
from daq.config.problem import UnacceptableError
from daq.runs.observers import Observer
from instruments.clock import Clock
from instruments.errors import ColdpointError, ConfigurationError
from instruments.waiting import Progress

HANG = 60.0
"""Time in s of life after which a message that is on its way counts as stuck."""
ROOM = 20
"""Messages that may wait."""
FAREWELL = 15.0
"""Longest time in s of life that the last messages are waited for."""
TRIES = 3
PAUSE = 5.0
"""Time in s between two tries at one message."""


class Notifier(Protocol):
    """Whoever carries a message to people."""

    def notify(self, title: str, body: str) -> None:
        """Carry a message, or raise; it may take its time."""
        ...


class AppriseNotifier:
    """Mail, Slack, Telegram and many more, through the package apprise (extra ``notify``).

    Parameters
    ----------
    variable
        Name of the environment variable that holds the address; several are divided by spaces.
    clock
        Of life.

    Raises
    ------
    ConfigurationError
        The variable is not set, holds no address, or apprise is not installed.
    """

    def __init__(self, variable: str, clock: Clock) -> None:
        try:
            import apprise  # noqa: PLC0415 (an extra, paid for when it is used)
        except ImportError:
            raise ConfigurationError(
                "notify: the package apprise is not installed; install coldpoint[notify]"
            ) from None
        # What it logs may hold parts of the address.
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
        self._variable = variable
        self._clock = clock
        self._apprise = apprise.Apprise()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the many modules that apprise looks through
            known = [self._apprise.add(address) for address in address_in(variable).split()]
        if not all(known):
            raise ConfigurationError(
                f"notify: what the environment variable {variable} holds is no address that"
                " apprise knows; see its documentation"
            )

    def notify(self, title: str, body: str) -> None:
        """Carry a message, trying again a few times.

        Parameters
        ----------
        title
            One line.
        body
            The message.

        Raises
        ------
        ColdpointError
            It could not be delivered.
        """
        for turn in range(TRIES):
            if turn:
                self._clock.sleep(PAUSE)
            if self._apprise.notify(title=title, body=body):
                return
        raise ColdpointError(
            f"a message was not delivered to the address in {self._variable}, {TRIES} times"
        )


def address_in(variable: str) -> str:
    """Return what an environment variable holds.

    Parameters
    ----------
    variable
        Its name.

    Returns
    -------
    str
        Not empty.

    Raises
    ------
    ConfigurationError
        It is no name, or there is no such variable.
    """
    try:
        variable_name(variable)
    except UnacceptableError as problem:
        raise ConfigurationError(f"notify: {problem}") from None
    address = os.environ.get(variable, "").strip()
    if not address:
        raise ConfigurationError(
            f"notify: the environment variable {variable} is not set; set it to an address such as"
            " mailto://... (see apprise), or run without notify"
        )
    return address


class Messenger:
    """Hand messages to a notifier in a thread of its own, as an observer of the campaign.

    A notifier that raises, hangs, or does not keep up is detached and reported, once.

    Parameters
    ----------
    notifier
        Carries the messages.
    report
        Told in one line when the notifier is detached.
    clock
        Of life.
    """

    def __init__(self, notifier: Notifier, report: Callable[[str], None], clock: Clock) -> None:
        self._notifier = notifier
        self._report = report
        self._clock = clock
        self._since: float | None = None
        self._reported = threading.Lock()
        self._observer = Observer("notifier", self._carry, self._detached, room=ROOM)

    @property
    def attached(self) -> bool:
        """Tell whether messages are still carried."""
        return self._observer.attached and not self._reported.locked()

    def send(self, title: str, body: str) -> None:
        """Queue a message; never waits and never raises."""
        if self.attached:
            self._observer.offer(Progress(0.0, f"{title}\n{body}"), 0)  # a message is an event

    def look(self) -> None:
        """Detach a notifier that hangs."""
        since = self._since
        if since is not None and self.attached and self._clock.now() - since > HANG:
            self._detached(
                f"observer notifier is detached: a message is stuck for {HANG:g} s; the run goes on"
                " without it"
            )

    def close(self, timeout: float = FAREWELL) -> None:
        """Let what is queued be carried, for at most `timeout` s of life."""
        self._observer.close(timeout if self.attached else 0.0)

    def _carry(self, event: object, _rows: int) -> None:
        if not isinstance(event, Progress) or self._reported.locked():
            return
        title, _, body = event.text.partition("\n")
        self._since = self._clock.now()
        try:
            self._notifier.notify(title, body)
        except ColdpointError:
            raise
        except Exception as failure:  # noqa: BLE001 (a stranger's words may hold the address)
            raise ColdpointError(f"{type(failure).__name__}, not told here") from None
        finally:
            self._since = None

    def _detached(self, why: str) -> None:
        if self._reported.acquire(blocking=False):
            self._report(why)
