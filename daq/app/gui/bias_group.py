"""The response at a bias by hand: a current through a contact, or a voltage at a junction."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qtpy import QtCore, QtWidgets

from daq.app.gui.inputs import muted
from daq.app.gui.lamp import mark, tell, trouble_label
from daq.app.gui.station_readings import UNKNOWN, reading_in_words


@dataclass(frozen=True, slots=True)
class BiasForm:
    """What can be set, and what is measured.

    Parameters
    ----------
    response
        What is measured.
    rest
        What the way to zero does.
    fields
        Names as the station knows them, words, and what is set where nothing is typed; the first
        one is the bias.
    """

    response: str
    rest: str
    fields: tuple[tuple[str, str, str], ...]


CURRENT = BiasForm(
    "dV/dI",
    "Ramp the current to zero and take the excitation down",
    (
        ("current", "current", "10 uA"),
        ("excitation_rms", "excitation (rms)", "1 uA"),
        ("frequency", "frequency", "137 Hz"),
    ),
)
VOLTAGE = BiasForm(
    "dI/dV",
    "Ramp the voltage to zero and take the modulation down",
    (
        ("voltage", "voltage", "1 mV"),
        ("modulation_rms", "modulation (rms)", "50 uV"),
        ("frequency", "frequency", "977 Hz"),
        ("set_point", "set-point", "10 mV"),
    ),
)
TIPS = {"set_point": "Sensitivity and phase are chosen there, where the junction is normal. "}


class BiasGroup(QtWidgets.QGroupBox):
    """What is wanted, and what was measured."""

    asked = QtCore.Signal(object)
    """Quantities by name, as typed; those that were left empty have their usual value."""
    rest_asked = QtCore.Signal()

    def __init__(self) -> None:
        super().__init__()
        self.refusal = trouble_label()
        self.result = QtWidgets.QLabel(UNKNOWN)
        self.edits: dict[str, QtWidgets.QLineEdit] = {}
        self.measure = QtWidgets.QPushButton("Set and &measure")
        self.measure.setProperty("role", "primary")
        self.rest = QtWidgets.QPushButton("To &zero")
        self._rows = QtWidgets.QFormLayout()
        self._rows.setFieldGrowthPolicy(
            QtWidgets.QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow
        )
        self.measure.clicked.connect(self._ask)
        self.rest.clicked.connect(self.rest_asked)
        row_of = QtWidgets.QHBoxLayout()
        row_of.addWidget(self.measure, 1)
        row_of.addWidget(self.rest)
        layout = QtWidgets.QVBoxLayout(self)
        layout.addLayout(self._rows)
        layout.addLayout(row_of)
        layout.addWidget(self.refusal)
        layout.addStretch(1)
        self._form = CURRENT
        self._fill()

    def offer(self, form: BiasForm) -> None:
        """Offer what the station that was chosen can set."""
        if form is not self._form:
            self._form = form
            self._fill()

    def allow(self, *, allowed: bool) -> None:
        """Let a person bias, or not."""
        for widget in (*self.edits.values(), self.measure, self.rest):
            widget.setEnabled(allowed)

    def begin(self) -> None:
        """Say that it is being measured."""
        self.result.setText("measuring ...")
        self.measure.setEnabled(False)
        self.answered("")

    def show_reading(self, reading: Mapping[str, Any]) -> None:
        """Show what was measured."""
        self.result.setText(reading_in_words(reading))
        self.answered("")

    def answered(self, why: str) -> None:
        """Take note of an answer; words are the reason why it could not be done."""
        tell(self.refusal, f"not done: {why}" if why else "")
        bias = self._form.fields[0][0]
        for name, edit in self.edits.items():
            mark(edit, wrong=bool(why) and (len(edit.text()) > 0 or name == bias))

    def _fill(self) -> None:
        """Make the fields anew."""
        while self._rows.rowCount():
            self._rows.removeRow(0)
        self.edits.clear()
        for name, words, hint in self._form.fields:
            edit = QtWidgets.QLineEdit()
            edit.setPlaceholderText(hint)
            tip = f"A number, a space and a unit; {hint} if it is left empty"
            edit.setToolTip(TIPS.get(name, "") + tip)
            edit.returnPressed.connect(self._ask)
            self._rows.addRow(muted(words, edit), edit)
            self.edits[name] = edit
        self.result = QtWidgets.QLabel(UNKNOWN)
        self.result.setProperty("role", "number")
        self._rows.addRow(muted(self._form.response), self.result)
        self.setTitle(f"{self._form.response} at a bias, by hand")
        self.rest.setToolTip(self._form.rest)
        self.answered("")

    def _ask(self) -> None:
        typed = {name: self.edits[name].text().strip() for name, _, _ in self._form.fields}
        self.asked.emit({name: typed[name] or hint for name, _, hint in self._form.fields})
