"""What a 6221 says of itself in one conversation."""

from dataclasses import dataclass

from instruments.domains import number
from instruments.keithley6221_registers import ON_OFF, REGISTER

WAVE_STARTED, WAVE_STOPPED = 1 << 4, 1 << 7
STATE_QUERY = (
    ":SOUR:CURR?;:SOUR:CURR:COMP?;:SOUR:CURR:RANG?;:SOUR:CURR:RANG:AUTO?;:OUTP?;"
    ":SOUR:WAVE:ARM?;:STAT:OPER:COND?"
)


@dataclass(frozen=True, slots=True)
class SourceState:
    """What a source is doing.

    Parameters
    ----------
    current
        Dc level in A.
    compliance
        In V.
    range
        In A.
    autorange
        Whether the range follows the level.
    enabled
        Whether the output is on.
    wave_armed
        Whether a waveform is armed or running.
    wave_running
        Whether a waveform is running.
    """

    current: float
    compliance: float
    range: float
    autorange: bool
    enabled: bool
    wave_armed: bool
    wave_running: bool


def any_of_two(reply: str) -> int:
    """Return the bits that are set in any of two registers."""
    event, condition = reply.split(";")
    return int(REGISTER.decode(event)) | int(REGISTER.decode(condition))


def wave_runs(condition: int, *, armed: bool) -> bool:
    """Tell whether a waveform runs.

    Parameters
    ----------
    condition
        Register of the operation condition.
    armed
        Whether a waveform is armed; it decides where both bits are latched.

    Returns
    -------
    bool
        False where none has been started.
    """
    return bool(condition & WAVE_STARTED) and (armed or not condition & WAVE_STOPPED)


def source_state(reply: str) -> SourceState:
    """Return the state that a reply to `STATE_QUERY` tells; ValueError if it does not."""
    fields = reply.split(";")
    if len(fields) != 7:
        raise ValueError(f"{len(fields)} values instead of 7")
    autorange, enabled, armed = (ON_OFF.decode(fields[index]) for index in (3, 4, 5))
    running = wave_runs(int(REGISTER.decode(fields[6])), armed=armed)
    return SourceState(
        number(fields[0]),
        number(fields[1]),
        number(fields[2]),
        autorange,
        enabled,
        armed,
        running,
    )
