"""``coldpoint check``: say what a sequence will do, or what is wrong with it, before it is run."""

import json
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from daq.app.convert_command import tell_imports
from daq.app.options import (
    AS_JSON,
    CONFIRM_ABOVE,
    DATA,
    MEASURE,
    RESISTANCE,
    SEQUENCE,
    STATION,
    ohms,
)
from daq.app.terminal import interruptible

if TYPE_CHECKING:
    from daq.campaign.prepared import Prepared
    from daq.campaign.rehearsal_report import Rehearsal

FAILED = 1
PLAIN: Any = typer.Option(
    False,  # noqa: FBT003 (typer takes the default first)
    "--plain",
    help="Only read and check the files; do not rehearse.",
)
KEPT: Any = typer.Option(
    False,  # noqa: FBT003 (the same)
    "--kept",
    help="With --json: answer with what an earlier rehearsal of the very same sequence, station"
    " and answers of instruments has found, if there was one.",
)
PICTURE: Any = typer.Option(None, "--picture", "-p", help="Draw the course as a PNG file.")


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check")(check)


def check(
    sequence: str = SEQUENCE,
    station: str | None = STATION,
    data: Path = DATA,
    *,
    measure: str = MEASURE,
    resistance: str = RESISTANCE,
    picture: Path | None = PICTURE,
    confirm_above: bool = CONFIRM_ABOVE,
    plain: bool = PLAIN,
    kept: bool = KEPT,
    as_json: bool = AS_JSON,
) -> None:
    """Read a sequence, check it against its station, and rehearse it on simulated instruments.

    The rehearsal runs the very sequence through the very drivers, on a virtual clock: how long it
    takes, where the sample will be, how near it comes to every limit, what it needs of disk and
    helium. No instrument is opened. What was found is kept in the user's state folder, so that the
    queue can tell when a sequence will end.

    Example: coldpoint check first_spectrum --picture course.png
    """
    from daq.app.check_report import as_mapping, listed, plain_mapping, rehearsed  # noqa: PLC0415
    from daq.app.kept_check import (  # noqa: PLC0415 (paid for when it is used)
        kept_or_rehearsed,
        key_of,
        rehearse_and_keep,
        with_disk,
    )
    from daq.campaign.prepared import prepare  # noqa: PLC0415 (paid for when it is used)

    prepared = prepare(sequence, station, measure=measure)
    prepared = replace(prepared, confirmed_above=confirm_above)
    tell_imports(sequence, measure)
    if plain:
        lines = [json.dumps(plain_mapping(prepared))] if as_json else listed(prepared)
        typer.echo("\n".join(lines))
        return
    key = key_of(prepared, sequence, measure=measure, resistance=ohms(resistance))
    rehearse = partial(_rehearse, prepared, resistance)
    free = shutil.disk_usage(_existing(data)).free
    if kept and as_json and picture is None:
        answer = kept_or_rehearsed(key, prepared, rehearse)
        told = with_disk(answer, free, confirmed=confirm_above)
        typer.echo(json.dumps({**told, "picture": None}))
        raise typer.Exit(0 if told["ok"] else FAILED)
    found = rehearse_and_keep(key, prepared, rehearse)
    if picture is not None:
        from daq.app.check_picture import draw_rehearsal  # noqa: PLC0415 (needs matplotlib)

        draw_rehearsal(picture, found)
    if as_json:
        told = as_mapping(found, free)
        typer.echo(json.dumps({**told, "picture": None if picture is None else str(picture)}))
    else:
        typer.echo("\n".join(rehearsed(found, free)))
        if picture is not None:
            typer.echo(f"picture: {picture}")
    if not found.ok or found.size > free:
        raise typer.Exit(FAILED)


def _rehearse(prepared: "Prepared", resistance: str) -> "Rehearsal":
    from daq.app.progress import CampaignProgress  # noqa: PLC0415 (paid for when it is used)
    from daq.campaign.rehearsal import rehearse  # noqa: PLC0415 (paid for when it is used)

    progress = CampaignProgress(len(prepared.steps))
    with interruptible() as stop, progress:
        return rehearse(
            prepared,
            resistance=ohms(resistance),
            stop=stop,
            follower=progress,
            announce=progress.announce,
        )


def _existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that is there."""
    folder = folder.absolute()
    return next(path for path in (folder, *folder.parents) if path.is_dir())
