"""Who is told of what: the part ``notify`` of a station file. It holds no secret."""

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from daq.config.fields import Model, Seconds
from daq.config.problem import UnacceptableError, shown, suggestion

OCCASIONS = ("start", "end", "failure", "alive", "pause", "disk", "helium", "cryostat")
"""What people can be told of: a campaign has started, has ended, has failed; it is still alive; it
waits for a decision; the disk is nearly full; the helium is low; the cryostat does not answer."""
ALIVE = 7200.0
"""Time in s between two signs of life where the file gives none."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


def variable_name(value: str) -> str:
    """Return the name of an environment variable; what is none is refused and not repeated."""
    if not _NAME.fullmatch(value):
        raise UnacceptableError(
            "no name of an environment variable",
            "a name such as COLDPOINT_NOTIFY",
            "put the address into the environment and its name here; an address is a secret",
        )
    return value


def _occasions(value: object) -> object:
    if not isinstance(value, list | tuple) or not value:
        advice = f"write [{', '.join(OCCASIONS[:3])}]"
        raise UnacceptableError(shown(value), "a list of occasions", advice)
    for one in value:
        if one not in OCCASIONS:
            expected = f"one of {', '.join(OCCASIONS)}"
            raise UnacceptableError(shown(one), expected, suggestion(str(one), OCCASIONS))
    return tuple(value)


Occasions = Annotated[tuple[str, ...], BeforeValidator(_occasions)]


class NotifyConfig(Model):
    """Who is told of what.

    ``url_from`` names the environment variable that holds the address, as apprise writes it;
    ``alive`` is the time in s between two signs of life.
    """

    url_from: Annotated[str, AfterValidator(variable_name)]
    events: Occasions = OCCASIONS
    alive: Seconds = ALIVE
