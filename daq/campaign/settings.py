"""Settings of a procedure, as a sequence gives them: judged against what the procedure accepts."""

import math
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from daq.campaign.plan import SettingValue
from daq.config.document import Node
from daq.config.problem import normalised, shown, suggestion
from daq.config.quantity import format_quantity
from daq.config.section import Section, quantity_at

ALIASES = {"from": "start", "to": "stop"}
"""How a file calls settings whose names Python keeps for itself."""
_IN_FILE = {name: key for key, name in ALIASES.items()}
CLOSE = 1e-9
"""Relative distance at which a quantity is one of the choices."""


def file_key(name: str, names: Container[str]) -> str:
    """Return how a file calls a setting of a procedure, given the names of all its settings."""
    key = _IN_FILE.get(name, name)
    return name if key in names else key


class SettingLike(Protocol):
    """What a setting of a procedure accepts: `procedures.settings.Setting`."""

    @property
    def kind(self) -> Literal["real", "integer", "choice", "boolean"]:
        """Return which type of value."""
        ...

    @property
    def units(self) -> str | None:
        """Return the SI unit, or None for a bare number or a word."""
        ...

    @property
    def default(self) -> SettingValue | None:
        """Return the value when nothing is said, or None when one must be given."""
        ...

    @property
    def minimum(self) -> float | None:
        """Return the lowest number."""
        ...

    @property
    def maximum(self) -> float | None:
        """Return the highest number."""
        ...

    @property
    def choices(self) -> tuple[SettingValue, ...]:
        """Return the values of a choice."""
        ...


Procedures = Mapping[str, Mapping[str, SettingLike]]
"""What each procedure accepts, by name of the procedure and of the setting."""


@dataclass(slots=True)
class Settings:
    """Every setting of a procedure, in SI units.

    Parameters
    ----------
    values
        By name; defaults are written out.
    units
        Of those that have one.
    lines
        Of those that the file gives.
    """

    values: dict[str, SettingValue] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)


def read_settings(section: Section, known: Mapping[str, SettingLike]) -> Settings:
    """Return every setting of a procedure.

    Parameters
    ----------
    section
        What the file gives.
    known
        What the procedure accepts, by name.

    Returns
    -------
    Settings
        Values in SI units.

    Raises
    ------
    ConfigurationError
        A setting is unknown, missing, or not accepted.
    """
    keys = _keys(section, known)
    settings = Settings()
    for name, setting in known.items():
        if setting.units:
            settings.units[name] = setting.units
        key = keys.get(name)
        if key is not None:
            settings.values[name] = _value(section, key, setting)
            settings.lines[name] = section.line(key)
        elif setting.default is not None:
            settings.values[name] = setting.default
        else:
            key = _written(name, known)
            raise section.error(key, "no such key", _expected(setting), f"add '{key}'")
    return settings


def _keys(section: Section, known: Mapping[str, SettingLike]) -> dict[str, str]:
    """Return which key of the section gives which setting."""
    keys: dict[str, str] = {}
    for key in section.entries:
        name = key if key in known else ALIASES.get(key, key)
        if name not in known:
            unknown = f"the unknown setting {shown(section.keys[key])}"
            names = [_written(name, known) for name in known]
            raise section.error(key, unknown, "a setting of the procedure", suggestion(key, names))
        if name in keys:
            found, advice = f"both '{keys[name]}' and '{key}'", "remove one"
            raise section.error(key, found, "one of them", advice)
        keys[name] = key
    return keys


def _written(name: str, known: Mapping[str, SettingLike]) -> str:
    """Return how a file calls a setting."""
    names = {"start": "from", "stop": "to"}
    key = names.get(name, name)
    return name if key in known else key


def _value(section: Section, key: str, setting: SettingLike) -> SettingValue:
    node = section.entries[key]
    if setting.kind == "boolean":
        return section.boolean(key, default=False)
    if setting.kind == "choice":
        return _choice(section, key, setting)
    number = _number(section, key, setting)
    low = -math.inf if setting.minimum is None else setting.minimum
    high = math.inf if setting.maximum is None else setting.maximum
    if not low <= number <= high or not math.isfinite(number):
        raise section.error(key, shown(node), _expected(setting), "write a value in that range")
    return number


def _number(section: Section, key: str, setting: SettingLike) -> float | int:
    node = section.entries[key]
    if setting.kind == "real" and setting.units:
        return quantity_at(section.document, section.at(key), node, setting.units)
    if isinstance(node, bool) or not isinstance(node, int | float):
        raise section.error(key, shown(node), _expected(setting), "write a number without a unit")
    if setting.kind == "real":
        return float(node)
    if isinstance(node, float):
        raise section.error(key, shown(node), _expected(setting), "write a whole number")
    return node


def _choice(section: Section, key: str, setting: SettingLike) -> SettingValue:
    node = section.entries[key]
    wanted: Node = node
    if setting.units and node not in setting.choices:
        wanted = quantity_at(section.document, section.at(key), node, setting.units)
    elif setting.units and not isinstance(node, str):
        raise section.error(key, shown(node), _expected(setting), "add the unit")
    for choice in setting.choices:
        if _same(wanted, choice):
            return choice
    words = [choice for choice in setting.choices if isinstance(choice, str)]
    advice = suggestion(node, words) if words and isinstance(node, str) else "write one of them"
    raise section.error(key, shown(node), _expected(setting), advice)


def _same(node: Node, choice: SettingValue) -> bool:
    if isinstance(node, bool) or isinstance(choice, bool):
        return node is choice
    if isinstance(node, str) and isinstance(choice, str):
        return normalised(node) == normalised(choice)
    if isinstance(node, int | float) and isinstance(choice, int | float):
        return math.isclose(node, choice, rel_tol=CLOSE, abs_tol=0.0)
    return False


def _expected(setting: SettingLike) -> str:
    if setting.kind == "boolean":
        return "true or false"
    if setting.kind == "choice":
        return f"one of {', '.join(_shown(choice, setting) for choice in setting.choices)}"
    what = "a whole number" if setting.kind == "integer" else "a number"
    what = f"a quantity in {setting.units}" if setting.units else what
    ends = [
        f"{word} {_shown(end, setting)}"
        for word, end in (("from", setting.minimum), ("to", setting.maximum))
        if end is not None and math.isfinite(end)
    ]
    return " ".join([what, *ends])


def _shown(value: SettingValue, setting: SettingLike) -> str:
    if isinstance(value, str | bool):
        return str(value)
    return format_quantity(value, setting.units) if setting.units else f"{value:g}"
