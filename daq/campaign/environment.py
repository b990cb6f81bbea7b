"""Steps that set something: temperature, field, angle, position, contact."""

from collections.abc import Mapping
from typing import cast

from daq.campaign.plan import (
    UNITS,
    AngleStep,
    ContactStep,
    FieldApproach,
    FieldMode,
    FieldStep,
    PositionStep,
    SetStep,
    TemperatureApproach,
    TemperatureStep,
    Variable,
)
from daq.config.document import Document, Node
from daq.config.problem import Place, shown
from daq.config.section import Section, quantity_at, text_at

OPTIONS: Mapping[Variable, tuple[str, ...]] = {
    "temperature": ("rate", "approach", "dwell"),
    "field": ("rate", "approach", "mode", "dwell"),
    "angle": ("rate", "dwell"),
    "position": ("dwell",),
    "contact": (),
}
"""What may be said of a step besides where it goes."""


def set_step(document: Document, place: Place, variable: Variable, node: Node) -> SetStep:
    """Return a step that sets something.

    Parameters
    ----------
    document
        The sequence file.
    place
        Where the step stands.
    variable
        What is set.
    node
        What is said of it: a mapping with ``to``, or the value alone.

    Returns
    -------
    SetStep
        The step.

    Raises
    ------
    ConfigurationError
        It is not understood.
    """
    if variable == "contact" and not isinstance(node, dict):
        return ContactStep(text_at(document, place, node), line=document.line(place))
    if isinstance(node, str):
        to = quantity_at(document, place, node, UNITS[variable])
        return _step(document, place, variable, to, None)
    section = Section.of(document, place, node, _example(variable))
    section.only(("to", *OPTIONS[variable]))
    if variable == "contact":
        return ContactStep(section.text("to"), line=document.line(place))
    return _step(document, place, variable, section.quantity("to", UNITS[variable]), section)


def first_of_loop(
    document: Document, place: Place, variable: Variable, value: float | str, node: Node
) -> SetStep:
    """Return the step that sets the first value of a loop.

    Parameters
    ----------
    document
        The sequence file.
    place
        Where the variable of the loop stands.
    variable
        What is set.
    value
        The first value, in SI units, or a name.
    node
        What is said of it: a list, or a mapping whose options hold for every value.

    Returns
    -------
    SetStep
        The step.

    Raises
    ------
    ConfigurationError
        An option is not understood.
    """
    if isinstance(value, str):
        return ContactStep(value, line=document.line(place))
    section = None
    if isinstance(node, dict):
        section = Section.of(document, place, node, _example(variable))
    return _step(document, place, variable, value, section)


def _step(
    document: Document, place: Place, variable: Variable, to: float, options: Section | None
) -> SetStep:
    line = document.line(place)
    if options is None:
        options = Section(document, place, {}, {})
    dwell = options.quantity("dwell", "s") if "dwell" in options else 0.0
    if dwell < 0.0:
        found = shown(options.entries["dwell"])
        raise options.error("dwell", found, "0 s or more", "write a longer time")
    rate = options.positive_quantity("rate", f"{UNITS[variable]}/s") if "rate" in options else None
    if variable == "temperature":
        word = options.word("approach", ("fast", "no_overshoot"), "fast").replace("_", " ")
        return TemperatureStep(to, rate, cast("TemperatureApproach", word), dwell, line=line)
    if variable == "field":
        words = ("linear", "no_overshoot", "oscillate")
        word = options.word("approach", words, "linear").replace("_", " ")
        mode = options.word("mode", ("driven", "persistent"), "driven")
        return FieldStep(
            to, rate, cast("FieldApproach", word), cast("FieldMode", mode), dwell, line=line
        )
    if variable == "angle":
        return AngleStep(to, rate, dwell, line=line)
    return PositionStep(to, dwell, line=line)


def _example(variable: Variable) -> str:
    return "{to: contact 1}" if variable == "contact" else f"{{to: 1 {UNITS[variable]}}}"
