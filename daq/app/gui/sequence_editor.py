"""What the form shows of the chosen step, and what becomes of what is typed into it."""

from dataclasses import replace

from qtpy import QtCore, QtWidgets

from daq.app.gui.page import Context
from daq.app.gui.sequence_draft import Draft
from daq.app.gui.sequence_form import SequenceForm
from daq.app.sequence.fields import Extent, Field, loop_fields, step_fields, with_rates
from daq.app.sequence.head import Group, head_groups
from daq.app.sequence.judgement import Judgement
from daq.app.sequence.rows import loop_of, loop_source
from daq.app.sequence.text import said_at, shown_at, with_value
from daq.campaign.steps import SET_KEYS
from daq.config.problem import Place, key_text, normalised
from instruments.errors import ColdpointError
from instruments.limits import StationLimits

EXTENTS: tuple[tuple[Extent, str], ...] = (
    ("points", "from, to, points"),
    ("step", "from, to, step"),
    ("values", "one by one"),
)


class SequenceEditor(QtCore.QObject):
    """Fill the form, and write what is typed into the draft.

    Parameters
    ----------
    draft
        The sequence.
    context
        What all pages share.
    """

    def __init__(self, draft: Draft, context: Context) -> None:
        super().__init__(draft)
        self._draft = draft
        self._context = context
        self.form = SequenceForm(context.theme)
        self.variable = QtWidgets.QComboBox()
        self.extent = QtWidgets.QComboBox()
        self._shown: tuple[object, ...] = ()
        self._limits: StationLimits | None = None
        self._contacts: tuple[str, ...] = ()
        self._visit = 0
        self.form.typed.connect(self._write)
        self.form.ended.connect(self._leave)

    def show_current(self) -> None:
        """Show the settings of the step that is chosen, or of the head."""
        draft, place = self._draft, self._draft.current
        kind = self._kind(place)
        loop = loop_of(draft.root, place) if kind == "loop" else None
        groups = self._groups(kind, loop)
        fields = [field for group in groups for field in group.fields]
        shown = (place, kind, loop, [(field.path, bool(field.choices)) for field in fields])
        if shown != self._shown:
            same = shown[:2] == self._shown[:2]
            self._shown = shown
            self._visit += 1
            top = self._top(kind, loop)
            self.form.show_groups(groups, top, keep=same)
        self.form.renew(fields)
        self._refresh()

    def show_judgement(self) -> None:
        """Show what is wrong, and what the station knows."""
        found = self._draft.verdict
        if found is not None and found.station is not None:
            self._limits = found.station.limits
            self._contacts = tuple(found.station.contacts)
        self.show_current()

    def _groups(self, kind: str, loop: tuple[str, Extent] | None) -> tuple[Group, ...]:
        if not kind:
            return head_groups(self._limits)
        fields = step_fields(kind) if loop is None else loop_fields(*loop)
        if kind == "contact" and self._contacts:
            fields = tuple(replace(field, choices=self._contacts) for field in fields)
        return (Group("", with_rates(fields, self._limits)),)

    def _top(self, kind: str, loop: tuple[str, Extent] | None) -> QtWidgets.QWidget | None:
        if not kind or loop is not None:
            return None if loop is None else self._loop_top(*loop)
        title = QtWidgets.QLabel(kind.replace("_", " ").capitalize())
        title.setProperty("role", "title")
        return title

    def _loop_top(self, variable: str, extent: Extent) -> QtWidgets.QWidget:
        top = QtWidgets.QWidget()
        grid = QtWidgets.QGridLayout(top)
        grid.setContentsMargins(8, 0, 8, 0)
        grid.setColumnStretch(1, 1)
        self.variable, self.extent = QtWidgets.QComboBox(), QtWidgets.QComboBox()
        self.variable.addItems(SET_KEYS)
        self.variable.setCurrentText(variable)
        for key, words in EXTENTS:
            self.extent.addItem(words, key)
        self.extent.setCurrentIndex([key for key, _ in EXTENTS].index(extent))
        self.extent.setEnabled(variable != "contact")
        for row, (words, combo) in enumerate(
            (("&Loop over", self.variable), ("&values", self.extent))
        ):
            label = QtWidgets.QLabel(words)
            label.setBuddy(combo)
            grid.addWidget(label, row, 0)
            grid.addWidget(combo, row, 1)
            combo.activated.connect(self._turn_loop)
        return top

    def _turn_loop(self) -> None:
        draft, place = self._draft, self._draft.current
        variable, extent = self.variable.currentText(), self.extent.currentData()
        source, other = loop_source(draft.root, draft.text, place, variable, extent)
        if other:
            text = with_value(draft.text, (*place, "loop"), source)
            self._edit(text, f"loop over {variable}", "")

    def _write(self, field: Field, typed: str) -> None:
        draft = self._draft
        place = (*draft.current, *self._said(field))
        try:
            text = with_value(draft.text, place, field.source(typed))
        except ColdpointError as failure:
            self._context.say_failure(failure)
            return
        self._edit(text, f"{field.label.lower()} {typed}".strip(), f"{self._visit} {field.path}")

    def _edit(self, text: str, what: str, mark: str) -> None:
        try:
            self._draft.edit(text, what, mark=mark)
        except ColdpointError as failure:
            self._context.say_failure(failure)

    def _leave(self) -> None:
        """Undo what is typed next by itself."""
        self._visit += 1

    def _said(self, field: Field) -> Place:
        """Return where the file says it, or where it would."""
        current = self._draft.current
        places = [(*current, *path) for path in (field.path, *field.also)]
        return said_at(self._draft.root, places)[len(current) :]

    def _refresh(self) -> None:
        draft, found = self._draft, self._draft.verdict

        def value(field: Field) -> str:
            return shown_at(draft.root, draft.text, (*draft.current, *self._said(field)))

        told: set[str] = set()

        def reason(field: Field) -> str:
            if found is None:
                row = self.form.rows[field.path]
                return row.reason.text()
            keys = self._keys(found, field)
            told.update(keys)
            return found.problems[keys[0]] if keys else ""

        self.form.refresh(value, reason)
        if found is None:
            return
        base = _key(draft.current)
        rest = [
            reason
            for key, reason in found.problems.items()
            if key not in told and self._is_own(key, base)
        ]
        self.form.tell("\n".join(rest))

    def _is_own(self, key: str, base: str) -> bool:
        """Tell whether a problem is one of what is chosen, and not of steps in it."""
        if not self._draft.current:
            return not key.startswith("steps[")
        below = key.removeprefix(base)
        return key.startswith(base) and not below.startswith(".steps[") and below[:1] in ".["

    def _keys(self, found: Judgement, field: Field) -> list[str]:
        """Return the keys of the problems of a field."""
        current, own = self._draft.current, _key((*self._draft.current, *field.path))
        keys = [key for key in found.problems if key == own or key.startswith(f"{own}[")]
        for path in field.also:
            other = _key((*current, *path))
            listed = f"{other}[" if field.kind == "list" else other
            keys += [key for key in found.problems if key == other or key.startswith(listed + "[")]
            if field.kind == "list":
                keys += [key for key in found.problems if key.startswith(listed)]
        return keys

    def _kind(self, place: Place) -> str:
        piece = self._draft.root.at(place)
        if not place or piece is None or not piece.keys:
            return "" if not place else "?"
        kinds = [normalised(key.text) for key in piece.keys]
        return "loop" if "loop" in kinds else kinds[0]


def _key(place: Place) -> str:
    return key_text(place).replace(" ", "_") if place else ""
