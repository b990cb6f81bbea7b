"""The values of a loop: a list, from-to with points, or from-to with a step.

A mapping with ``values`` is a list that leaves room for options, such as a rate.
"""

from collections.abc import Collection

from daq.campaign.plan import Values
from daq.config.document import Document, Node
from daq.config.problem import Place, shown
from daq.config.quantity import format_quantity
from daq.config.section import Section, quantity_at, text_at
from instruments.errors import ConfigurationError

MOST = 100_000
"""Values of the longest loop."""
RANGE_KEYS = ("from", "to", "points", "step", "values")


def read_values(
    document: Document, place: Place, node: Node, unit: str, options: Collection[str]
) -> tuple[float, ...]:
    """Return the values of a loop over a quantity.

    Parameters
    ----------
    document
        The file.
    place
        Where the loop's variable stands.
    node
        What stands there: a list, or a mapping.
    unit
        SI unit of the variable.
    options
        Keys that a mapping may have besides those of the range, or besides ``values``.

    Returns
    -------
    tuple of float
        In order, at least one.

    Raises
    ------
    ConfigurationError
        The values are missing or contradict each other.
    """
    if isinstance(node, list):
        return _listed(document, place, node, unit)
    example = f"[1 {unit}, 2 {unit}] or {{from: 0 {unit}, to: 1 {unit}, points: 11}}"
    section = Section.of(document, place, node, example)
    section.only((*RANGE_KEYS, *options))
    if "values" not in section:
        return _range(section, unit)
    for key in RANGE_KEYS[:-1]:
        if key in section:
            raise section.error(key, f"'{key}' and 'values'", "one of them", "remove one")
    listed = section.entries["values"]
    if not isinstance(listed, list):
        raise section.error("values", shown(listed), "a list", f"write [1 {unit}, 2 {unit}]")
    return _listed(document, section.at("values"), listed, unit)


def read_names(document: Document, place: Place, node: Node) -> tuple[str, ...]:
    """Return the values of a loop over names.

    Parameters
    ----------
    document
        The file.
    place
        Where the loop's variable stands.
    node
        What stands there: a list of texts.

    Returns
    -------
    tuple of str
        In order, at least one.

    Raises
    ------
    ConfigurationError
        It is no such list.
    """
    if not isinstance(node, list):
        raise document.error(place, shown(node), "a list of names", "write [first, second]")
    _refuse_length(document, place, node)
    return tuple(text_at(document, (*place, index), item) for index, item in enumerate(node))


def there_and_back(values: Values) -> Values:
    """Return the values and the way back; the last one is not taken twice."""
    back = values[-2::-1] if len(values) > 1 else ()
    return (*values, *back)


def _listed(document: Document, place: Place, node: list[Node], unit: str) -> tuple[float, ...]:
    _refuse_length(document, place, node)
    return tuple(
        quantity_at(document, (*place, index), item, unit) for index, item in enumerate(node)
    )


def _refuse_length(document: Document, place: Place, node: list[Node]) -> None:
    if not node:
        raise document.error(place, "an empty list", "at least one value", "write the values")
    if len(node) > MOST:
        raise document.error(place, shown(node), f"at most {MOST}", "write fewer values")


def _range(section: Section, unit: str) -> tuple[float, ...]:
    start, stop = section.quantity("from", unit), section.quantity("to", unit)
    if "points" in section and "step" in section:
        raise section.error("step", "both 'points' and 'step'", "one of them", "remove one")
    if "points" not in section and "step" not in section:
        advice = "add 'points' (how many values) or 'step'"
        raise section.error("points", "no such key", "'points' or 'step'", advice)
    if start == stop:
        found = f"the same as 'from', {format_quantity(stop, unit)}"
        raise section.error("to", found, "another value than 'from'", "write a list for one value")
    if "points" in section:
        intervals = section.integer("points", None, 2, MOST) - 1
    else:
        intervals = _intervals(section, start, stop, unit)
    span = stop - start
    inside = (start + span * i / intervals for i in range(1, intervals))
    return (start, *(_neat(value, span) for value in inside), stop)


def _neat(value: float, span: float) -> float:
    """Return the shortest number: 0.3 and not 0.30000000000000004, 0 and not 1e-20."""
    if abs(value) < 1e-12 * abs(span):
        return 0.0
    return float(f"{value:.12g}")


def _intervals(section: Section, start: float, stop: float, unit: str) -> int:
    step = section.quantity("step", unit)
    if step == 0.0:
        raise section.error("step", _at(section), "a step other than zero", "write a larger step")
    if step < 0.0 < stop - start:
        raise _contradiction(section, "a step above zero, since 'to' is above 'from'")
    ratio = (stop - start) / abs(step)
    intervals = round(abs(ratio)) if abs(ratio) < MOST else MOST
    if intervals >= MOST:
        raise section.error("step", _at(section), f"at most {MOST} values", "write a larger step")
    if intervals < 1 or abs(abs(ratio) - intervals) > 1e-6 * intervals:
        distance = format_quantity(abs(stop - start), unit)
        raise _contradiction(section, f"a step that divides the {distance} between 'from' and 'to'")
    return intervals


def _contradiction(section: Section, expected: str) -> ConfigurationError:
    return section.error("step", _at(section), expected, "correct the step or write 'points'")


def _at(section: Section) -> str:
    return shown(section.entries["step"])
