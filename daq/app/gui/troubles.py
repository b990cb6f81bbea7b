"""What a person must know about a campaign, in words: the worst first."""

from daq.campaign.standing import Standing, State

SILENT = 30.0
"""Seconds of life without a byte after which something may hang."""


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
    found = [_of_state(standing, state, where), _of_safety(standing)]
    if state == "running" and silence > SILENT:
        found.append(
            f"Nothing has arrived for {silence:.0f} s: an instrument or the disk may hang. The"
            " guardian of a real bench ends a runner that hangs and makes the outputs safe."
        )
    if state in {"running", "paused"} and standing.error and not standing.pause:
        found.append(f"Last error: {standing.error}.")
    if broken:
        found.append(f"The window cannot follow everything: {broken}.")
    return " ".join(words for words in found if words)


def _of_state(standing: Standing, state: State, where: str) -> str:
    if state == "interrupted":
        owner = "" if standing.owner is None else f" (process {standing.owner.pid})"
        return (
            f"Interrupted: the runner{owner} is gone without an ending. The rows up to then are on"
            f" disk. Look at the instruments, then: coldpoint resume {where}"
        )
    if state == "failed":
        return f"Failed: {_cause(standing.error)}"
    if state == "aborted":
        return f"Aborted: {standing.error or 'on request'}."
    if state == "paused":
        return f"Paused: {standing.pause}. Decide: go on, skip this step, or abort."
    return ""


def _of_safety(standing: Standing) -> str:
    if standing.over and standing.safe is False:
        return "NOT SAFE: look at the source and the lock-in now."
    return "Everything was made safe." if standing.over and standing.told != "finished" else ""


def _cause(error: str) -> str:
    """Return an error with what it means where that is known."""
    low = error.lower()
    hint = ""
    if "no space" in low or "disk" in low:
        hint = " The disk is full or refuses to write: free space, then resume."
    elif "cryostat" in low or "multivu" in low:
        hint = " Look at the cryostat and its controller."
    elif "timeout" in low or "does not answer" in low or "no answer" in low:
        hint = " An instrument does not answer: look at its cable and its display."
    return f"{error or 'no reason was written'}.{hint}"
