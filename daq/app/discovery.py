"""Find the instruments on a VISA bus without disturbing any of them.

A 7265 knows no ``*IDN?``: it is asked ``ID`` and answers ``7265``. That word is no command of a
SCPI instrument, which leaves one error in its queue at most and does nothing. What stays silent is
asked ``*IDN?`` then; so a 7265 is never asked that.
"""

from dataclasses import dataclass
from typing import Any

import pyvisa
from pyvisa.errors import VisaIOError

from instruments.errors import CommunicationError

TIMEOUT = 1000
"""Longest time in ms to wait for an answer."""
ROLES = {"Keithley6221": "source", "DSP7265": "lockin", "Model6000": "cryostat"}


@dataclass(frozen=True, slots=True)
class Found:
    """A resource and who answers there.

    Parameters
    ----------
    resource
        VISA resource name.
    driver
        Name of our driver, or empty.
    identity
        What it said, or empty.
    """

    resource: str
    driver: str = ""
    identity: str = ""


def discover(library: str | Any = "") -> tuple[Found, ...]:
    """Ask every VISA resource who it is.

    Parameters
    ----------
    library
        A VISA library, by path or in process; the platform's own if empty.

    Returns
    -------
    tuple of Found
        One per resource, in the order of their names.

    Raises
    ------
    CommunicationError
        There is no VISA library.
    """
    try:
        manager = pyvisa.ResourceManager(library)
        names = manager.list_resources()
    except (OSError, ValueError, VisaIOError) as failure:
        raise CommunicationError(f"no VISA library can be used: {failure}; install one") from None
    return tuple(_identify(manager, name) for name in sorted(names))


def station_text(found: tuple[Found, ...]) -> str:
    """Return a station file for what was recognised; empty if nothing was.

    Parameters
    ----------
    found
        As from `discover`.

    Returns
    -------
    str
        YAML with cautious limits, to be completed by hand.
    """
    lines: list[str] = []
    taken: set[str] = set()
    for item in found:
        role = ROLES.get(item.driver)
        if role is None or role in taken:
            continue
        taken.add(role)
        line = ", line: 50 Hz" if item.driver == "DSP7265" else ""
        lines.append(f"  {role}: {{driver: {item.driver}, resource: '{item.resource}'{line}}}")
    if not lines:
        return ""
    return _TEMPLATE.replace("INSTRUMENTS", "\n".join(lines))


def _identify(manager: pyvisa.ResourceManager, name: str) -> Found:
    try:
        resource: Any = manager.open_resource(name, timeout=TIMEOUT)
    except (VisaIOError, ValueError, OSError):
        return Found(name)
    try:
        for question in ("ID", "*IDN?", "REV?"):
            answer = _ask(resource, question)
            if answer:
                return Found(name, _driver(question, answer), answer)
        return Found(name)
    finally:
        resource.close()


def _ask(resource: Any, question: str) -> str:
    """Return the answer in one line; a silent instrument is cleared."""
    try:
        return " ".join(str(resource.query(question)).replace("\0", "").split())
    except (VisaIOError, UnicodeDecodeError):
        try:
            resource.clear()
        except VisaIOError:
            return ""
        return ""


def _driver(question: str, answer: str) -> str:
    if question == "ID" and answer == "7265":
        return "DSP7265"
    if question == "*IDN?" and "MODEL 6221" in answer.upper():
        return "Keithley6221"
    if question == "REV?":
        return "Model6000"
    return ""


_TEMPLATE = """\
name: found
instruments:
INSTRUMENTS
bias: {kind: oscillator, series_resistance: 100 kohm}   # what stands between oscillator and sample
contacts: {contact 1: {source: "I+ I-", lockin: "V+ V-"}}
limits: {current: 0.1 mA, current_rate: 0.1 mA/s, compliance: 0.5 V, pulse_voltage: 0.5 V,
         pulse_current: 0.1 mA, temperature: [1.8 K, 310 K], temperature_rate: 5 K/min, field: 1 T,
         field_rate: 42 Oe/s}
safe: {field: hold, temperature: hold}
"""
