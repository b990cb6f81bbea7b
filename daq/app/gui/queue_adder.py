"""One line above the queue: which sequence is added, and on which station."""

from qtpy import QtCore, QtWidgets

from daq.app.gui.lamp import mark
from daq.app.gui.name_or_file import NameOrFile, OpenButton


class QueueAdder(QtWidgets.QWidget):
    """A sequence by name or file, a station if it is not the one that the sequence names."""

    asked = QtCore.Signal(str, str)
    """Sequence and station; the station may be empty."""

    def __init__(self) -> None:
        super().__init__()
        self.sequence = NameOrFile("sequences", "a sequence file or name", 30)
        self.station = NameOrFile("stations", "the station of the sequence", 26)
        self.open = OpenButton("Sequence", "Sequences (*.yaml *.yml *.seq);;All files (*)")
        self.add = QtWidgets.QPushButton("&Add to the queue")
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.sequence, 3)
        layout.addWidget(self.open)
        layout.addWidget(QtWidgets.QLabel("on"))
        layout.addWidget(self.station, 2)
        layout.addWidget(self.add)
        self.open.found.connect(self.sequence.setCurrentText)
        self.add.clicked.connect(self._ask)
        for combo in (self.sequence, self.station):
            edit = combo.lineEdit()
            if edit is not None:
                edit.returnPressed.connect(self._ask)

    def refuse(self) -> None:
        """Frame the sequence in red."""
        self._mark(wrong=True)

    def accept(self) -> None:
        """Be ready for the next one."""
        self._mark(wrong=False)
        self.sequence.setCurrentText("")

    def _mark(self, *, wrong: bool) -> None:
        edit = self.sequence.lineEdit()
        if edit is not None:
            mark(edit, wrong=wrong)

    def _ask(self) -> None:
        sequence = self.sequence.currentText().strip()
        if sequence:
            self.asked.emit(sequence, self.station.currentText().strip())
