"""The commands of ``coldpoint``, and how their errors are told.

Exit code 0 is success; 1 a measurement or an instrument that failed; 2 something that was asked
wrongly. An error is one line that says what to do; ``--debug`` shows where it came from. A command
imports what it needs when it is called, so that ``--help`` comes at once.
"""

import os
import sys
import warnings

import typer

from daq.app import (
    calibrate_command,
    check_command,
    convert_command,
    demo_command,
    export_command,
    fit_command,
    guardian_command,
    gui_command,
    hold_command,
    logbook_command,
    note_command,
    queue_command,
    replay_command,
    reproduce_command,
    resume_command,
    run_command,
    runs_command,
    simulate_command,
    station_command,
)
from instruments.errors import ColdpointError, ConfigurationError, LimitError

WRONGLY_ASKED = 2
FAILED = 1

app = typer.Typer(
    name="coldpoint",
    help="Low-temperature transport measurements, and rehearsals of them on simulated instruments.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode="rich",
)
demo_command.add_to(app)
check_command.add_to(app)
convert_command.add_to(app)
export_command.add_to(app)
fit_command.add_to(app)
calibrate_command.add_to(app)
run_command.add_to(app)
runs_command.add_to(app)
simulate_command.add_to(app)
station_command.add_to(app)
guardian_command.add_to(app)
hold_command.add_to(app)
reproduce_command.add_to(app)
resume_command.add_to(app)
note_command.add_to(app)
logbook_command.add_to(app)
gui_command.add_to(app)
queue_command.add_to(app)
replay_command.add_to(app)


@app.callback()
def options(
    *, debug: bool = typer.Option(default=False, help="Show where an error came from.")
) -> None:
    """Low-temperature transport measurements, and rehearsals of them on simulated instruments."""
    if debug:
        os.environ["COLDPOINT_DEBUG"] = "1"


def run() -> None:
    """Do what the command line asks and end the process with its exit code."""
    warnings.filterwarnings("ignore", module="pyvisa")
    try:
        app()
    except Exception as failure:
        if "--debug" in sys.argv or os.environ.get("COLDPOINT_DEBUG"):
            raise
        typer.echo(f"coldpoint: {_line(failure)}", err=True)
        wrong = isinstance(failure, ConfigurationError | LimitError)
        sys.exit(WRONGLY_ASKED if wrong else FAILED)


def _line(failure: Exception) -> str:
    text = " ".join(str(failure).split())
    if isinstance(failure, ColdpointError | ExceptionGroup | OSError):
        return text
    return (
        f"{type(failure).__name__}: {text}; this is a flaw of Coldpoint: write it to its authors"
        " with what coldpoint --debug shows"
    )
