"""A plan as JSON, and the hash that tells whether two plans do the same."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from daq.campaign.plan import (
    AngleStep,
    ContactStep,
    FieldStep,
    LoopStep,
    NoteStep,
    OnError,
    PositionStep,
    ProcedureStep,
    Reference,
    Sequence,
    Step,
    TemperatureStep,
    WaitStep,
    Watch,
)
from daq.config.problem import printable
from instruments.errors import StorageError

FORMAT = 1

_STEPS: Mapping[str, Callable[..., Step]] = {
    "temperature": TemperatureStep,
    "field": FieldStep,
    "angle": AngleStep,
    "position": PositionStep,
    "contact": ContactStep,
    "wait": WaitStep,
    "note": NoteStep,
    "procedure": ProcedureStep,
    "loop": LoopStep,
}
_NAMES = {kind: name for name, kind in _STEPS.items()}


def plan_hash(sequence: Sequence) -> str:
    """Return the hash of what is done: lines, comments and the name of the file do not count."""
    plain = _plain(sequence, told=False)
    if plain["reference"] is None:  # as in plans that were written before there were references
        del plain["reference"]
    canonical = json.dumps(plain, sort_keys=True, allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def to_mapping(sequence: Sequence) -> dict[str, Any]:
    """Return a plan as a mapping that JSON can hold, with its format and hash."""
    return {"format": FORMAT, "hash": plan_hash(sequence), **_plain(sequence, told=True)}


def to_json(sequence: Sequence) -> str:
    """Return a plan as one line of JSON."""
    return json.dumps(to_mapping(sequence), allow_nan=False)


def from_mapping(plan: Mapping[str, Any]) -> Sequence:
    """Return the plan that `to_mapping` wrote.

    Parameters
    ----------
    plan
        The mapping.

    Returns
    -------
    Sequence
        The plan.

    Raises
    ------
    StorageError
        The format is unknown, something is missing, or the plan is not the one that was written.
    """
    found = plan.get("format")
    if found != FORMAT:
        raise StorageError(
            f"plan: found format {printable(str(found))}, expected {FORMAT}; use a newer Coldpoint"
        )
    try:
        sequence = _sequence(plan)
        unchanged = plan["hash"] == plan_hash(sequence)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as problem:
        raise StorageError(
            f"plan: found {printable(repr(problem), 120)}, expected a whole plan;"
            " take the journal from a backup"
        ) from None
    if not unchanged:
        raise StorageError(
            "plan: found another plan than its hash belongs to, expected what was written;"
            " take the journal from a backup"
        )
    return sequence


def from_json(text: str) -> Sequence:
    """Return the plan that `to_json` wrote.

    Parameters
    ----------
    text
        The JSON.

    Returns
    -------
    Sequence
        The plan.

    Raises
    ------
    StorageError
        It is no JSON, or not the plan that was written.
    """
    try:
        plan = json.loads(text)
    except (ValueError, RecursionError):
        plan = None
    if not isinstance(plan, dict):
        raise StorageError("plan: found no JSON object, expected a plan; take it from a backup")
    return from_mapping(plan)


def _plain(item: Any, *, told: bool) -> Any:
    """Return what JSON can hold; `told` adds what does not change what is done."""
    if isinstance(item, Mapping):
        return {str(key): _plain(value, told=told) for key, value in item.items()}
    if isinstance(item, tuple | list):
        return [_plain(value, told=told) for value in item]
    if not hasattr(item, "__dataclass_fields__"):
        return item
    plain = {
        part.name: _plain(getattr(item, part.name), told=told)
        for part in fields(item)
        if told or part.compare
    }
    name = _NAMES.get(type(item))
    return plain if name is None else {"step": name, **plain}


def _sequence(plan: Mapping[str, Any]) -> Sequence:
    watch, reference = plan["watch"], plan.get("reference")
    return Sequence(
        title=plan["title"],
        sample=dict(plan["sample"]),
        station=plan["station"],
        limits={key: _tupled(value) for key, value in plan["limits"].items()},
        on_error=OnError(**plan["on_error"]),
        watch=None if watch is None else Watch(**{k: _tupled(v) for k, v in watch.items()}),
        steps=tuple(_step(step) for step in plan["steps"]),
        source=plan["source"],
        text=plan["text"],
        reference=None if reference is None else _reference(reference),
    )


def _reference(plan: Mapping[str, Any]) -> Reference:
    step = _step(plan["step"])
    if not isinstance(step, ProcedureStep):
        raise TypeError("a reference is measured by a procedure")
    return Reference(**{**plan, "step": step})


def _step(plan: Mapping[str, Any]) -> Step:
    said = {key: value for key, value in plan.items() if key != "step"}
    if plan["step"] == "loop":
        said["values"] = tuple(said["values"])
        said["set_step"] = _step(said["set_step"])
        said["steps"] = tuple(_step(step) for step in said["steps"])
    return _STEPS[plan["step"]](**said)


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
