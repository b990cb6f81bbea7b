"""The running fit: asked of a process of its own, the newest question only, and never too often."""

from dataclasses import dataclass
from pathlib import Path

from qtpy import QtCore

from daq.app.fit_answer import Answer
from daq.app.fit_models import Asked
from daq.app.gui.fit_work import FitWork
from daq.app.gui.work import timer
from daq.app.running_fit import RunningFit, running_fit

PAUSE = 1000
"""Milliseconds between an answer and the next question at least."""
REST = 4
"""How many times longer than the fit itself the rest is."""
PATIENCE = 300_000
"""Milliseconds that a fit may take, the start of its process included."""
MOST = 5000
"""Rows of a run up to which it is fitted while it runs."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Parameters
    ----------
    path
        A file of the run.
    model
        Its name.
    rows
        How many rows the window has seen; more rows are another question.
    marks
        How many marks people have set; one more is another question, too.
    """

    path: Path
    model: str
    rows: int
    marks: int = 0

    def continues(self, other: "Question | None") -> bool:
        """Tell whether it is asked about the same run by the same model."""
        return other is not None and (self.path, self.model) == (other.path, other.model)


class LiveFit(QtCore.QObject):
    """Ask for fits; one of another run or model is given up when the next is wanted.

    Parameters
    ----------
    parent
        Who owns it.
    patience
        Milliseconds that a fit may take.
    """

    answered = QtCore.Signal(object, object)
    """The question and its `RunningFit`."""

    def __init__(self, parent: QtCore.QObject, patience: int = PATIENCE) -> None:
        super().__init__(parent)
        self.work = FitWork(self)
        self.answers = 0
        self._wanted: Question | None = None
        self._asked: Question | None = None
        self._last: Question | None = None
        self._took = QtCore.QElapsedTimer()
        self._pause = timer(self, PAUSE)
        self._patience = timer(self, patience)
        for single in (self._pause, self._patience):
            single.setSingleShot(True)
        self._pause.timeout.connect(self._ask)
        self._patience.timeout.connect(self._too_long)

    def want(self, question: Question | None) -> None:
        """Ask for a fit, as soon as it is time; what was wanted before is not any more.

        Parameters
        ----------
        question
            What to ask; None for nothing.
        """
        before, self._wanted = self._wanted, question
        if question is None:
            return
        if self.work.fitting and not question.continues(self._asked):
            self.work.cancel()  # a person does not wait for what nobody looks at
        if not question.continues(before):
            self._pause.stop()  # a person waits for another run or model
            self._last = None
        if not self._pause.isActive():
            self._ask()

    def close(self) -> None:
        """Ask no more, and end the process."""
        self._wanted = None
        self._pause.stop()
        self._patience.stop()
        self.work.close()

    def _ask(self) -> None:
        wanted = self._wanted
        if wanted is None or self.work.fitting or wanted == self._last:
            return
        if wanted.rows > MOST:
            self._tell(wanted, f"it has more than {MOST} rows; fit it on the page Data")
            return
        self._asked = wanted
        self._took.start()
        self._patience.start()
        self.work.ask(wanted.path, wanted.model, Asked(), self._found, self._refused)

    def _found(self, answer: Answer) -> None:
        asked = self._over()
        if asked is not None:
            self._take(asked, running_fit(answer, asked.rows))

    def _refused(self, reason: str) -> None:
        asked = self._over()
        if asked is not None:
            self._take(asked, RunningFit(asked.model, asked.rows, reason))

    def _over(self) -> Question | None:
        asked, self._asked = self._asked, None
        self._patience.stop()
        self._pause.setInterval(max(PAUSE, REST * int(self._took.elapsed())))
        self._pause.start()
        return asked

    def _take(self, asked: Question, fit: RunningFit) -> None:
        if asked.continues(self._wanted):
            self._last = asked
            self.answers += 1
            self.answered.emit(asked, fit)

    def _tell(self, asked: Question, reason: str) -> None:
        self._last = asked
        self._pause.start()
        self.answered.emit(asked, RunningFit(asked.model, asked.rows, reason))

    def _too_long(self) -> None:
        self.work.cancel()
        self._refused(f"the fit took more than {self._patience.interval() / 1000.0:g} s")
