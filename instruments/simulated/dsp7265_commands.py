"""The command table of a 7265: names as the manual prints them, what they take and answer.

What is missing here is an invalid command, as on the instrument: TDT, BURSTRATE and the dual modes
do not act yet.
"""

from collections.abc import Callable, Mapping
from typing import Literal

from instruments.simulated import dsp7265_settings as legal
from instruments.simulated.dsp7265_auxiliary import AUXILIARY, CURVES, INTERFACE, STAR_PAIRS
from instruments.simulated.dsp7265_settings import Settings
from instruments.simulated.dsp7265_state import Automatic, LockIn
from instruments.simulated.dsp7265_table import (
    Command,
    Handler,
    Instrument,
    Line,
    Lines,
    Parameters,
    Reply,
    action,
    counted,
    held,
    index,
    output,
    real,
    whole,
)

# --- readings -------------------------------------------------------------------------------------


def _polar(lockin: LockIn) -> Line:
    found = lockin.outputs()
    return (lockin.volts(found.magnitude), found.phase / 100.0)


def _both(lockin: LockIn) -> Line:
    found = lockin.outputs()
    return (lockin.volts(found.x), lockin.volts(found.y))


def _ratio(lockin: LockIn) -> float:
    lockin.refresh()
    return lockin.ratio()


def _log_ratio(lockin: LockIn) -> float:
    lockin.refresh()
    return lockin.log_ratio()


def _frequency(instrument: Instrument, _given: Parameters) -> float:
    return instrument.lockin.reference(instrument.lockin.now()) or 0.0


_READINGS = (
    output("X", lambda s: s.outputs().x, lambda s: s.volts(s.outputs().x)),
    output("Y", lambda s: s.outputs().y, lambda s: s.volts(s.outputs().y)),
    output("MAG", lambda s: s.outputs().magnitude, lambda s: s.volts(s.outputs().magnitude)),
    output("PHA", lambda s: s.outputs().phase, lambda s: s.outputs().phase / 100.0),
    output("XY", lambda s: (s.outputs().x, s.outputs().y), _both),
    output("MP", lambda s: (s.outputs().magnitude, s.outputs().phase), _polar),
    output("RT", lambda s: round(1000.0 * _ratio(s)), _ratio),
    output("LR", lambda s: round(1000.0 * _log_ratio(s)), _log_ratio),
    output("NHZ", None, LockIn.noise_density),
    output("ENBW", None, LockIn.noise_bandwidth),
    output("NN", lambda s: round(s.noise_output() / s.volts(1.0)), LockIn.noise_output),
    output("N", LockIn.overload),
    output("ID", lambda _: "7265"),
    output("VER", lambda _: "simulated 1.0"),
    counted(
        {0},
        "FRQ",
        lambda instrument, given: round(1000.0 * _frequency(instrument, given)),
        _frequency,
    ),
    counted({0}, "ST", lambda instrument, _: instrument.status()),
    counted(
        {0},
        "REV",
        lambda _instrument, _given: Lines(
            ("7265", "simulated 1.0", "main processor", "signal processor")
        ),
    ),
)

# --- input, reference, filters --------------------------------------------------------------------


def _set_source(instrument: Instrument, given: Parameters) -> Reply:
    settings = instrument.lockin.settings
    if not given:
        return settings.source
    legal.check_range(given[0], 0, 2)
    settings.source = int(given[0])
    instrument.lockin.lose_lock()
    return None


def _set_line(instrument: Instrument, given: Parameters) -> Reply:
    if not given:
        return instrument.lockin.settings.line
    legal.set_line(instrument.lockin.settings, (int(given[0]), int(given[1])))
    instrument.lockin.changed()
    return None


def _offset(axis: Literal["offset_x", "offset_y"]) -> Handler:
    def handle(instrument: Instrument, given: Parameters) -> Reply:
        settings = instrument.lockin.settings
        held = settings.offset_x if axis == "offset_x" else settings.offset_y
        if not given:
            return held
        legal.check_range(given[0], 0, 1)
        level = int(given[1]) if len(given) == 2 else held[1]
        legal.check_range(level, -legal.FIXED_LIMIT, legal.FIXED_LIMIT)
        setattr(settings, axis, (int(given[0]), level))
        return None

    return handle


def _auto_offset(lockin: LockIn) -> None:
    lockin.settings.offset_x = lockin.settings.offset_y = (0, 0)
    found = lockin.outputs()
    lockin.settings.offset_x, lockin.settings.offset_y = (1, found.x), (1, found.y)


_INPUT = (
    whole("IMODE", lambda s: s.imode, legal.set_imode),
    held("VMODE", "vmode", 0, 3),
    whole("FET", lambda s: s.fet, legal.set_fet),
    held("FLOAT", "shield", 0, 1),
    whole("CP", lambda s: s.coupling, legal.set_coupling),
    counted({0, 2}, "LF", _set_line),
    index("SEN", legal.set_sensitivity, lambda s: s.sensitivity, Settings.full_scale),
    whole("ACGAIN", lambda s: s.ac_gain, legal.set_ac_gain),
    whole("AUTOMATIC", lambda s: s.automatic, legal.set_automatic),
    action("AS", lambda s: s.begin(Automatic.SENSITIVITY)),
    action("ASM", lambda s: s.begin(Automatic.MEASURE)),
    counted({0, 1}, "IE", _set_source),
    whole("REFN", lambda s: s.harmonic, legal.set_harmonic),
    real("REFP", 1e3, lambda s: s.phase, legal.set_phase),
    action("AQN", lambda s: s.begin(Automatic.PHASE)),
    action("LOCK", LockIn.changed),
    index("TC", legal.set_time_constant, lambda s: s.time_constant, Settings.seconds),
    whole("SLOPE", lambda s: s.slope, legal.set_slope),
    held("SYNC", "synchronous", 0, 1),
    counted({0, 1, 2}, "XOF", _offset("offset_x")),
    counted({0, 1, 2}, "YOF", _offset("offset_y")),
    action("AXO", _auto_offset),
    held("EX", "expand", 0, 3),
)

# --- oscillator -----------------------------------------------------------------------------------


def _sweep_end(
    which: Literal["sweep_frequency", "sweep_amplitude"], place: int, highest: float
) -> tuple[Callable[[Settings], float], Callable[[Settings, float], None]]:
    def ends(settings: Settings) -> list[float]:
        frequency = which == "sweep_frequency"
        return settings.sweep_frequency if frequency else settings.sweep_amplitude

    def write(settings: Settings, value: float) -> None:
        legal.check_range(value, 0.0, highest)
        ends(settings)[place] = value

    return (lambda settings: ends(settings)[place]), write


def _frequency_step(instrument: Instrument, given: Parameters) -> Reply:
    settings = instrument.lockin.settings
    if not given:
        return settings.sweep_frequency_step
    legal.check_range(given[0], 0.0, legal.HIGHEST_DETECTION)
    legal.check_range(given[1], 0, 1)
    settings.sweep_frequency_step = (given[0], int(given[1]))
    return None


def _frequency_step_fixed(instrument: Instrument, given: Parameters) -> Reply:
    if given:
        return _frequency_step(instrument, (given[0] / 1e3, given[1]))
    step, law = instrument.lockin.settings.sweep_frequency_step
    return (round(1e3 * step), law)


def _set_amplitude_step(settings: Settings, value: float) -> None:
    legal.check_range(value, 0.0, 5.0)
    settings.sweep_amplitude_step = value


def _set_rate(settings: Settings, value: float) -> None:
    legal.check_range(value, 0.005, 1000.0)
    settings.sweep_rate = value


def _sweep(_settings: Settings, value: int) -> None:
    """Refuse to start: only a sweep that stands still is simulated."""
    legal.check_range(value, 0, 0)


_OSCILLATOR = (
    real("OA", 1e6, lambda s: s.amplitude, legal.set_amplitude),  # fixed unit uV (assumed)
    real("OF", 1e3, lambda s: s.frequency, legal.set_frequency),
    real("FSTART", 1e3, *_sweep_end("sweep_frequency", 0, 250e3)),
    real("FSTOP", 1e3, *_sweep_end("sweep_frequency", 1, 250e3)),
    counted({0, 2}, "FSTEP", _frequency_step_fixed, _frequency_step),
    real("ASTART", 1e6, *_sweep_end("sweep_amplitude", 0, 5.0)),
    real("ASTOP", 1e6, *_sweep_end("sweep_amplitude", 1, 5.0)),
    real("ASTEP", 1e6, lambda s: s.sweep_amplitude_step, _set_amplitude_step),
    real("SRATE", 1e3, lambda s: s.sweep_rate, _set_rate),
    whole("SWEEP", lambda _: 0, _sweep),
)

COMMANDS: Mapping[str, Command] = {
    command.name: command
    for command in (*_READINGS, *_INPUT, *_OSCILLATOR, *AUXILIARY, *CURVES, *INTERFACE)
}
"""All commands by name."""

__all__ = ["COMMANDS", "STAR_PAIRS"]
