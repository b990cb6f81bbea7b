"""What a rehearsal has to warn of: points that `watch` would not allow, and what drivers log."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from daq.campaign.plan import Watch
from daq.campaign.policy import WatchError, Watchman
from instruments.waiting import Event


class WatchWarner:
    """Tell of the first point of a run that `watch` would not allow, and let the run go on.

    Parameters
    ----------
    watch
        What is allowed; None for everything.
    warn
        Takes the warning.
    """

    def __init__(self, watch: Watch | None, warn: Callable[[str], None]) -> None:
        self._watchman = None if watch is None else Watchman(watch)
        self._then = "" if watch is None else watch.then
        self._warn = warn

    def offer(self, event: Event, rows: int) -> None:
        """Judge an event."""
        if self._watchman is None:
            return
        try:
            self._watchman.offer(event, rows)
        except WatchError as alarm:
            self._warn(f"{alarm}; a run would {self._then} there")
            self._watchman = None


class _Collector(logging.Handler):
    """Keep what is logged, each message once."""

    def __init__(self, messages: dict[str, None]) -> None:
        super().__init__(logging.WARNING)
        self._messages = messages

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a message."""
        self._messages.setdefault(" ".join(record.getMessage().split()))


@contextmanager
def collected_warnings(messages: dict[str, None]) -> Iterator[None]:
    """Collect what drivers and procedures log instead of letting it be printed.

    Parameters
    ----------
    messages
        Takes them as keys, each once and in order.

    Yields
    ------
    None
        While they are collected.
    """
    loggers = [logging.getLogger(name) for name in ("instruments", "procedures")]
    before = [logger.propagate for logger in loggers]
    collector = _Collector(messages)
    for logger in loggers:
        logger.addHandler(collector)
        logger.propagate = False
    try:
        yield
    finally:
        for logger, propagate in zip(loggers, before, strict=True):
            logger.removeHandler(collector)
            logger.propagate = propagate
