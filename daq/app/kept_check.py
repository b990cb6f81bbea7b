"""Rehearsals as ``coldpoint check`` tells them, kept so that nothing is rehearsed twice."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from daq.app.check_report import as_mapping
from daq.campaign.kept_rehearsals import (
    KeptRehearsal,
    keep,
    kept,
    rehearsal_key,
    rehearsing,
    seconds_of_life,
)
from daq.campaign.prepared import Prepared
from daq.campaign.rehearsal_report import Rehearsal
from daq.config.folder import find_config
from instruments.clock import SystemClock

STOPPED = "stopped on request"


def key_of(
    prepared: Prepared, sequence: str | Path, *, measure: str = "", resistance: float
) -> str:
    """Return under which name the rehearsal of a checked sequence is kept.

    Parameters
    ----------
    prepared
        The sequence.
    sequence
        Its file or name.
    measure
        What a MultiVu sequence measures.
    resistance
        In ohm, of the resistor that stands for a sample without a model.

    Returns
    -------
    str
        As `daq.campaign.kept_rehearsals.rehearsal_key`.
    """
    text = find_config("sequences", sequence).read_bytes()
    station = prepared.station
    return rehearsal_key(text, station.text, station.name, measure=measure, resistance=resistance)


def rehearse_and_keep(key: str, prepared: Prepared, rehearse: Callable[[], Rehearsal]) -> Rehearsal:
    """Rehearse, and keep what was found unless it was broken off.

    Parameters
    ----------
    key
        As `key_of` returns it.
    prepared
        The sequence.
    rehearse
        Rehearses it.

    Returns
    -------
    Rehearsal
        What it has found.
    """
    life = SystemClock()
    try:
        began = life.now()
        found = rehearse()
        took = life.now() - began
    finally:
        life.close()
    if found.error != STOPPED:
        answer = as_mapping(found, found.size)
        seconds = seconds_of_life(prepared.station, found.duration, took)
        keep(key, KeptRehearsal(answer, seconds, _problem(found)))
    return found


def kept_or_rehearsed(
    key: str, prepared: Prepared, rehearse: Callable[[], Rehearsal]
) -> Mapping[str, Any]:
    """Return what was kept, or rehearse; never while another program rehearses the same.

    Parameters
    ----------
    key
        As `key_of` returns it.
    prepared
        The sequence.
    rehearse
        Rehearses it.

    Returns
    -------
    mapping
        As `daq.app.check_report.as_mapping`, for a disk that is just large enough.
    """
    with rehearsing(key):
        found = kept(key)
        if found is not None and found.answer:
            return found.answer
        rehearsed = rehearse_and_keep(key, prepared, rehearse)
        return as_mapping(rehearsed, rehearsed.size)


def with_disk(answer: Mapping[str, Any], free: int, *, confirmed: bool) -> dict[str, Any]:
    """Return an answer for the disk as it is now, and for what a person has confirmed.

    Parameters
    ----------
    answer
        As it was kept.
    free
        Bytes that are free where the data will be.
    confirmed
        Whether a person has confirmed that the sample may become warmer than the station keeps it.

    Returns
    -------
    dict
        The answer.
    """
    disk = {**answer["disk"], "free_bytes": free}
    steps = any(step["error"] for step in answer["steps"])
    whole = not (answer["error"] or answer["broken_limits"] or steps)
    allowed = confirmed or not answer["needs_confirmation"]
    ok = whole and allowed and disk["needed_bytes"] <= free
    return {**answer, "ok": ok, "disk": disk}


def _problem(found: Rehearsal) -> str:
    """Return why a sequence cannot be carried out to its end; a disk or a person may change."""
    if found.error:
        return found.error
    if found.broken_limits:
        return f"limits are broken: {', '.join(found.broken_limits)}"
    if found.failures:
        first = found.failures[0]
        more = f" (and {len(found.failures) - 1} more)" if len(found.failures) > 1 else ""
        return f"step {first.index + 1} fails: {first.error}{more}"
    return ""
