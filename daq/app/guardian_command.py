"""``coldpoint guardian``: the process that takes the outputs down when a run cannot."""

import logging
import os
import sys

import typer


def add_to(app: typer.Typer) -> None:
    """Add the command; people do not need it."""
    app.command("guardian", hidden=True)(guardian)


def guardian() -> None:
    """Watch a run, and take the outputs of its station down if it dies or hangs.

    It is started by every run on a real station. Its orders are a line of JSON on its input, and
    every byte after it is a beat. Example: coldpoint guardian
    """
    from daq.campaign.detached import ignore_endings  # noqa: PLC0415 (paid for when it is used)
    from daq.campaign.guardian import Beats, Orders, stand_guard  # noqa: PLC0415 (the same)
    from daq.campaign.guarding import DISMISSED, READY  # noqa: PLC0415 (the same)

    ignore_endings()
    stream = os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0)
    line = stream.readline()
    if not line or line.strip() == DISMISSED:
        return
    orders = Orders.from_line(line)
    handler = logging.FileHandler(orders.folder / "guardian.log", delay=True, encoding="utf-8")
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    sys.stdout.buffer.write(READY + b"\n")
    sys.stdout.flush()
    stand_guard(orders, Beats(stream))
