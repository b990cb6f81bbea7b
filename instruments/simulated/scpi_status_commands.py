"""The commands that read and clear the status of an instrument, the same for every SCPI twin."""

from collections.abc import Callable
from typing import TypeVar

from instruments.simulated.scpi import Command, action, control, query
from instruments.simulated.scpi_parameters import Mask
from instruments.simulated.scpi_status import REQUEST, Register, Status

M = TypeVar("M")


def register(
    header: str, pick: Callable[[Status], Register], status: Callable[[M], Status]
) -> list[Command[M]]:
    """Return the event, condition and enable commands of a register of the instrument."""

    def event(model: M) -> str:
        state = status(model)
        state.before_reading()
        return state.style.render(pick(state).take())

    def condition(model: M) -> str:
        state = status(model)
        state.before_reading()
        return state.style.render(pick(state).condition)

    return [
        query(f"{header}[:EVENt]", event),
        query(f"{header}:CONDition", condition),
        _mask(f"{header}:ENABle", 65535, lambda s: pick(s).enable, _enable(pick), status),
    ]


def common_commands(status: Callable[[M], Status]) -> list[Command[M]]:
    """Return the status commands of IEEE 488.2 and the error queue of SCPI."""
    standard = _enable(_standard)
    return [
        action("*CLS", lambda m: status(m).clear()),
        _mask("*ESE", 255, lambda s: s.standard.enable, standard, status),
        query("*ESR", lambda m: _standard_event(status(m))),
        _mask("*SRE", 255, lambda s: s.request_enable, _enable_requests, status),
        query("*STB", lambda m: status(m).style.render(status(m).byte())),
        action("*WAI", _nothing),
        query("SYSTem:ERRor[:NEXT]", lambda m: status(m).next_error()),
        action("SYSTem:CLEar", lambda m: status(m).forget_errors()),
        query("STATus:QUEue[:NEXT]", lambda m: status(m).next_error()),
        action("STATus:QUEue:CLEar", lambda m: status(m).forget_errors()),
        action("STATus:PRESet", lambda m: status(m).preset()),
    ]


def _mask(
    header: str,
    high: int,
    get: Callable[[Status], int],
    put: Callable[[Status, int], None],
    status: Callable[[M], Status],
) -> Command[M]:
    base: Command[M] = control(
        header, Mask(high), lambda m: get(status(m)), lambda m, value: put(status(m), value)
    )
    asked: Command[M] = query(header, lambda m: status(m).style.render(get(status(m))))
    return Command(header, base.write, asked.read)


def _enable(pick: Callable[[Status], Register]) -> Callable[[Status, int], None]:
    def put(state: Status, value: int) -> None:
        pick(state).enable = value

    return put


def _standard(state: Status) -> Register:
    return state.standard


def _standard_event(state: Status) -> str:
    state.before_reading()
    return state.style.render(state.standard.take())


def _enable_requests(state: Status, value: int) -> None:
    state.request_enable = value & ~REQUEST


def _nothing(_: object) -> None:
    return None
