"""What a MultiVu server of the PPMS flavour answers to each action, on top of `PpmsTwin`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf

from instruments.simulated.ppms import PpmsTwin

TICK = 0.3
"""Time in s between two looks of the server at the instrument."""
CONFIRMATION = 2.0
"""Time in s that the server looks for the new set point."""
TIMED_OUT = 258
SUCCESS = "Call was successful"
UNCONFIRMED = ",SET_POINT_UNCONFIRMED"
TEMPERATURE, FIELD, POSITION, CHAMBER = 1, 2, 4, 8

TEMPERATURE_WORDS = {
    1: "Stable",
    2: "Tracking",
    5: "Near",
    6: "Chasing",
    7: "Pot Operation",
    10: "Standby",
    13: "Diagnostic",
    14: "Impedance Control Error",
    15: "General Failure",
}
FIELD_WORDS = {
    0: "Unknown",
    1: "Stable",
    2: "Switch Warming",
    3: "Switch Cooling",
    4: "Holding (driven)",
    5: "Iterate",
    6: "Ramping",
    7: "Ramping",
    8: "Resetting",
    9: "Current Error",
    10: "Switch Error",
    11: "Quenching",
    12: "Charging Error",
    14: "PSU Error",
    15: "General Failure",
}
CHAMBER_WORDS = {
    0: "Unknown",
    1: "Purged and Sealed",
    2: "Vented and Sealed",
    3: "Sealed (condition unknown)",
    4: "Performing Purge/Seal",
    5: "Performing Vent/Seal",
    6: "Pre-HiVac",
    7: "HiVac",
    8: "Pumping Continuously",
    9: "Flooding Continuously",
    14: "HiVac Error",
    15: "General Failure",
}
POSITION_WORDS = {
    0: "Unknown",
    1: "Transport stopped at set point",
    5: "Transport moving toward set point",
    8: "Transport hit limit switch",
    9: "Transport hit index switch",
    15: "General Failure",
}
EXPECTED_CHAMBER = {0: {1, 2, 3}, 1: {1}, 2: {2}, 3: {8}, 4: {5}, 5: {7}}
"""Codes that end a wait; a PPMS that vents on and on shows 9 and not the 5 that is waited for."""
TEMPERATURE_BUSY = {0, 2, 5, 6, 7}


class ActionError(Exception):
    """Raise when a server would answer `MultiPyVuError: ...` and end the session."""


@dataclass(slots=True)
class Task:
    """Something that keeps the server busy.

    Parameters
    ----------
    due
        Time in s of the next look.
    look
        Returns the result at that time, or None to look again after a tick.
    """

    due: float
    look: Callable[[float], str | None]


def answer(twin: PpmsTwin, action: str, query: str, now: float) -> Task:
    """Carry out an action.

    Parameters
    ----------
    twin
        The cryostat.
    action
        Such as ``TEMP?``.
    query
        Its arguments.
    now
        The present in s.

    Returns
    -------
    Task
        With the result, at once or later.

    Raises
    ------
    ActionError
        The action cannot be carried out.
    """
    handler = ACTIONS.get(action)
    if handler is None:
        return _at_once(now, f"The command '{action}' has not been implemented.")
    try:
        return handler(twin, query, now)
    except (ValueError, IndexError, OverflowError) as error:
        raise ActionError(f"{action} cannot use '{query}'") from error


def _at_once(now: float, result: str) -> Task:
    return Task(now, lambda _when: result)


def _word(words: Mapping[int, str], code: int, what: str) -> str:
    if code not in words:
        raise ActionError(f"the {what} status {code} is not known")
    return words[code]


def _read_temperature(twin: PpmsTwin, _query: str, now: float) -> Task:
    word = _word(TEMPERATURE_WORDS, twin.codes()[0], "temperature")
    return _at_once(now, f"{_number(twin.read().temperature)},K,{word}")


def _read_field(twin: PpmsTwin, _query: str, now: float) -> Task:
    word = _word(FIELD_WORDS, twin.codes()[1], "field")
    return _at_once(now, f"{_number(twin.read().field)},Oe,{word}")


def _read_chamber(twin: PpmsTwin, _query: str, now: float) -> Task:
    return _at_once(now, f"0.0,,{_word(CHAMBER_WORDS, twin.codes()[2], 'chamber')}")


def _read_position(twin: PpmsTwin, _query: str, now: float) -> Task:
    code = twin.codes()[3]
    present, final = twin.rotator.counts(now)
    if code in {1, 5}:
        code = 1 if present == final else 5
    word = _word(POSITION_WORDS, code, "position")
    return _at_once(now, f"{_number(twin.read().position)},Deg,{word}")


def _temperature_setpoints(twin: PpmsTwin, _query: str, now: float) -> Task:
    return _at_once(now, f"{_tuple(*twin.block.setpoint)},K,{SUCCESS}")


def _field_setpoints(twin: PpmsTwin, _query: str, now: float) -> Task:
    return _at_once(now, f"{_tuple(*twin.magnet.setpoint)},Oe,{SUCCESS}")


def _set_temperature(twin: PpmsTwin, query: str, now: float) -> Task:
    target, rate, mode = (float(word) for word in query.split(","))
    twin.set_temperature(target, rate, int(mode))
    return _received(twin, "TEMP", confirmed=twin.block.setpoint[0] == target, now=now)


def _set_field(twin: PpmsTwin, query: str, now: float) -> Task:
    target, rate, approach, mode = (float(word) for word in query.split(","))
    twin.set_field(target, rate, int(approach), int(mode))
    return _received(twin, "FIELD", confirmed=twin.magnet.setpoint[0] == target, now=now)


def _set_chamber(twin: PpmsTwin, query: str, now: float) -> Task:
    taken = twin.set_chamber(int(float(query)))
    return _received(twin, "CHAMBER", confirmed=taken, now=now)


def _set_position(twin: PpmsTwin, query: str, now: float) -> Task:
    target = float(query.split(",", maxsplit=1)[0])
    limits = twin.options.rotator
    if limits.lowest <= target <= limits.highest:  # beyond, nothing moves and nobody says so
        twin.move(target, 0, 0)  # a PPMS ignores the speed that is asked for
    return _received(twin, "POSITION", confirmed=True, now=now)


def _received(twin: PpmsTwin, action: str, *, confirmed: bool, now: float) -> Task:
    if confirmed and not twin.faults.take_unconfirmed():
        return _at_once(now, f"{action} Command Received")
    result = f"{action} Command Received{UNCONFIRMED}"
    return Task(now + CONFIRMATION, lambda _when: result)


def _is_settled(twin: PpmsTwin, query: str, now: float) -> Task:
    mask = _mask(query)
    return Task(now + TICK, lambda _when: f"{int(_settled(twin, mask))},,{SUCCESS}")


def _wait_for(twin: PpmsTwin, query: str, now: float) -> Task:
    delay, timeout, mask = (float(word) for word in query.split(","))
    wait = _Wait(twin, _mask(str(mask)), delay, now + timeout if timeout > 0.0 else inf)
    return Task(now + TICK, wait.look)


@dataclass(slots=True)
class _Wait:
    """Look until two looks in a row find everything settled, and then wait for the delay."""

    twin: PpmsTwin
    mask: int
    delay: float
    deadline: float
    _good: int = field(default=0, init=False)
    _free: float = field(default=inf, init=False)

    def look(self, now: float) -> str | None:
        if self._free == inf:
            if now >= self.deadline:
                return f"WAITFOR Command Received,{TIMED_OUT}"
            self._good = self._good + 1 if _settled(self.twin, self.mask) else 0
            if self._good >= 2:
                self._free = now + self.delay
        return "WAITFOR Command Received,0" if now >= self._free else None


def _mask(query: str) -> int:
    mask = int(float(query))
    if mask & POSITION:
        raise ActionError("cannot wait for the position")
    return mask


def _settled(twin: PpmsTwin, mask: int) -> bool:
    temperature, field_code, chamber, _ = twin.codes()
    if mask & TEMPERATURE and temperature in TEMPERATURE_BUSY:
        return False
    if mask & FIELD and not _field_settled(twin, field_code):
        return False
    expected = EXPECTED_CHAMBER.get(twin.chamber.last)
    return not (mask & CHAMBER and expected is not None and chamber not in expected)


def _field_settled(twin: PpmsTwin, code: int) -> bool:
    target = twin.magnet.setpoint[0]
    away = abs(twin.magnet.reported(twin.clock.now()) - target)
    return code in {1, 4} and away <= max(0.4, 0.005 * abs(target))


def _number(value: float) -> str:
    return repr(round(float(value), 6))


def _tuple(*values: float) -> str:
    return repr(values)


ACTIONS: Mapping[str, Callable[[PpmsTwin, str, float], Task]] = {
    "TEMP?": _read_temperature,
    "FIELD?": _read_field,
    "CHAMBER?": _read_chamber,
    "POSITION?": _read_position,
    "TEMP_SETPOINTS?": _temperature_setpoints,
    "FIELD_SETPOINTS?": _field_setpoints,
    "WAITFOR?": _is_settled,
    "TEMP": _set_temperature,
    "FIELD": _set_field,
    "CHAMBER": _set_chamber,
    "POSITION": _set_position,
    "WAITFOR": _wait_for,
}
