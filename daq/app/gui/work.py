"""One thread for whatever must not hold the window up."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from qtpy import QtCore

T = TypeVar("T")
Failed = Callable[[BaseException], None]


class Work(QtCore.QObject):
    """Call functions in a thread, and hand their results on in the thread of the window.

    Parameters
    ----------
    parent
        Who owns it.
    """

    _done = QtCore.Signal(object, object)

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="window work")
        self._open = True
        self._done.connect(self._hand_on)

    def do(
        self,
        function: Callable[[], T],
        then: Callable[[T], None],
        failed: Failed = lambda _failure: None,
    ) -> None:
        """Call a function in the thread.

        Parameters
        ----------
        function
            It must touch no widget.
        then
            Takes its result, in the thread of the window.
        failed
            Takes what it raised, in the thread of the window.
        """
        if not self._open:
            return

        def ended(future: Future[T]) -> None:
            if self._open and not future.cancelled():
                self._done.emit(future, (then, failed))

        self._pool.submit(function).add_done_callback(ended)

    def close(self) -> None:
        """Wait for the function that is being called and forget the others."""
        self._open = False
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _hand_on(self, future: Future[Any], handlers: tuple[Callable[[Any], None], Failed]) -> None:
        if not self._open:
            return
        then, failed = handlers
        failure = future.exception()
        if failure is None:
            then(future.result())
        else:
            failed(failure)


def timer(parent: QtCore.QObject, milliseconds: int) -> QtCore.QTimer:
    """Return a timer of that interval that is not running yet."""
    found = QtCore.QTimer(parent)
    found.setInterval(milliseconds)
    return found


def soon(parent: QtCore.QObject, act: Callable[[], None]) -> QtCore.QTimer:
    """Return a timer that, once started, does something when Qt has done what it is at.

    A plot must not change its items while Qt hands a new font on to them: that ends the program.
    """
    found = timer(parent, 0)
    found.setSingleShot(True)
    found.timeout.connect(act)
    return found


def wait_until(reached: Callable[[], bool], milliseconds: int) -> None:
    """Let the window live until something is so, or the time is over; for pictures only.

    Parameters
    ----------
    reached
        Tells whether it is so.
    milliseconds
        The longest wait.
    """
    loop, looks, clock = QtCore.QEventLoop(), QtCore.QTimer(), QtCore.QElapsedTimer()
    clock.start()
    looks.timeout.connect(
        lambda: loop.quit() if reached() or clock.elapsed() > milliseconds else None
    )
    looks.start(20)
    loop.exec_()
    looks.stop()
