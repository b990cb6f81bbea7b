"""The sequence file: its grammar, read into a plan.

A sequence has a title and steps; a step is one key: something to set (``temperature``, ``field``,
``angle``, ``position``, ``contact``), ``wait``, ``note``, ``loop``, or the name of a procedure.
Keys may be written with spaces or underscores.
"""

import math
from pathlib import Path
from typing import Literal, cast

from daq.campaign.multivu_sequence import ENDING, converted_document
from daq.campaign.plan import (
    LIMIT_UNITS,
    OnError,
    ProcedureStep,
    Reference,
    Sequence,
    SettingValue,
    Watch,
    count_steps,
)
from daq.campaign.settings import Procedures, read_settings
from daq.campaign.steps import MOST_STEPS, StepReader
from daq.config.document import Document, read_document
from daq.config.folder import find_config
from daq.config.problem import shown
from daq.config.section import Section
from instruments.errors import ConfigurationError
from instruments.limits import Limit

TOP_KEYS = (
    "format",
    "title",
    "sample",
    "station",
    "limits",
    "on_error",
    "watch",
    "reference",
    "steps",
)
WATCHED = ("resistance", "jump", "quadrature")
REFERENCE = "zero_bias"
"""The procedure that measures a reference."""
DRIFT = 0.02
"""Relative change since the first reference from which it is marked, where the file gives none."""


def load_sequence(path: str | Path, *, procedures: Procedures, measure: str = "") -> Sequence:
    """Read a sequence file.

    Parameters
    ----------
    path
        A path, or the name of a file in configs/sequences; a MultiVu sequence (`.seq`) is
        converted, and the plan holds the YAML that it becomes.
    procedures
        What each procedure accepts, by name of the procedure and of the setting.
    measure
        What a MultiVu sequence measures, as a step of ours; see `multivu_sequence.convert`.

    Returns
    -------
    Sequence
        The plan; rates that the file omits are None until `resolve` takes the station's.

    Raises
    ------
    ConfigurationError
        The file is missing or wrong; the message names file, line and key.
    """
    file = find_config("sequences", path)
    if file.suffix.lower() == ENDING:
        document = converted_document(file, measure)
    elif measure:
        raise ConfigurationError(
            f"{file}: found a measurement for it, expected one for a MultiVu sequence ({ENDING})"
            " only; write the measurement into the sequence"
        )
    else:
        document = read_document(file)
    return sequence_from(document, procedures=procedures)


def sequence_from(document: Document, *, procedures: Procedures) -> Sequence:
    """Return the plan that a document describes.

    Parameters
    ----------
    document
        A sequence file.
    procedures
        What each procedure accepts.

    Returns
    -------
    Sequence
        The plan.

    Raises
    ------
    ConfigurationError
        The file is wrong.
    """
    top = Section.of(document, (), dict(document.data), "keys and values")
    top.only(TOP_KEYS)
    top.integer("format", 1, 1, 1)
    steps = StepReader(document, procedures).read(top)
    if (count := count_steps(steps)) > MOST_STEPS:
        raise top.error("steps", f"{count} steps", f"at most {MOST_STEPS}", "divide the sequence")
    return Sequence(
        title=top.text("title", 120),
        sample=_sample(top),
        station=top.text("station") if "station" in top else "",
        limits=_limits(top),
        on_error=_on_error(top),
        watch=_watch(top),
        steps=steps,
        source=document.file,
        text=document.text,
        reference=_reference(top, procedures),
    )


def _sample(top: Section) -> dict[str, SettingValue]:
    if "sample" not in top:
        return {}
    node = top.entries["sample"]
    if isinstance(node, str):
        return {"name": top.text("sample")}
    section = Section.of(top.document, top.at("sample"), node, "{name: ...}")
    for key, value in section.entries.items():
        infinite = isinstance(value, float) and not math.isfinite(value)
        if not isinstance(value, SettingValue) or infinite:
            raise section.error(key, shown(value), "a text or a finite number", "correct it")
    return {
        section.keys[key]: cast("SettingValue", value) for key, value in section.entries.items()
    }


def _limits(top: Section) -> dict[str, Limit]:
    if "limits" not in top:
        return {}
    section = Section.of(top.document, top.at("limits"), top.entries["limits"], "{current: 50 uA}")
    section.only(LIMIT_UNITS)
    limits: dict[str, Limit] = {}
    for key in section.entries:
        unit = LIMIT_UNITS[key]
        if key == "temperature":
            limits[key] = section.pair(key, unit)
        else:
            limits[key] = section.positive_quantity(key, unit)
    return limits


def _on_error(top: Section) -> OnError:
    if "on_error" not in top:
        return OnError()
    example = "{retry: 2, then: skip}"
    section = Section.of(top.document, top.at("on_error"), top.entries["on_error"], example)
    section.only(("retry", "then"))
    then = cast("Literal['skip', 'land']", section.word("then", ("skip", "land"), "land"))
    return OnError(section.integer("retry", 0, 0, 100), then)


def _reference(top: Section, procedures: Procedures) -> Reference | None:
    if "reference" not in top:
        return None
    example = "{every: 2 h}"
    section = Section.of(top.document, top.at("reference"), top.entries["reference"], example)
    own, known = ("every", "drift", "travel"), procedures[REFERENCE]
    section.only((*own, *known))
    entries = {key: node for key, node in section.entries.items() if key not in own}
    given = Section(section.document, section.place, entries, section.keys)
    settings = read_settings(given, known)
    line = top.line("reference")
    return Reference(
        every=section.positive_quantity("every", "s"),
        step=ProcedureStep(REFERENCE, settings.values, settings.units, settings.lines, line),
        drift=section.positive_quantity("drift", "") if "drift" in section else DRIFT,
        travel=section.boolean("travel", default=False),
        line=line,
    )


def _watch(top: Section) -> Watch | None:
    if "watch" not in top:
        return None
    example = "{resistance: [80 ohm, 125 ohm], then: pause}"
    section = Section.of(top.document, top.at("watch"), top.entries["watch"], example)
    section.only((*WATCHED, "then"))
    if not any(name in section for name in WATCHED):
        found = "neither 'resistance' nor 'jump' nor 'quadrature'"
        expected = "what is to be watched"
        raise section.error(None, found, expected, f"write {example}")
    then = section.word("then", ("pause", "skip", "land"), "pause")
    return Watch(
        section.pair("resistance", "ohm") if "resistance" in section else None,
        section.positive_quantity("jump", "") if "jump" in section else None,
        cast("Literal['pause', 'skip', 'land']", then),
        section.positive_quantity("quadrature", "") if "quadrature" in section else None,
    )
