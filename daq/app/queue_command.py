"""``coldpoint queue``: sequences that wait for their turn, and who carries them out."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from daq.app.options import AS_JSON, CONFIRM_ABOVE, DATA, MEASURE, NOTIFY, SEQUENCE, STATION
from daq.app.terminal import interruptible, say

if TYPE_CHECKING:
    from daq.campaign.queue import Queue

FAILED = 1
NUMBER: Any = typer.Argument(..., help="Number of the entry, as `queue list` shows it.")
PLACE: Any = typer.Argument(..., help="Among those not yet begun; 1 is next.")
ON_FAILURE: Any = typer.Option(
    "hold", "--on-failure", help="What becomes of the others if one does not finish: hold or go-on."
)
DETACH: Any = typer.Option(
    False,  # noqa: FBT003 (typer takes the default first)
    "--detach",
    help="Work through the queue in a process of its own, and return.",
)

queue_app = typer.Typer(
    help="Sequences that are carried out one after the other.", no_args_is_help=True
)


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.add_typer(queue_app, name="queue")


@queue_app.command("add")
def add(
    sequence: str = SEQUENCE,
    station: str | None = STATION,
    data: Path = DATA,
    *,
    measure: str = MEASURE,
    confirm_above: bool = CONFIRM_ABOVE,
    as_json: bool = AS_JSON,
) -> None:
    """Check a sequence against its station and put a copy of it at the end of the queue.

    It is rehearsed in the background, so that `queue list` can tell when it will end.

    Example: coldpoint queue add night --station simulated
    """
    with _opened(data) as queue:
        entry = queue.add(sequence, station, measure=measure, confirmed_above=confirm_above)
    _rehearse_behind(data)
    if as_json:
        typer.echo(json.dumps(asdict(entry)))
    else:
        typer.echo(f"{entry.id} {entry.title}: waiting, on station {entry.station}")


@queue_app.command("list")
def listing(data: Path = DATA, *, as_json: bool = AS_JSON) -> None:
    """List the queue: what waits, what runs, what has become of the others, and when they end.

    Expected times are those of the rehearsals; each begins where its twins begin.

    Example: coldpoint queue list --data coldpoint-data
    """
    from daq.campaign.queue_campaigns import advice  # noqa: PLC0415 (paid for when it is used)
    from daq.campaign.queue_estimates import (  # noqa: PLC0415 (the same)
        estimates,
        in_words,
        unrehearsed,
    )
    from daq.campaign.queue_runner import runner_of  # noqa: PLC0415 (the same)

    with _opened(data) as queue:
        entries = queue.entries()
        runner = runner_of(queue.folder)
        expected = estimates(data, entries, queue.now())
        if unrehearsed(data, entries):
            _rehearse_behind(data)
    if as_json:
        told = [
            {
                **asdict(entry),
                "advice": advice(entry),
                "estimate": expected[entry.id].as_mapping() if entry.id in expected else None,
            }
            for entry in entries
        ]
        pid = None if runner is None else runner.pid
        typer.echo(json.dumps({"runner": pid, "entries": told}))
        return
    if not entries:
        typer.echo(f"nothing in the queue of {data}; `coldpoint queue add SEQUENCE` adds something")
        return
    for entry in entries:
        when = (entry.ended or entry.begun or entry.added)[:16].replace("T", " ")
        typer.echo(f"{entry.id:4d}  {entry.state:11s}  {when}Z  {entry.station}: {entry.title}")
        if entry.id in expected:
            typer.echo(f"      {in_words(expected[entry.id])}")
        if entry.error:
            typer.echo(f"      {entry.error}")
        if advice(entry):
            typer.echo(f"      {advice(entry)}")
    typer.echo(
        "nobody works through it; `coldpoint queue start` does"
        if runner is None
        else f"process {runner.pid} works through it"
    )


@queue_app.command("move")
def move(number: int = NUMBER, place: int = PLACE, data: Path = DATA) -> None:
    """Put an entry that was not begun at another place.

    Example: coldpoint queue move 3 1
    """
    with _opened(data) as queue:
        queue.move(number, place)


@queue_app.command("remove")
def remove(number: int = NUMBER, data: Path = DATA) -> None:
    """Take an entry out of the queue; its campaign folder stays.

    Example: coldpoint queue remove 3
    """
    with _opened(data) as queue:
        queue.remove(number)


@queue_app.command("hold")
def hold(number: int = NUMBER, data: Path = DATA) -> None:
    """Keep an entry from being carried out until it is released.

    Example: coldpoint queue hold 3
    """
    with _opened(data) as queue:
        queue.hold(number)


@queue_app.command("release")
def release(number: int = NUMBER, data: Path = DATA) -> None:
    """Let a held entry wait for its turn again.

    Example: coldpoint queue release 3
    """
    with _opened(data) as queue:
        queue.release(number)


@queue_app.command("confirm")
def confirm(number: int = NUMBER, data: Path = DATA) -> None:
    """Confirm that the sample may go above the station's keep_below in the campaign of an entry.

    Example: coldpoint queue confirm 3
    """
    with _opened(data) as queue:
        queue.confirm_above(number)


@queue_app.command("rehearse")
def rehearse(data: Path = DATA) -> None:
    """Rehearse what waits and was not rehearsed yet; `queue add` does so in the background.

    Example: coldpoint queue rehearse
    """
    from daq.app.rehearse_queue import rehearse_waiting, step_behind  # noqa: PLC0415 (as above)
    from daq.campaign.leftovers import InUse, clean_state  # noqa: PLC0415 (the same)

    step_behind()
    with _opened(data) as queue:
        done = rehearse_waiting(queue, typer.echo)
        clean_state(InUse.now(data, queue.entries()), queue.now().timestamp())
    typer.echo(f"{done} rehearsed")


@queue_app.command("start")
def start(
    data: Path = DATA,
    on_failure: str = ON_FAILURE,
    *,
    detach: bool = DETACH,
    notify: str = NOTIFY,
    as_json: bool = AS_JSON,
) -> None:
    """Carry out what waits, one after the other, each in a process of its own.

    Ctrl-C lands the present run and leaves the others waiting.
    Example: coldpoint queue start --detach
    """
    from daq.campaign.notify import address_in  # noqa: PLC0415 (paid for when it is used)
    from daq.campaign.queue_runner import start_detached_runner, work_through  # noqa: PLC0415
    from instruments.clock import SystemClock  # noqa: PLC0415 (the same)
    from instruments.errors import ConfigurationError  # noqa: PLC0415 (the same)

    if on_failure not in {"hold", "go-on"}:
        raise ConfigurationError(
            f"queue: --on-failure: found {on_failure!r}, expected hold or go-on"
        )
    if notify:
        address_in(notify)
    policy: Any = on_failure
    clock = SystemClock()
    try:
        if detach:
            runner = start_detached_runner(data, policy, clock, notify=notify)
            told: dict[str, Any] = {"runner": runner.pid}
            words, failed = f"process {runner.pid} works through the queue of {data}", False
        else:
            with _opened(data) as queue, interruptible() as stop:
                ended = work_through(
                    queue, clock, on_failure=policy, notify=notify, stop=stop, say=say
                )
            told = {"ended": [asdict(entry) for entry in ended]}
            words = f"{len(ended)} carried out"
            failed = any(entry.state != "done" for entry in ended)
    finally:
        clock.close()
    typer.echo(json.dumps(told) if as_json else words)
    if failed:
        raise typer.Exit(FAILED)


def _rehearse_behind(data: Path) -> None:
    """Begin to rehearse what waits, in a process that outlives this one."""
    from daq.campaign.queue_process import rehearse_behind  # noqa: PLC0415 (paid for when it is used)

    rehearse_behind(data)


@contextmanager
def _opened(data: Path) -> Iterator["Queue"]:
    from daq.campaign.queue import Queue  # noqa: PLC0415 (paid for when it is used)
    from instruments.clock import SystemClock  # noqa: PLC0415 (the same)

    clock = SystemClock()
    try:
        yield Queue(data, clock, say)
    finally:
        clock.close()
