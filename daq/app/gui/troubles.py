"""What a person must know about a campaign, in words: the worst first."""

from daq.campaign.plain_words import in_plain_words
from daq.campaign.policy import SILENCE
from daq.campaign.standing import Standing, State

SILENT = 30.0
"""Seconds of life without a byte after which something may hang."""
_FULL = ("no space left", "file too large", "quota exceeded", "disk is full")
_OUTPUTS = frozenset({"bias", "source", "lockin"})


def trouble_in_words(
    standing: Standing, state: State, *, silence: float = 0.0, broken: str = "", where: str = ""
) -> str:
    """Return what is wrong with a campaign; empty if nothing is known.

    Parameters
    ----------
    standing
        As its journal tells.
    state
        As it is, given whether its runner lives.
    silence
        Seconds for which no file has grown.
    broken
        Why a file cannot be followed.
    where
        The folder of the campaign.

    Returns
    -------
    str
        One or more sentences, with what to do.
    """
    found = [_of_state(standing, state, where), _of_safety(standing, state)]
    if state == "running" and standing.silent:
        found.append(
            f"The cryostat does not answer: {_sentence(standing.silent)} Where the sample is, and"
            f" whether a field stands, is not known{_last_seen(standing)}; if no answer comes"
            f" within {SILENCE / 60.0:.0f} min, nothing more is measured and the outputs go off."
        )
    elif state == "running" and silence > SILENT:
        found.append(
            f"Nothing has arrived for {silence:.0f} s: an instrument or the disk may hang. The"
            " guardian of a real bench ends a runner that hangs and makes the outputs safe."
        )
    if state in {"running", "paused"} and standing.error and not standing.pause:
        found.append(f"Last error: {_sentence(standing.error)}")
    if broken:
        found.append(f"The window cannot follow everything: {_sentence(broken)}")
    return " ".join(words for words in found if words)


def _of_state(standing: Standing, state: State, where: str) -> str:
    if state == "interrupted":
        owner = "" if standing.owner is None else f" (process {standing.owner.pid})"
        return (
            f"Interrupted: the runner{owner} is gone without an ending. The rows up to then are on"
            f" disk. Look at the instruments, then: coldpoint resume {where}"
        )
    if state == "failed":
        return f"Failed: {_cause(standing, where)}"
    if state == "aborted":
        return f"Aborted: {_sentence(standing.error or 'on request')}"
    if state == "paused":
        return f"Paused: {_sentence(standing.pause)} Decide: go on, skip this step, or abort."
    return ""


def _of_safety(standing: Standing, state: State) -> str:
    if not standing.over and state != "interrupted":
        return ""
    if standing.safe is False:
        return _not_safe(standing)
    if standing.safe and standing.by_guardian:
        return "Its guardian made everything safe."
    return "Everything was made safe." if standing.safe and standing.told != "finished" else ""


def _not_safe(standing: Standing) -> str:
    missed = set(standing.missed)
    if missed and not missed & _OUTPUTS:
        words = "The outputs are off."
        if "cryostat" in missed:
            last = "" if "last seen" in standing.error else _last_seen(standing)
            words += (
                " NOT SAFE: the cryostat could not be reached, and its field may stand"
                f"{last}: look at it and at MultiVu now."
            )
        others = ", ".join(sorted(missed - {"cryostat"}))
        return f"{words} NOT SAFE: {others} could not be reached." if others else words
    which = f": {', '.join(standing.missed)} could not be reached" if missed else ""
    return f"NOT SAFE{which}: look at the source and the lock-in now."


def _last_seen(standing: Standing) -> str:
    if standing.seen is None:
        return ""
    temperature, field = standing.seen
    when = "" if standing.seen_at is None else f", {standing.seen_at:%H:%M:%S} UTC"
    return f" (last seen: {temperature:.4g} K, {field:.4g} T{when})"


def _cause(standing: Standing, where: str) -> str:
    """Return an error with what it means and what to do, where that is known."""
    error = standing.error
    if not error:
        return "No reason was written."
    first, told, _ = error.partition("; station ")
    cause = _sentence(first if told and "is not safe" in error else error)
    hint = _hint(standing, where)
    return f"{cause} {hint}" if hint else cause


def _hint(standing: Standing, where: str) -> str:
    low, go_on = standing.error.lower(), f"coldpoint resume {where}"
    if any(words in low for words in _FULL):
        return f"The disk is full: the rows before that are kept; free space, then: {go_on}"
    if "disk" in low:
        return f"The disk refuses to write: look at it, then: {go_on}"
    if "cryostat" in standing.missed:
        return f"When it answers again: {go_on}"
    if "cryostat" in low or "multivu" in low:
        return f"Look at the cryostat and its controller, then: {go_on}"
    if any(words in low for words in ("timeout", "does not answer", "no answer")):
        return "An instrument does not answer: look at its cable and its display."
    return ""


def _sentence(words: str) -> str:
    plain = in_plain_words(words)
    return plain if plain.endswith((".", "!", "?")) else f"{plain}."
