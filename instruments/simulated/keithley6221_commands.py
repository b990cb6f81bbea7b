"""The commands of a 6221, as the manual prints them."""

from instruments.simulated.keithley6221_held import HELD, REFUSED
from instruments.simulated.keithley6221_model import CurrentSource
from instruments.simulated.keithley6221_output import Inner
from instruments.simulated.keithley6221_ranges import RANGES
from instruments.simulated.keithley6221_sweep import Event, Ranging, Spacing
from instruments.simulated.keithley6221_wave import Function
from instruments.simulated.scpi import Command, action, control, query, setting
from instruments.simulated.scpi_parameters import (
    Boolean,
    Choice,
    Integer,
    Number,
    Parameter,
    Several,
    T,
)
from instruments.simulated.scpi_status import RegisterFormat, Status
from instruments.simulated.scpi_status_commands import common_commands, register

# (assumed) the node SOURce may be left out, as clients do that talk to real units
_WAVE = "[SOURce[1]]:WAVE"
_CURRENT = "[SOURce[1]]:CURRent"
_AMPS = Number(-0.105, 0.105, "A", 0.0)
_SECONDS = Number(1e-3, 999999.999, "S")
_ON = Boolean()
_DIRECT_EVENTS = {"IMMediate": Event.IMMEDIATE, "TLINk": Event.LINE}
_ARM_EVENTS = _DIRECT_EVENTS | {
    "TIMer": Event.TIMER,
    "BUS": Event.BUS,
    "BSTest": Event.BOTH_TESTS,
    "PSTest": Event.POSITIVE_TEST,
    "NSTest": Event.NEGATIVE_TEST,
    "MANual": Event.MANUAL,
}


def _status(source: CurrentSource) -> Status:
    return source.status


def _wave(header: str, parameter: Parameter[T], name: str) -> Command[CurrentSource]:
    """Return the command of one setting of the wave."""

    def get(source: CurrentSource) -> T:
        value: T = getattr(source.waves.wave, name)
        return value

    def put(source: CurrentSource, value: T) -> None:
        source.waves.change(**{name: value})

    return control(f"{_WAVE}:{header}", parameter, get, put)


def _sweep(header: str, parameter: Parameter[T], name: str) -> Command[CurrentSource]:
    """Return the command of one setting of the sweep."""

    def get(source: CurrentSource) -> T:
        value: T = getattr(source.sweeper.sweep, name)
        return value

    return control(header, parameter, get, lambda s, value: s.sweeper.change(name, value))


def _direct(header: str, parameter: Parameter[T], name: str) -> Command[CurrentSource]:
    """Return the command of a setting of the dc source that does nothing here."""

    def get(source: CurrentSource) -> T:
        value: T = getattr(source.output.direct, name)
        return value

    return control(header, parameter, get, lambda s, value: setattr(s.output.direct, name, value))


def _list(header: str, item: Number, name: str) -> tuple[Command[CurrentSource], ...]:
    """Return the commands of one of the three lists."""
    root = f"[SOURce[1]]:LIST:{header}"
    values = Several(item)
    return (
        _sweep(root, values, name),
        setting(f"{root}:APPend", values, lambda s, v: s.sweeper.append(name, v)),
        query(f"{root}:POINts", lambda s: str(len(getattr(s.sweeper.sweep, name)))),
    )


def _output_on(source: CurrentSource) -> bool:
    source.output.catch_up()
    return source.output.on


def _level(source: CurrentSource) -> float:
    source.output.catch_up()
    return source.output.direct.level


def _wait_then_one(source: CurrentSource) -> str:
    source.await_completion()
    return "1"


def _put_style(source: CurrentSource, style: RegisterFormat) -> None:
    source.status.style = style


def _put_panel(source: CurrentSource, on: bool) -> None:
    source.sweeper.panel_on = on


COMMON: tuple[Command[CurrentSource], ...] = (
    *common_commands(_status),
    *register("STATus:MEASurement", lambda status: status.measurement, _status),
    *register("STATus:QUEStionable", lambda status: status.questionable, _status),
    *register("STATus:OPERation", lambda status: status.operation, _status),
    action("*RST", CurrentSource.reset),
    action("*OPC", CurrentSource.note_completion, _wait_then_one),
    action("*TRG", CurrentSource.bus_trigger),
    query("*TST", lambda _: "0"),
    query("*OPT", lambda _: "0"),  # (assumed)
    setting("*SAV", Integer(0, 4), lambda s, place: s.save(int(place))),
    setting("*RCL", Integer(0, 4), lambda s, place: s.recall(int(place))),
    action("SYSTem:PRESet", CurrentSource.reset),
    query("SYSTem:VERSion", lambda _: "1996.0"),
    control("DISPlay:ENABle", _ON, lambda s: s.sweeper.panel_on, _put_panel),
    control(
        "FORMat:SREGister",
        Choice(
            {
                "ASCii": RegisterFormat.DECIMAL,
                "HEXadecimal": RegisterFormat.HEXADECIMAL,
                "OCTal": RegisterFormat.OCTAL,
                "BINary": RegisterFormat.BINARY,
            }
        ),
        lambda s: s.status.style,
        _put_style,
    ),
)
DC: tuple[Command[CurrentSource], ...] = (
    control("OUTPut[:STATe]", _ON, _output_on, lambda s, on: s.output.set_on(on)),
    _direct("OUTPut:LTEarth", _ON, "earthed"),
    _direct("OUTPut:ISHield", Choice({"OLOW": Inner.LOW, "GUARd": Inner.GUARD}), "inner"),
    query("OUTPut:INTerlock:TRIPped", lambda s: _ON.render(s.output.interlock_open)),
    control(
        f"{_CURRENT}[:LEVel][:IMMediate][:AMPLitude]",
        _AMPS,
        _level,
        lambda s, amps: s.output.set_level(amps),
    ),
    control(
        f"{_CURRENT}:RANGe",
        _AMPS,
        lambda s: RANGES[s.output.direct.range_index].full_scale,
        lambda s, amps: s.output.set_range(amps),
    ),
    control(
        f"{_CURRENT}:RANGe:AUTO",
        _ON,
        lambda s: s.output.direct.automatic,
        lambda s, on: s.output.set_automatic(on),
    ),
    control(
        f"{_CURRENT}:COMPliance",
        Number(0.1, 105.0, "V", 10.0),
        lambda s: s.output.direct.compliance,
        lambda s, volts: s.output.set_compliance(volts),
    ),
    _direct(f"{_CURRENT}:FILTer[:STATe]", _ON, "filtered"),
    _sweep("[SOURce[1]]:DELay", _SECONDS, "delay"),
    action("[SOURce[1]]:CLEar[:IMMediate]", lambda s: s.output.clear()),
)
WAVE: tuple[Command[CurrentSource], ...] = (
    _wave(
        "FUNCtion",
        Choice(
            {
                "SINusoid": Function.SINE,
                "SQUare": Function.SQUARE,
                "RAMP": Function.RAMP,
                **{f"ARBitrary{place}": Function(place) for place in range(5)},
            }
        ),
        "function",
    ),
    _wave("AMPLitude", Number(2e-12, 0.105, "A", 1e-3), "amplitude"),
    _wave("FREQuency", Number(1e-3, 1e5, "HZ", 1e3), "frequency"),
    _wave("OFFSet", _AMPS, "offset"),
    _wave("DCYCle", Number(0.0, 100.0, default=50.0), "duty"),
    _wave("RANGing", Choice({"BEST": True, "FIXed": False}), "best"),
    _wave("PMARk[:LEVel]", Number(0.0, 360.0, default=180.0), "marker"),
    control(
        f"{_WAVE}:PMARk:STATe",
        _ON,
        lambda s: s.waves.wave.marker_on,
        CurrentSource.set_marker_on,
    ),
    control(
        f"{_WAVE}:PMARk:OLINe",
        Integer(1, 6, 3),
        lambda s: s.waves.wave.marker_line,
        lambda s, line: s.set_marker_line(int(line)),
    ),
    control(
        f"{_WAVE}:DURation:TIME",
        Number(1e-7, 999999.999, "S", infinite=True),
        lambda s: s.waves.wave.seconds,
        lambda s, seconds: s.waves.change(duration=seconds, in_cycles=False),
    ),
    control(
        f"{_WAVE}:DURation:CYCLes",
        Number(1e-3, 99999999900.0, infinite=True),
        lambda s: s.waves.wave.cycles,
        lambda s, cycles: s.waves.change(duration=cycles, in_cycles=True),
    ),
    control(
        f"{_WAVE}:ARBitrary:DATA",
        Several(Number(-1.0, 1.0)),
        lambda s: s.waves.memory[0],
        lambda s, values: s.waves.load(values),
    ),
    setting(
        f"{_WAVE}:ARBitrary:APPend",
        Several(Number(-1.0, 1.0)),
        lambda s, values: s.waves.load(values, append=True),
    ),
    query(f"{_WAVE}:ARBitrary:POINts", lambda s: str(len(s.waves.memory[0]))),
    setting(f"{_WAVE}:ARBitrary:COPY", Integer(1, 4), lambda s, n: s.waves.keep(int(n))),
    _wave("EXTRig[:ENABle]", _ON, "external"),
    _wave("EXTRig:ILINe", Integer(0, 6), "external_line"),
    _wave("EXTRig:IGNore", _ON, "external_ignored"),
    _wave("EXTRig:IVALue", Number(-1.0, 1.0), "inactive"),
    action(f"{_WAVE}:ARM", lambda s: s.waves.arm(), lambda s: _ON.render(s.waves.armed)),
    action(f"{_WAVE}:INITiate", lambda s: s.waves.start()),
    action(f"{_WAVE}:ABORt", lambda s: s.waves.abort()),
)
SWEEP: tuple[Command[CurrentSource], ...] = (
    _sweep(
        "[SOURce[1]]:SWEep:SPACing",
        Choice(
            {
                "LINear": Spacing.LINEAR,
                "LOGarithmic": Spacing.LOGARITHMIC,
                "LIST": Spacing.LIST,
            }
        ),
        "spacing",
    ),
    _sweep("[SOURce[1]]:SWEep:POINts", Integer(1, 65535), "points"),
    _sweep(
        "[SOURce[1]]:SWEep:RANGing",
        Choice({"BEST": Ranging.BEST, "AUTO": Ranging.AUTO, "FIXed": Ranging.FIXED}),
        "ranging",
    ),
    _sweep("[SOURce[1]]:SWEep:COUNt", Integer(1, 9999, infinite=True), "count"),
    _sweep("[SOURce[1]]:SWEep:CABort", _ON, "abort_on_compliance"),
    action(
        "[SOURce[1]]:SWEep:ARM",
        lambda s: s.sweeper.arm(),
        lambda s: _ON.render(s.sweeper.armed),
    ),
    action("[SOURce[1]]:SWEep:ABORt", lambda s: s.sweeper.abort()),
    _sweep(f"{_CURRENT}:STARt", _AMPS, "start"),
    _sweep(f"{_CURRENT}:STOP", _AMPS, "stop"),
    _sweep(f"{_CURRENT}:STEP", Number(1e-13, 0.105, "A"), "step"),
    _sweep(f"{_CURRENT}:CENTer", _AMPS, "center"),
    _sweep(f"{_CURRENT}:SPAN", Number(2e-13, 0.21, "A"), "span"),
    *_list("CURRent", _AMPS, "currents"),
    *_list("DELay", _SECONDS, "delays"),
    *_list("COMPliance", Number(0.1, 105.0, "V"), "compliances"),
    action("INITiate[:IMMediate]", lambda s: s.sweeper.start()),
    action("ABORt", lambda s: s.sweeper.stop()),
    _sweep("ARM[:SEQuence[1]][:LAYer[1]]:SOURce", Choice(_ARM_EVENTS), "arm_source"),
    action("ARM[:SEQuence[1]][:LAYer[1]]:SIGNal", lambda s: s.sweeper.signal_arm()),
    _sweep("TRIGger[:SEQuence[1]]:SOURce", Choice(_DIRECT_EVENTS), "trigger_source"),
    action("TRIGger[:SEQuence[1]]:SIGNal", lambda s: s.sweeper.signal_trigger()),
    control(
        "TRIGger[:SEQuence[1]]:OLINe",
        Integer(1, 6, 2),
        lambda s: s.trigger_line,
        lambda s, line: s.set_trigger_line(int(line)),
    ),
)
COMMANDS = (*COMMON, *DC, *WAVE, *SWEEP, *(held.command() for held in HELD), *REFUSED)
