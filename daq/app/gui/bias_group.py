"""A differential resistance by hand: current, excitation, frequency; and back to zero."""

from qtpy import QtCore, QtWidgets

from daq.app.gui.lamp import mark, tell, trouble_label

FIELDS = (
    ("current", "current", "10 uA"),
    ("excitation_rms", "excitation (rms)", "1 uA"),
    ("frequency", "frequency", "137 Hz"),
)


class BiasGroup(QtWidgets.QGroupBox):
    """What is wanted, and what was measured."""

    asked = QtCore.Signal(object)
    """Quantities by name, as typed; those that were left empty are missing."""
    rest_asked = QtCore.Signal()

    def __init__(self) -> None:
        super().__init__("dV/dI at a bias, by hand")
        self.refusal = trouble_label()
        self.result = QtWidgets.QLabel("—")
        self.result.setProperty("role", "number")
        self.edits: dict[str, QtWidgets.QLineEdit] = {}
        self.measure = QtWidgets.QPushButton("Set and &measure")
        self.measure.setProperty("role", "primary")
        self.rest = QtWidgets.QPushButton("To &zero")
        self.rest.setToolTip("Ramp the current to zero and take the excitation down")
        grid = QtWidgets.QGridLayout()
        for row, (name, words, hint) in enumerate(FIELDS):
            label = QtWidgets.QLabel(words)
            label.setProperty("role", "muted")
            edit = QtWidgets.QLineEdit()
            edit.setPlaceholderText(hint)
            edit.setToolTip(f"A number, a space and a unit; {hint} if it is left empty")
            edit.returnPressed.connect(self._ask)
            grid.addWidget(label, row, 0)
            grid.addWidget(edit, row, 1)
            self.edits[name] = edit
        head = QtWidgets.QLabel("dV/dI")
        head.setProperty("role", "muted")
        grid.addWidget(head, len(FIELDS), 0)
        grid.addWidget(self.result, len(FIELDS), 1)
        grid.setColumnStretch(1, 1)
        self.measure.clicked.connect(self._ask)
        self.rest.clicked.connect(self.rest_asked)
        row_of = QtWidgets.QHBoxLayout()
        row_of.addWidget(self.measure, 1)
        row_of.addWidget(self.rest)
        layout = QtWidgets.QVBoxLayout(self)
        layout.addLayout(grid)
        layout.addLayout(row_of)
        layout.addWidget(self.refusal)
        layout.addStretch(1)

    def allow(self, *, allowed: bool) -> None:
        """Let a person bias, or not."""
        for widget in (*self.edits.values(), self.measure, self.rest):
            widget.setEnabled(allowed)

    def begin(self) -> None:
        """Say that it is being measured."""
        self.result.setText("measuring ...")
        self.measure.setEnabled(False)
        self.answered("")

    def answered(self, why: str) -> None:
        """Take note of an answer; words are the reason why it could not be done."""
        tell(self.refusal, f"not done: {why}" if why else "")
        for name, edit in self.edits.items():
            mark(edit, wrong=bool(why) and (len(edit.text()) > 0 or name == "current"))

    def _ask(self) -> None:
        values = {name: edit.text().strip() for name, edit in self.edits.items()}
        hints = {name: hint for name, _, hint in FIELDS}
        self.asked.emit({name: text or hints[name] for name, text in values.items()})
