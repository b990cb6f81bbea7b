"""Repeat a run: a sequence file of the step that measured it, and of the state it was measured in.

The plan in the journal tells both, with every default written out.
"""

import json
from pathlib import Path
from typing import Any

from daq.campaign.plan import (
    LIMIT_UNITS,
    UNITS,
    AngleStep,
    ContactStep,
    FieldStep,
    LeafStep,
    PositionStep,
    ProcedureStep,
    Sequence,
    SettingValue,
    TemperatureStep,
    flatten,
)
from daq.campaign.plan_json import from_mapping
from daq.campaign.settings import file_key
from daq.config.quantity import format_quantity, parse_quantity
from daq.runs.campaign_folder import JOURNAL
from daq.runs.durability import write_new
from daq.runs.files import open_run
from daq.runs.journal import read_journal
from instruments.errors import StorageError

FOLDER = "sequences"
"""Beside the campaigns."""
STATES = (TemperatureStep, FieldStep, AngleStep, PositionStep, ContactStep)
_NAMES = ("temperature", "field", "angle", "position", "contact")


def sequence_of(path: Path) -> str:
    """Return the sequence that measures a run again.

    Parameters
    ----------
    path
        A file of the run.

    Returns
    -------
    str
        The text of a sequence file.

    Raises
    ------
    StorageError
        The run, its journal or its plan cannot be read, or no step of the plan measured it.
    """
    run = open_run(path)
    content = read_journal(run.path.parent / JOURNAL)
    begun = [
        event.get("step")
        for event in content.events
        if event.get("event") == "run begun" and event.get("run") == run.number
    ]
    plan = from_mapping(content.plan)
    steps = [planned.step for planned in flatten(plan)]
    at = begun[-1] if begun else None
    if not isinstance(at, int) or not 0 <= at < len(steps):
        raise StorageError(
            f"{run.path}: no step of the plan measured this run; it was a reference or by hand,"
            " so write the sequence yourself"
        )
    step = steps[at]
    if not isinstance(step, ProcedureStep):
        raise StorageError(f"{run.path}: its step is no measurement; the journal is damaged")
    lines = [*_head(plan, f"{run.number or 0:04d}"), "steps:"]
    lines += [f"  - {_state(found)}" for kind in STATES if (found := _last(steps[:at], kind))]
    settings = _flow(_settings(step))
    return "\n".join([*lines, f"  - {step.name}: {settings}", ""])


def save_repeat(path: Path, data: Path) -> Path:
    """Write the sequence that measures a run again; nothing is overwritten.

    Parameters
    ----------
    path
        A file of the run.
    data
        The folder of all campaigns.

    Returns
    -------
    Path
        The sequence file, in the folder ``sequences`` of the data folder.

    Raises
    ------
    StorageError
        It cannot be made; see `sequence_of`.
    """
    text = sequence_of(path)
    folder = data / FOLDER
    stem = f"repeat-{path.parent.name}-{path.stem}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file, count = folder / f"{stem}.yaml", 1
        while file.exists():
            count += 1
            file = folder / f"{stem}-{count}.yaml"
        write_new(file, text.encode())
    except OSError as failure:
        raise StorageError(f"{folder} cannot be written: {failure}; free space") from failure
    return file


def _head(plan: Sequence, number: str) -> list[str]:
    said: dict[str, str] = {"title": _word(f"{number} of {plan.title} again"[:120])}
    if plan.sample:
        said["sample"] = _flow({key: _word(value) for key, value in plan.sample.items()})
    if plan.station:
        said["station"] = _word(plan.station)
    limits = {
        key: f"[{', '.join(_quantity(end, LIMIT_UNITS[key]) for end in limit)}]"
        if isinstance(limit, tuple | list)
        else _quantity(limit, LIMIT_UNITS[key])
        for key, limit in plan.limits.items()
    }
    if limits:
        said["limits"] = _flow(limits)
    said["on_error"] = _flow({"retry": str(plan.on_error.retry), "then": plan.on_error.then})
    if plan.watch is not None:
        said["watch"] = _flow(_watch(plan))
    return ["format: 1", *(f"{key}: {value}" for key, value in said.items())]


def _watch(plan: Sequence) -> dict[str, str]:
    watch, said = plan.watch, {}
    if watch is None:
        return {}
    if watch.resistance is not None:
        ends = ", ".join(_quantity(end, "ohm") for end in watch.resistance)
        said["resistance"] = f"[{ends}]"
    for name, value in (("jump", watch.jump), ("quadrature", watch.quadrature)):
        if value is not None:
            said[name] = f"{100.0 * value!r} %"
    return {**said, "then": watch.then}


def _last(steps: list[LeafStep], kind: type) -> LeafStep | None:
    return next((step for step in reversed(steps) if isinstance(step, kind)), None)


def _state(step: Any) -> str:
    name = _NAMES[STATES.index(type(step))]
    if isinstance(step, ContactStep):
        return f"{name}: {_word(step.to)}"
    unit = UNITS[name]
    said = {"to": _quantity(step.to, unit)}
    rate = getattr(step, "rate", None)
    if rate is not None:
        said["rate"] = _rate(rate, unit)
    for key in ("approach", "mode"):
        if hasattr(step, key):
            said[key] = getattr(step, key).replace(" ", "_")
    if step.dwell:
        said["dwell"] = _quantity(step.dwell, "s")
    return f"{name}: {_flow(said)}"


def _rate(rate: float, unit: str) -> str:
    handy = {"K": ("K/min", 60.0), "T": ("Oe/s", 1e4)}.get(unit)
    if handy is not None:
        text = f"{rate * handy[1]:.10g} {handy[0]}"
        if parse_quantity(text, f"{unit}/s") == rate:
            return text
    return f"{rate!r} {unit}/s"


def _settings(step: ProcedureStep) -> dict[str, str]:
    return {
        file_key(name, step.settings): _setting(value, step.units.get(name))
        for name, value in step.settings.items()
    }


def _setting(value: SettingValue, unit: str | None) -> str:
    if isinstance(value, (bool, str)) or unit is None:
        return _word(value)
    return _quantity(float(value), unit)


def _quantity(value: float, unit: str) -> str:
    """Return a quantity that is read back as the same number."""
    text = format_quantity(value, unit)
    return text if parse_quantity(text, unit) == value else f"{value!r} {unit}"


def _word(value: SettingValue) -> str:
    return json.dumps(value, ensure_ascii=False)


def _flow(said: dict[str, str]) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in said.items()) + "}"
