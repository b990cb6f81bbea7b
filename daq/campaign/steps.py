"""The steps of a sequence file, read into steps of a plan."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from daq.campaign.environment import OPTIONS, first_of_loop, set_step
from daq.campaign.loops import read_names, read_values, there_and_back
from daq.campaign.plan import (
    UNITS,
    LoopStep,
    NoteStep,
    ProcedureStep,
    Step,
    Values,
    Variable,
    WaitStep,
    count_steps,
)
from daq.campaign.settings import Procedures, read_settings
from daq.config.document import Document, Node
from daq.config.problem import Place, shown, suggestion
from daq.config.section import Section, quantity_at, text_at

MOST_STEPS = 200_000
"""Steps of the longest sequence, loops rolled out."""
SET_KEYS: tuple[Variable, ...] = ("temperature", "field", "angle", "position", "contact")


@dataclass(frozen=True, slots=True)
class StepReader:
    """Read steps, and the steps inside loops.

    Parameters
    ----------
    document
        The sequence file.
    procedures
        What each procedure accepts.
    """

    document: Document
    procedures: Procedures

    def read(self, section: Section) -> tuple[Step, ...]:
        """Return what stands at the key ``steps`` of a section."""
        node = section.value("steps", "a list of steps")
        place = section.at("steps")
        if not isinstance(node, list) or not node:
            advice = "write at least one step, such as '- wait: 10 s'"
            raise self.document.error(place, shown(node), "a list of steps", advice)
        return tuple(self._step((*place, index), item) for index, item in enumerate(node))

    def _step(self, place: Place, node: Node) -> Step:
        section = Section.of(self.document, place, node, "one key, such as '- wait: 10 s'")
        if "loop" in section:
            return self._loop(section)
        if len(section.entries) != 1:
            keys = ", ".join(f"'{key}'" for key in section.keys) or "nothing"
            advice = "begin every step with '- ' and indent its settings"
            raise section.error(None, keys, "one key", advice)
        ((key, value),) = section.entries.items()
        inside = section.at(key)
        simple: dict[str, Callable[[Place, Node], Step]] = {"wait": self._wait, "note": self._note}
        if key in SET_KEYS:
            return set_step(self.document, inside, key, value)
        return simple[key](inside, value) if key in simple else self._procedure(inside, key, value)

    def _wait(self, place: Place, node: Node) -> WaitStep:
        if isinstance(node, dict):
            section = Section.of(self.document, place, node, "10 s")
            section.only(("for",))
            node, place = section.value("for", "a quantity in s"), section.at("for")
        seconds = quantity_at(self.document, place, node, "s")
        if seconds < 0.0:
            raise self.document.error(place, shown(node), "0 s or more", "write a longer time")
        return WaitStep(seconds, line=self.document.line(place))

    def _note(self, place: Place, node: Node) -> NoteStep:
        text = " ".join(node.split()) if isinstance(node, str) else node
        return NoteStep(text_at(self.document, place, text, 2000), line=self.document.line(place))

    def _procedure(self, place: Place, name: str, node: Node) -> ProcedureStep:
        known = self.procedures.get(name)
        if known is None:
            words = (*SET_KEYS, "wait", "note", "loop", *self.procedures)
            found = f"the unknown step {shown(place[-1])}"
            advice = suggestion(name, words)
            raise self.document.error(place, found, "a step or a procedure", advice)
        example = "its settings, or {} for its defaults"
        section = Section.of(self.document, place, {} if node is None else node, example)
        settings = read_settings(section, known)
        line = self.document.line(place)
        return ProcedureStep(name, settings.values, settings.units, settings.lines, line=line)

    def _loop(self, section: Section) -> LoopStep:
        section.only(("loop", "steps", "both_ways"))
        example = "{field: {from: 0 T, to: 1 T, points: 11}}"
        loop = Section.of(self.document, section.at("loop"), section.entries["loop"], example)
        loop.only((*SET_KEYS, "both_ways"))
        variables = [key for key in loop.entries if key != "both_ways"]
        if len(variables) != 1:
            found = "nothing to set" if not variables else "more than one thing to set"
            raise loop.error(None, found, "one", f"write loop: {example}; nest loops for more")
        variable = cast("Variable", variables[0])
        place, node = loop.at(variable), loop.entries[variable]
        both_ways = loop.boolean("both_ways", default=False)
        both_ways = section.boolean("both_ways", default=both_ways)
        values = self._values(place, variable, node)
        step = LoopStep(
            variable,
            there_and_back(values) if both_ways else values,
            first_of_loop(self.document, place, variable, values[0], node),
            self.read(section),
            line=section.line("loop"),
        )
        if (steps := count_steps((step,))) > MOST_STEPS:
            expected = f"at most {MOST_STEPS}"
            raise section.error("loop", f"{steps} steps", expected, "write fewer values")
        return step

    def _values(self, place: Place, variable: Variable, node: Node) -> Values:
        if variable == "contact":
            return read_names(self.document, place, node)
        return read_values(self.document, place, node, UNITS[variable], OPTIONS[variable])
