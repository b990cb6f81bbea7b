"""The lines of a journal in words, for people."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from daq.campaign.plain_words import in_plain_words
from daq.runs.remarks import remarks

Event = Mapping[str, Any]
Weight = Literal["plain", "good", "warning", "bad"]


def event_in_words(event: Event) -> str:
    """Return a line of a journal in words.

    Parameters
    ----------
    event
        As the journal has it.

    Returns
    -------
    str
        One line; empty for what only repeats another line.
    """
    words = _WORDS.get(str(event.get("event")))
    if words is not None:
        return words(event)
    own = {"event", "utc", "clock"}
    rest = ", ".join(f"{key} {value}" for key, value in event.items() if key not in own)
    return f"{event.get('event')}: {rest}" if rest else str(event.get("event"))


def event_weight(event: Event) -> Weight:
    """Return how much a line of a journal matters to a person who looks over it."""
    name = event.get("event")
    if name in {
        "step failed",
        "not safe",
        "guardian lost",
        "cryostat log ended",
        "cryostat silent",
        "trace ended",
    }:
        return "bad"
    if name in {"run ended", "campaign ended"} and event.get("outcome") != "finished":
        return "warning" if event.get("outcome") == "aborted" else "bad"
    if name == "guardian acted":
        return "warning" if event.get("safe") is True else "bad"
    if name == "reference":
        return "warning" if event.get("drifted") else "plain"
    if name in {
        "paused",
        "step skipped",
        "reference failed",
        "torn line",
        "bringing back",
        "campaign resumed",
    }:
        return "warning"
    return "good" if name in {"campaign ended", "made safe"} else "plain"


def _time(seconds: float) -> str:
    minutes = round(seconds / 60.0)
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"


def _step(event: Event) -> str:
    step = event.get("step")
    return "" if step is None else f"step {int(step) + 1}"


def _plan(event: Event) -> str:
    plan = event.get("plan", {})
    return f"planned: {plan.get('title', '')}"


def _step_begun(event: Event) -> str:
    loops = ", ".join(map(str, event.get("loops", ())))
    return f"{_step(event)}: {event.get('what', '')}{f' ({loops})' if loops else ''}"


def _step_ended(event: Event) -> str:
    where = []
    if event.get("temperature") is not None:
        where.append(f"{float(event['temperature']):.4g} K")
    if event.get("field") is not None:
        where.append(f"{float(event['field']):.4g} T")
    if event.get("angle") is not None:
        where.append(f"{float(event['angle']):.4g} deg")
    return f"{_step(event)} done" + (f" at {', '.join(where)}" if where else "")


def _step_failed(event: Event) -> str:
    then = {
        "retry": f"tried again ({event.get('tried')} of {event.get('retries')})",
        "skip": "skipped, as the sequence says",
        "pause": "paused",
        "land": "landing",
    }.get(str(event.get("then")), str(event.get("then")))
    return f"{_step(event)} failed: {_error(event)}; {then}"


def _paused(event: Event) -> str:
    patience = float(event.get("patience", 0.0)) / 60.0
    why = in_plain_words(str(event.get("why")))
    return (
        f"paused at {_step(event)}: {why}; without a decision the station is made"
        f" safe after {patience:.0f} min"
    )


def _run_ended(event: Event) -> str:
    error = f": {_error(event)}" if event.get("error") else ""
    rows = event.get("rows", 0)
    return f"run {event.get('run')} {event.get('outcome')}, {rows} points{error}"


def _run_begun(event: Event) -> str:
    attempt = int(event.get("attempt", 1))
    again = f", attempt {attempt}" if attempt > 1 else ""
    return f"run {event.get('run')}{again}: {event.get('file')}"


def _campaign_ended(event: Event) -> str:
    error = f": {_error(event)}" if event.get("error") else ""
    return f"campaign {event.get('outcome')}{error}"


def _not_safe(event: Event) -> str:
    reached, missed = ", ".join(event.get("reached") or ()), event.get("missed") or {}
    told = "; ".join(f"{role} ({in_plain_words(str(why))})" for role, why in missed.items())
    words = f"NOT SAFE: not reached: {told}" if told else f"NOT SAFE: {_error(event)}"
    return f"{words}; safe: {reached}" if reached else words


def _guardian_acted(event: Event) -> str:
    report = f"; its report is {event.get('report')}" if event.get("report") else ""
    found = {"died": "the runner was gone", "hung": "the runner hung"}.get(
        str(event.get("found")), "the runner did not land"
    )
    if event.get("safe") is True:
        return f"guardian: {found}, everything was made safe{report}"
    if event.get("safe") is None:
        return f"guardian: {found}, it has acted{report}"
    missed = ", ".join(event.get("missed") or ()) or "something"
    return f"guardian: {found}, NOT SAFE: {missed} could not be reached{report}"


def _error(event: Event) -> str:
    return in_plain_words(str(event.get("error")))


def _resumed(event: Event) -> str:
    accepted = "; ".join(map(str, event.get("accepted", ())))
    words = f"resumed at step {int(event.get('at', 0)) + 1}"
    return f"{words}; accepted: {accepted}" if accepted else words


def _reference(event: Event) -> str:
    drifted = " DRIFTED" if event.get("drifted") else ""
    return (
        f"reference {float(event['resistance']):.6g} +- {float(event['error']):.2g} ohm,"
        f" {100.0 * float(event['drift']):+.3g} % since the first{drifted}"
    )


def _note(event: Event) -> str:
    (remark,) = remarks((event,))
    about = ", ".join(map(str, remark.rows))
    if remark.run is not None and not about:
        about = f"run {remark.run}"
    marked = f" ({about}{f' marked {remark.mark}' if remark.mark else ''})" if about else ""
    return f"remark: {remark.text}{marked}"


_WORDS: Mapping[str, Callable[[Event], str]] = {
    "plan": _plan,
    "campaign begun": lambda event: f"begun on station {event.get('station')}",
    "campaign resumed": _resumed,
    "campaign ended": _campaign_ended,
    "step begun": _step_begun,
    "step ended": _step_ended,
    "step failed": _step_failed,
    "step skipped": lambda event: f"{_step(event)} skipped: {event.get('why')}",
    "step accepted": lambda event: f"{_step(event)} accepted as done",
    "note": _note,
    "run begun": _run_begun,
    "run ended": _run_ended,
    "paused": _paused,
    "confirmed": lambda event: f"confirmed by a person: {event.get('why')}",
    "wired by hand": lambda event: f"{_step(event)}: {event.get('contact')} wired by hand",
    "reference": _reference,
    "reference put off": lambda event: f"reference put off: {event.get('why')}",
    "reference travels": lambda event: f"reference travels: {event.get('why')}",
    "reference failed": lambda event: f"reference failed: {_error(event)}",
    "decided": lambda event: f"decided: {event.get('decision')}",
    "bringing back": lambda event: f"bringing back: {event.get('what')}",
    "brought back": lambda event: f"brought back ({_step(event)})",
    "made safe": lambda event: f"made safe: {', '.join(map(str, event.get('instruments', ())))}",
    "not safe": _not_safe,
    "guardian watches": lambda event: f"guardian: {event.get('promise')}",
    "guardian lost": lambda event: f"the guardian (process {event.get('pid')}) is lost",
    "guardian acted": _guardian_acted,
    "cryostat silent": lambda event: (
        f"the cryostat does not answer: {in_plain_words(str(event.get('why')))}"
    ),
    "cryostat answers": lambda _event: "the cryostat answers again",
    "trace ended": lambda event: f"the trace is not whole: {_error(event)}",
    "cryostat log ended": lambda event: f"the log of the cryostat ended: {_error(event)}",
    "rehearsed": lambda event: f"rehearsed: {_time(float(event.get('seconds', 0.0)))} to go",
    "observer detached": lambda event: f"an observer was left behind: {event.get('why')}",
    "torn line": lambda event: f"a line was cut off by a crash: {event.get('text')}",
}
