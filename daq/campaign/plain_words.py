"""Errors as people read them: without the names that only programs need."""

import re

_NAMES = re.compile(
    r"\b(?:[a-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Interrupt|Iteration|Warning|Group|Exit)\b(?::\s*)?"
)
_NUMBER = re.compile(r"\[(?:Errno|WinError) -?\d+\]\s*")
_COUNT = re.compile(r"\s*\(\d+ sub-exceptions?\)")


def in_plain_words(error: str) -> str:
    """Return an error in one line, without names of exceptions and numbers of systems.

    Parameters
    ----------
    error
        As a journal or a file has it; the files keep it as it was.

    Returns
    -------
    str
        "no reason was given" if nothing is left.
    """
    text = _COUNT.sub("", _NUMBER.sub("", _NAMES.sub("", error)))
    text = " ".join(text.replace("()", "").split()).strip(" :;,")
    return text or "no reason was given"
