"""The program ``coldpoint``: its commands, and how their errors are told.

Exit code 0 is success; 1 a measurement or an instrument that failed; 2 something that was asked
wrongly. An error is one line that says what to do; ``--debug`` shows where it came from.
"""

import os
import sys
import warnings

import typer

from daq.app import (
    check_command,
    demo_command,
    run_command,
    runs_command,
    simulate_command,
    station_command,
)
from daq.app.foreign import refuse_foreign_packages
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
run_command.add_to(app)
runs_command.add_to(app)
simulate_command.add_to(app)
station_command.add_to(app)


@app.callback()
def options(
    *, debug: bool = typer.Option(default=False, help="Show where an error came from.")
) -> None:
    """Low-temperature transport measurements, and rehearsals of them on simulated instruments."""
    if debug:
        os.environ["COLDPOINT_DEBUG"] = "1"


def main() -> None:
    """Run the program and end the process with its exit code."""
    warnings.filterwarnings("ignore", module="pyvisa")
    try:
        refuse_foreign_packages()
        app()
    except ColdpointError as failure:
        sys.exit(_tell(failure))
    except ExceptionGroup as failures:
        sys.exit(_tell(failures))
    except OSError as failure:
        sys.exit(_tell(failure))


def _tell(failure: Exception) -> int:
    """Say in one line what went wrong and return the exit code."""
    if "--debug" in sys.argv or os.environ.get("COLDPOINT_DEBUG"):
        raise failure
    typer.echo(f"coldpoint: {' '.join(str(failure).split())}", err=True)
    wrong = isinstance(failure, ConfigurationError | LimitError)
    return WRONGLY_ASKED if wrong else FAILED
