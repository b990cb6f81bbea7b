"""What can be said at the head of a sequence."""

from dataclasses import dataclass

from daq.app.sequence.fields import Field, setting_fields
from daq.campaign.plan import LIMIT_UNITS
from daq.campaign.sequence import DRIFT, REFERENCE
from daq.config.folder import config_names
from daq.config.quantity import format_quantity
from instruments.limits import Limit, StationLimits
from procedures.catalogue import PROCEDURES

_RATE_UNITS = {"K/s": "K/min", "T/s": "Oe/s"}


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together.

    Parameters
    ----------
    title
        Above them.
    fields
        In order.
    """

    title: str
    fields: tuple[Field, ...]


def head_groups(limits: StationLimits | None) -> tuple[Group, ...]:
    """Return the fields of the head.

    Parameters
    ----------
    limits
        Of the station, which a sequence may tighten; None if it is not known.

    Returns
    -------
    tuple of Group
        In the order of the file.
    """
    stations = ("simulated", *(n for n in config_names("stations") if n != "simulated"))
    tip = "the name of one that is shipped, or a file"
    return (
        Group(
            "Sequence",
            (
                Field(("title",), "Title", "text", needed=True),
                Field(("sample", "name"), "Sample", "text", also=(("sample",),)),
                Field(("station",), "Station", "text", "", stations[0], stations, tip, browse=True),
            ),
        ),
        Group(
            "If a step fails",
            (
                Field(("on_error", "retry"), "Retry", "number", default="0", tip="from 0 to 100"),
                Field(("on_error", "then"), "Then", "choice", "", "land", ("land", "skip")),
            ),
        ),
        Group("Watch every point", _watch()),
        Group("Reference again and again", _reference()),
        Group("Limits, tighter than the station's", tuple(_limits(limits))),
    )


def _watch() -> tuple[Field, ...]:
    words = ("pause", "skip", "land")
    tip = "lowest and highest, such as 80 ohm, 125 ohm"
    return (
        Field(("watch", "resistance"), "Resistance", "list", "ohm", tip=tip),
        Field(("watch", "jump"), "Jump", "quantity", "%"),
        Field(("watch", "quadrature"), "Quadrature", "quantity", "%"),
        Field(("watch", "then"), "Then", "choice", "", "pause", words),
    )


def _reference() -> tuple[Field, ...]:
    above = ("reference",)
    return (
        Field((*above, "every"), "Every", "quantity", "s", tip="such as 2 h"),
        Field((*above, "drift"), "Drift", "quantity", "%", format_quantity(DRIFT, "")),
        Field((*above, "travel"), "Travel", "choice", "", "false", ("true", "false")),
        *setting_fields(REFERENCE, PROCEDURES[REFERENCE].settings(), above),
    )


def _limits(limits: StationLimits | None) -> list[Field]:
    found: list[Field] = []
    for name, unit in LIMIT_UNITS.items():
        if name == "position":
            continue
        standing: Limit | None = None if limits is None else getattr(limits, name)
        if standing == 0.0:  # nothing of that kind at this station
            continue
        pair = name == "temperature"
        found.append(
            Field(
                ("limits", name),
                name.replace("_", " ").capitalize(),
                "list" if pair else "quantity",
                _RATE_UNITS.get(unit, unit),
                "" if standing is None else _shown(standing, unit),
                tip="lowest and highest, such as 1.8 K, 100 K" if pair else "",
            )
        )
    return found


def _shown(limit: Limit, unit: str) -> str:
    if isinstance(limit, tuple):
        return ", ".join(format_quantity(end, unit) for end in limit)
    return f"{1e4 * limit:.6g} Oe/s" if unit == "T/s" else format_quantity(limit, unit)
