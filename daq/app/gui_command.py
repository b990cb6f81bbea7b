"""``coldpoint gui``: the window."""

import importlib.util
import os
import sys
from pathlib import Path
from typing import Any

import typer

from daq.app.options import DATA
from instruments.errors import ConfigurationError

NEEDED = ("PyQt5", "qtpy", "pyqtgraph")
SCREENSHOT: Any = typer.Option(
    None, "--screenshot", help="Draw every page with the demo running into this folder, and end."
)


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("gui")(gui)


def gui(data: Path = DATA, screenshot: Path | None = SCREENSHOT) -> None:
    """Open the window: watch a campaign, look at its curves, step in.

    The window is a client. Closing it stops nothing; opened again, it finds what is running.

    Example: coldpoint gui --data coldpoint-data
    """
    refuse_without_qt()
    os.environ["QT_API"] = "pyqt5"
    if screenshot is not None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        os.environ["QT_ENABLE_HIGHDPI_SCALING"] = "0"  # pictures of 1366 x 768 pixels
        from daq.app.gui.screenshots import take_all  # noqa: PLC0415 (paid for when it is used)

        for picture in take_all(screenshot):
            typer.echo(picture)
        return
    refuse_without_display()
    from daq.app.gui.start import run_window  # noqa: PLC0415 (paid for when it is used)

    code = run_window(data)
    if code:
        raise typer.Exit(code)


def refuse_without_qt() -> None:
    """Raise in one line if what the window needs is not installed.

    Raises
    ------
    ConfigurationError
        Something is missing.
    """
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise ConfigurationError(
            f"gui: {', '.join(missing)} not found, expected the extra gui;"
            ' install it with: pip install "coldpoint[gui]"'
        )


def refuse_without_display() -> None:
    """Raise in one line where no window can be shown; Qt itself would end the program.

    Raises
    ------
    ConfigurationError
        There is no display.
    """
    if sys.platform in {"win32", "darwin"} or os.environ.get("QT_QPA_PLATFORM"):
        return
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise ConfigurationError(
            "gui: no display found (DISPLAY and WAYLAND_DISPLAY are empty), expected a desktop;"
            " use ssh -X, or coldpoint gui --screenshot FOLDER"
        )
