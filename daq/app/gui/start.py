"""Start the window as a program."""

import signal
import sys
from pathlib import Path

import pyqtgraph as pg
from qtpy import QtCore, QtWidgets

from daq.app.gui.settings import Settings
from daq.app.gui.window import Window
from daq.app.gui.work import timer


def application() -> QtWidgets.QApplication:
    """Return the program, made ready for screens of every density."""
    found = QtWidgets.QApplication.instance()
    if isinstance(found, QtWidgets.QApplication):
        return found
    attribute = QtCore.Qt.ApplicationAttribute
    QtWidgets.QApplication.setAttribute(attribute.AA_EnableHighDpiScaling, True)  # noqa: FBT003 (Qt)
    QtWidgets.QApplication.setAttribute(attribute.AA_UseHighDpiPixmaps, True)  # noqa: FBT003 (Qt)
    policy = QtCore.Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
    QtWidgets.QApplication.setHighDpiScaleFactorRoundingPolicy(policy)
    app = QtWidgets.QApplication(["coldpoint"])
    app.setApplicationName("Coldpoint")
    pg.setConfigOptions(antialias=False)
    return app


def run_window(data: Path) -> int:
    """Show the window until it is closed.

    Parameters
    ----------
    data
        The folder of all campaigns.

    Returns
    -------
    int
        The exit code.
    """
    app = application()
    sys.excepthook = _tell
    window = Window(data.absolute(), Settings())
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: window.close())
    awake = timer(window, 200)  # Python sees a signal only when it runs
    awake.timeout.connect(lambda: None)
    awake.start()
    window.show()
    return int(app.exec_())


def _tell(kind: type[BaseException], failure: BaseException, trace: object) -> None:
    """Say what went wrong and go on: a flaw of the window must not take it down."""
    del trace
    words = " ".join(str(failure).split())
    sys.stderr.write(f"coldpoint: {kind.__name__}: {words}; this is a flaw of the window\n")
