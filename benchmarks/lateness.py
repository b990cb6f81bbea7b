"""How late a timer is in the thread of a window that lives without a screen."""

import itertools
import os
import time
from collections.abc import Callable

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_API"] = "pyqt5"

from qtpy import QtCore

LATENESS_LIMIT = 20.0
"""Of a timer of the window, 95th percentile, in ms."""
TICK = 10
"""Milliseconds between two ticks of the timer whose lateness is measured."""


def live_until(reached: Callable[[], bool]) -> None:
    """Let windows live until something is reached."""
    loop = QtCore.QEventLoop()
    looks = QtCore.QTimer()
    looks.setInterval(50)
    looks.timeout.connect(lambda: reached() and loop.quit())
    looks.start()
    loop.exec_()


def ticks_until(reached: Callable[[], bool]) -> list[float]:
    """Let windows live until something is reached; return by how many ms every tick was late."""
    times: list[float] = []
    timer = QtCore.QTimer()
    timer.setTimerType(QtCore.Qt.TimerType.PreciseTimer)
    timer.setInterval(TICK)
    timer.timeout.connect(lambda: times.append(time.perf_counter()))
    timer.start()
    live_until(reached)
    timer.stop()
    return [max(0.0, 1e3 * (b - a) - TICK) for a, b in itertools.pairwise(times)]


def homes_in(folder: str) -> None:
    """Keep settings and caches apart from those of the person who measures."""
    for name in ("STATE", "CACHE", "CONFIG", "DATA"):
        os.environ[f"XDG_{name}_HOME"] = folder
