"""The person at the terminal: what they are told, and how they stop a command."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import typer


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """Give an event that Ctrl-C sets, and a closed terminal too; a second Ctrl-C interrupts."""
    stop = threading.Event()

    def ask(number: int, _frame: object) -> None:
        if stop.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        stop.set()
        say("stopping after this point and landing; Ctrl-C again to break off")

    names = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, ask) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def say(words: str) -> None:
    """Tell the person at the terminal; there may be none any more."""
    with suppress(OSError):
        typer.echo(words, err=True)
