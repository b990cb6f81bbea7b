"""The lines of a MultiVu sequence that we understand, one by one, each as lines of our own YAML.

A `.seq` file is plain text, one command per line; ``!`` in front disables a line. Codes and units
are MultiVu's (K/min, Oe, Oe/s, degrees); what comes out is written in the same units.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
FASTEST_ROTATION = 12.0
"""Of the rotator in degrees per s; its slow code 0 to 14 divides this by 15/(15 - code)."""
MOST_POINTS = 10_000
LONGEST_LIST = 5_000
"""Characters of the longest list in a line."""

SPACINGS: Mapping[str, tuple[str, ...]] = {
    "temperature": ("uniform", "1/T", "log"),
    "field": ("uniform", "square", "root", "inverse", "log"),
}
"""What the codes 0, 1, 2, ... say of the points of a scan."""


class NotImportedError(Exception):
    """Raise when a line means something that we do not do; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step that a line becomes.

    Parameters
    ----------
    text
        As YAML, in one line, without the dash.
    remark
        What is different here, in words; empty if nothing is.
    """

    text: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Loop:
    """The head of a loop that a line opens.

    Parameters
    ----------
    text
        As YAML, in one line, without the dash.
    remark
        What is different here, in words; empty if nothing is.
    """

    text: str
    remark: str = ""


Reader = Callable[[Sequence[str]], Step | Loop | None]


def temperature(words: Sequence[str]) -> Step:
    """Read ``TMP TEMP <K> <K/min> <0 fast | 1 no overshoot>``."""
    to, rate, approach = numbers(words, 3)
    said = {"to": f"{plain(to)} K", "rate": f"{plain(rate)} K/min"}
    said["approach"] = coded(approach, ("fast", "no_overshoot"), "approach")
    return Step(f"temperature: {flow(said)}")


def field(words: Sequence[str]) -> Step:
    """Read ``FLD FIELD <Oe> <Oe/s> <0..2 approach> <0 persistent | 1 driven>``."""
    to, rate, approach, mode = numbers(words, 4)
    said = {"to": f"{plain(to)} Oe", "rate": f"{plain(rate)} Oe/s"}
    said["approach"] = coded(approach, ("linear", "no_overshoot", "oscillate"), "approach")
    said["mode"] = coded(mode, ("persistent", "driven"), "mode")
    return Step(f"field: {flow(said)}")


def wait(words: Sequence[str]) -> Step | None:
    """Read ``WAI WAITFOR <delay s> <T> <H> <position> <chamber> [<error action>]``."""
    delay, *flags = numbers(words, 5)
    if flags[3]:
        raise NotImportedError("it waits for the chamber")
    remark = "" if any(flags[:3]) else "it waits for nothing to settle, but here every step does"
    return Step(f"wait: {plain(delay)} s", remark) if delay > 0.0 else None


def move(words: Sequence[str]) -> Step:
    """Read ``MVP MOVE <degrees> <mode> <slow code> "text"``."""
    to, mode, slow = numbers(words, 3)
    if mode != 0.0:
        raise NotImportedError("only moves to a position are (mode 0)")
    return Step(f"angle: {flow({'to': f'{plain(to)} deg', 'rate': _rotation(slow)})}")


def remark(words: Sequence[str]) -> Step:
    """Read ``REM`` and a text."""
    return Step(f"note: {quoted(' '.join(words) or '(empty remark)')}")


def scan_temperature(words: Sequence[str]) -> Loop:
    """Read ``LPT SCANT start end K/min points spacing approach``."""
    start, end, rate, points, spacing, approach = numbers(words, 6)
    kind = coded(spacing, SPACINGS["temperature"], "spacing")
    values = spaced(start, end, count(points), kind)
    sweeps = approach == 2.0
    how = "fast" if sweeps else coded(approach, ("fast", "no_overshoot"), "approach")
    said = {"rate": f"{plain(rate)} K/min", "approach": how}
    return Loop(f"{{temperature: {_range(values, kind, 'K', said)}}}", _swept(sweeps))


def scan_field(words: Sequence[str]) -> Loop:
    """Read ``LPB SCANH start end Oe/s points spacing approach endmode``."""
    start, end, rate, points, spacing, approach, mode = numbers(words, 7)
    kind = coded(spacing, SPACINGS["field"], "spacing")
    values = spaced(start, end, count(points), kind)
    sweeps = approach == 3.0
    approaches = ("linear", "no_overshoot", "oscillate")
    how = "linear" if sweeps else coded(approach, approaches, "approach")
    end_mode = coded(mode, ("persistent", "driven"), "end mode")
    different = [_swept(sweeps)] if sweeps else []
    if end_mode == "persistent":
        different.append("the magnet stays driven afterwards, in MultiVu it becomes persistent")
    said = {"rate": f"{plain(rate)} Oe/s", "approach": how, "mode": "driven"}
    return Loop(f"{{field: {_range(values, kind, 'Oe', said)}}}", "; ".join(different))


def scan_position(words: Sequence[str]) -> Loop:
    """Read ``LPP SCANP start end slow points [1 = sweep]``."""
    start, end, slow, points = numbers(words, 4)
    values = spaced(start, end, count(points), "uniform")
    sweeps = len(words) > 4 and number(words[4]) == 1.0
    said = {"rate": _rotation(slow)}
    return Loop(f"{{angle: {_range(values, 'uniform', 'deg', said)}}}", _swept(sweeps))


READERS: Mapping[str, Reader] = {
    "TEMP": temperature,
    "FIELD": field,
    "WAITFOR": wait,
    "MOVE": move,
    "SCANT": scan_temperature,
    "SCANH": scan_field,
    "SCANP": scan_position,
}
"""By the second word of a line: the first ones of the loops are not certain."""


def numbers(words: Sequence[str], least: int) -> tuple[float, ...]:
    """Return the first `least` words as numbers."""
    if len(words) < least:
        raise NotImportedError(f"{len(words)} values found, {least} expected")
    return tuple(number(word) for word in words[:least])


def number(word: str) -> float:
    """Return a word as a number; a sign counts."""
    if not NUMBER.fullmatch(word) or not math.isfinite(float(word)):
        raise NotImportedError(f"{word!r} is no number")
    return float(word)


def coded(code: float, meanings: Sequence[str], what: str) -> str:
    """Return what a code means."""
    if code != int(code) or not 0 <= code < len(meanings):
        raise NotImportedError(f"the {what} {plain(code)} is not known")
    return meanings[int(code)]


def count(points: float) -> int:
    """Return how many points a scan has."""
    if points != int(points) or not 1 <= points <= MOST_POINTS:
        raise NotImportedError(f"{plain(points)} points, 1 to {MOST_POINTS} expected")
    return int(points)


def spaced(start: float, end: float, points: int, kind: str) -> tuple[float, ...]:
    """Return the points of a scan, evenly spaced on the scale that `kind` names."""
    if points == 1 or start == end:
        return (start,) * points
    if kind in {"inverse", "1/T", "log"} and not start * end > 0.0:
        raise NotImportedError(f"a spacing {kind} cannot pass zero")
    there, back = _SCALES[kind]
    first, last = there(start), there(end)
    inside = (back(first + (last - first) * i / (points - 1)) for i in range(1, points - 1))
    sign = -1.0 if kind == "log" and start < 0.0 else 1.0
    return (start, *(float(f"{sign * value:.9g}") for value in inside), end)


def plain(value: float) -> str:
    """Return a number as a quantity can hold it."""
    return f"{value:.12g}"


def flow(entries: Mapping[str, str]) -> str:
    """Return a mapping in one line of YAML."""
    return "{" + ", ".join(f"{key}: {value}" for key, value in entries.items()) + "}"


def quoted(text: str) -> str:
    """Return a text that YAML takes for nothing else."""
    safe = "".join(c if c.isprintable() else " " for c in text)
    return '"' + safe.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _range(values: Sequence[float], kind: str, unit: str, said: Mapping[str, str]) -> str:
    first, last = f"{plain(values[0])} {unit}", f"{plain(values[-1])} {unit}"
    if kind == "uniform" and values[0] != values[-1]:
        return flow({"from": first, "to": last, "points": str(len(values)), **said})
    listed = ", ".join(f"{plain(value)} {unit}" for value in values)
    if len(listed) > LONGEST_LIST:
        raise NotImportedError(f"{len(values)} points with a spacing {kind} are too many here")
    return flow({"values": f"[{listed}]", **said})


def _rotation(slow: float) -> str:
    if slow != int(slow) or not 0 <= slow <= 14:
        raise NotImportedError(f"the slow code {plain(slow)} is not known")
    return f"{plain(round(FASTEST_ROTATION * (15.0 - slow) / 15.0, 6))} deg/s"


def _swept(sweeps: bool) -> str:  # noqa: FBT001 (the one thing that it is about)
    return "MultiVu measures on the way, here every point is settled at" if sweeps else ""


def _signed_square(value: float) -> float:
    return math.copysign(value * value, value)


def _signed_root(value: float) -> float:
    return math.copysign(math.sqrt(abs(value)), value)


def _inverse(value: float) -> float:
    return 1.0 / value


def _same(value: float) -> float:
    return value


_SCALES: Mapping[str, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "uniform": (_same, _same),
    "square": (_signed_square, _signed_root),
    "root": (_signed_root, _signed_square),
    "inverse": (_inverse, _inverse),
    "1/T": (_inverse, _inverse),
    "log": (lambda value: math.log(abs(value)), math.exp),
}
