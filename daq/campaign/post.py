"""Who carries messages to people from before the station opens until the campaign has ended."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

from daq.campaign.notify import AppriseNotifier, Messenger, Notifier
from daq.config.notify import OCCASIONS, NotifyConfig
from daq.runs.journal import Journal
from instruments.clock import SystemClock
from instruments.errors import ConfigurationError, StorageError, one_line

FAILURE = "failure"


@dataclass
class Post:
    """Messages of one campaign, and what became of those who carry them.

    Parameters
    ----------
    title
        Of the campaign.
    say
        Told in words when nobody carries messages any more.
    occasions
        Of what people are told.
    """

    title: str
    say: Callable[[str], None]
    occasions: tuple[str, ...] = OCCASIONS
    messages: Messenger | None = None
    """None if nobody is to be told, or nobody can be."""
    _journal: Journal | None = None
    _reports: list[str] = field(default_factory=list)

    def attach(self, journal: Journal) -> None:
        """Take note that the campaign has begun: its journal tells of the rest."""
        self._journal = journal
        reports, self._reports = self._reports, []
        for why in reports:
            journal.event("observer detached", why=why)

    def report(self, why: str) -> None:
        """Tell that somebody does not look on any more, such as who carries messages.

        Any thread may.
        """
        self.say(why)
        if self._journal is None:
            self._reports.append(why)
            return
        with suppress(StorageError):  # it has been said
            self._journal.event("observer detached", why=why)

    def did_not_begin(self, failure: BaseException) -> None:
        """Tell people that there is no campaign, unless it has begun."""
        if self._journal is None and self.messages is not None and FAILURE in self.occasions:
            words = f"did not begin, nothing was measured: {one_line(failure)}"
            self.messages.send(f"Coldpoint: {self.title}", words)


@contextmanager
def posting(
    title: str,
    notify: NotifyConfig | None,
    say: Callable[[str], None],
    *,
    variable: str = "",
    notifier: Notifier | None = None,
) -> Iterator[Post]:
    """Have messages carried; a campaign that does not come to begin is told too.

    Parameters
    ----------
    title
        Of the campaign.
    notify
        What the station file says of messages.
    say
        Told in words when nobody carries messages.
    variable
        Name of the environment variable with the address; empty for the one of the station file.
    notifier
        Carries the messages, instead of what the address says.

    Yields
    ------
    Post
        Until everything has been told.
    """
    post = Post(title, say, OCCASIONS if notify is None else notify.events)
    variable = variable or ("" if notify is None else notify.url_from)
    with ExitStack() as leaving:
        if variable or notifier is not None:
            life = SystemClock()
            leaving.callback(life.close)
            try:
                carrier = notifier or AppriseNotifier(variable, life)
            except ConfigurationError as problem:
                post.report(f"nobody is told of this campaign: {problem}")
            else:
                post.messages = Messenger(carrier, post.report, life)
                leaving.callback(post.messages.close)
        try:
            yield post
        except BaseException as failure:
            post.did_not_begin(failure)
            raise
