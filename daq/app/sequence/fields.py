"""What can be said of a step: one field per setting, as the grammar and the procedures have it."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from daq.app.sequence.text import plain
from daq.campaign.environment import OPTIONS
from daq.campaign.plan import UNITS
from daq.campaign.settings import SettingLike, file_key
from daq.campaign.steps import SET_KEYS
from daq.config.problem import Place
from daq.config.quantity import format_quantity
from instruments.limits import StationLimits
from procedures.catalogue import PROCEDURES

Kind = Literal["quantity", "number", "choice", "text", "list"]
Extent = Literal["points", "step", "values"]
"""How a loop says its values: from-to with points, from-to with a step, or one by one."""
PALETTE: tuple[str, ...] = (*SET_KEYS, "wait", "note", "loop", *PROCEDURES)
"""Every step that there is."""
YES, NO = "true", "false"
_RATES = {"temperature": "K/min", "field": "Oe/s", "angle": "deg/s"}
_APPROACHES = {
    "temperature": ("fast", "no_overshoot"),
    "field": ("linear", "no_overshoot", "oscillate"),
}
_LABELS = {"to": "To", "rate": "Rate", "dwell": "Dwell", "approach": "Approach", "mode": "Mode"}


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that can be said.

    Parameters
    ----------
    path
        Its place, from the step.
    label
        In words.
    kind
        How it is typed.
    unit
        Of a quantity, or of those in a list; how a person would write it.
    default
        What holds if nothing is said, as text; empty if something must be said or nothing holds.
    choices
        Of a choice, as they are written.
    tip
        What is accepted, in words.
    needed
        Whether it must be said.
    also
        Other places where the file may say it, or where its problems are told.
    browse
        Whether it may name a file.
    """

    path: Place
    label: str
    kind: Kind
    unit: str = ""
    default: str = ""
    choices: tuple[str, ...] = ()
    tip: str = ""
    needed: bool = False
    also: tuple[Place, ...] = ()
    browse: bool = False

    def source(self, typed: str) -> str | None:
        """Return what was typed as YAML; None if nothing was."""
        typed = " ".join(typed.split())
        if not typed:
            return None
        if self.kind == "list":
            return f"[{', '.join(plain(part) for part in typed.split(',') if part.strip())}]"
        return plain(typed, is_text=self.kind == "text")


def step_fields(kind: str) -> tuple[Field, ...]:
    """Return the fields of a step that is no loop.

    Parameters
    ----------
    kind
        Its key, such as ``temperature`` or ``bias_spectrum``.

    Returns
    -------
    tuple of Field
        In order; none for an unknown step.
    """
    if kind in PROCEDURES:
        return setting_fields(kind, PROCEDURES[kind].settings())
    if kind == "wait":
        also: tuple[Place, ...] = ((kind,),)
        return (Field((kind, "for"), "For", "quantity", "s", needed=True, also=also),)
    if kind == "note":
        return (Field((kind,), "Note", "text", needed=True),)
    if kind in SET_KEYS:
        to = Field((kind, "to"), "To", "quantity", UNITS.get(kind, ""), needed=True)
        to = replace(to, kind="text", also=((kind,),)) if kind == "contact" else to
        return (replace(to, also=((kind,),)), *_options(kind, (kind,)))
    return ()


def loop_fields(variable: str, extent: Extent) -> tuple[Field, ...]:
    """Return the fields of a loop.

    Parameters
    ----------
    variable
        What it sets.
    extent
        How it says its values.

    Returns
    -------
    tuple of Field
        In order.
    """
    above, unit = ("loop", variable), UNITS.get(variable, "")
    if extent == "values" or variable == "contact":
        tip = "values with commas between them"
        also = (above, (*above, "to"))
        ends = [Field((*above, "values"), "Values", "list", unit, tip=tip, needed=True, also=also)]
    else:
        ends = [
            Field((*above, "from"), "From", "quantity", unit, needed=True, also=(above,)),
            Field((*above, "to"), "To", "quantity", unit, needed=True),
            Field((*above, "points"), "Points", "number", needed=True)
            if extent == "points"
            else Field((*above, "step"), "Step", "quantity", unit, needed=True),
        ]
    both = Field(
        ("loop", "both_ways"), "Both ways", "choice", "", NO, (YES, NO), also=(("both_ways",),)
    )
    return (*ends, *_options(variable, above), both)


def with_rates(fields: tuple[Field, ...], limits: StationLimits | None) -> tuple[Field, ...]:
    """Return fields that tell which rate holds where none is said: the highest of the station."""
    if limits is None:
        return fields
    rates = {
        ("temperature", "rate"): f"{60.0 * limits.temperature_rate:.4g} K/min, the station's",
        ("field", "rate"): f"{1e4 * limits.field_rate:.4g} Oe/s, the station's",
    }
    return tuple(
        replace(field, default=rates.get((str(field.path[-2]), str(field.path[-1])), field.default))
        if len(field.path) > 1
        else field
        for field in fields
    )


def setting_fields(
    name: str, settings: Mapping[str, SettingLike], above: Place | None = None
) -> tuple[Field, ...]:
    """Return the fields of a procedure.

    Parameters
    ----------
    name
        Of the procedure.
    settings
        What it accepts.
    above
        Where its settings stand; below its name if omitted.

    Returns
    -------
    tuple of Field
        In the order of declaration.
    """
    above = (name,) if above is None else above
    return tuple(_setting(above, key, setting, settings) for key, setting in settings.items())


def _setting(
    above: Place, name: str, setting: SettingLike, all_of_them: Mapping[str, SettingLike]
) -> Field:
    key = file_key(name, all_of_them)
    label = str(getattr(setting, "label", name))
    default = "" if setting.default is None else _shown(setting, setting.default)
    also = () if key == name else ((*above, name),)
    found = Field(
        (*above, key),
        label,
        "quantity" if setting.units else "number",
        setting.units or "",
        default,
        tip=", ".join(_range(setting)),
        needed=setting.default is None,
        also=also,
    )
    if setting.kind == "boolean":
        return replace(found, kind="choice", choices=(YES, NO))
    if setting.kind == "choice":
        return replace(found, kind="choice", choices=tuple(_choices(setting)))
    return found


def _choices(setting: SettingLike) -> Iterator[str]:
    for choice in setting.choices:
        yield _shown(setting, choice)


def _range(setting: SettingLike) -> Iterator[str]:
    """Yield the ends of the range that say something."""
    for word, end in (("from", setting.minimum), ("to", setting.maximum)):
        if end is not None and math.isfinite(end) and abs(end) < 1e8:
            yield f"{word} {_shown(setting, end)}"


def _shown(setting: SettingLike, value: float | str) -> str:
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, str):
        return value
    if setting.units:
        return format_quantity(value, setting.units)
    return f"{value:g}"


def _options(variable: str, above: Place) -> Iterator[Field]:
    known: Mapping[str, tuple[str, ...]] = {str(key): value for key, value in OPTIONS.items()}
    for key in known[variable]:
        found = Field((*above, key), _LABELS[key], "quantity")
        if key == "rate":
            yield replace(found, unit=_RATES[variable], default="the station's")
        elif key == "dwell":
            yield replace(found, unit="s", default="0 s")
        else:
            words = ("driven", "persistent") if key == "mode" else _APPROACHES[variable]
            yield replace(found, kind="choice", choices=words, default=words[0])
