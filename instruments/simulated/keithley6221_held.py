"""Settings that a 6221 holds and that do nothing here, with their values after a reset.

Delta, pulse delta and differential conductance need a 2182A nanovoltmeter on the serial port. There
is none: their settings can be made and read back, and arming them is refused. Values after a reset
are assumed except those of the differential conductance.
"""

import math
from dataclasses import dataclass
from typing import Any

from instruments.simulated.keithley6221_model import CurrentSource
from instruments.simulated.scpi import Command, action, control, query, setting
from instruments.simulated.scpi_parameters import (
    Boolean,
    Choice,
    Integer,
    Number,
    Parameter,
    Quoted,
    ScpiError,
    Several,
)

_CURRENT = Number(-0.105, 0.105, "A")
_MAGNITUDE = Number(0.0, 0.105, "A")
_ON = Boolean()
_LINE = Integer(1, 6)


@dataclass(frozen=True, slots=True)
class Held:
    """A setting that is held.

    Parameters
    ----------
    name
        Under which the state keeps it.
    header
        Of the command.
    parameter
        What it takes.
    default
        Its value after a reset.
    """

    name: str
    header: str
    parameter: Parameter[Any]
    default: object

    def command(self) -> Command[CurrentSource]:
        """Return the command that sets and reads it."""
        name = self.name

        def put(source: CurrentSource, value: object) -> None:
            source.held[name] = value

        return control(self.header, self.parameter, lambda s: s.held[name], put)


def _words(*words: str) -> Choice[str]:
    return Choice({word: word for word in words})


_DELTA = "[SOURce[1]]:DELTa"
_PULSE = "[SOURce[1]]:PDELta"
_CONDUCTANCE = "[SOURce[1]]:DCONductance"
_ARM = "ARM[:SEQuence[1]][:LAYer[1]]"
_TRIGGER = "TRIGger[:SEQuence[1]]"
_ETHERNET = "SYSTem:COMMunicate:ETHernet"
_SERIAL = "SYSTem:COMMunicate:SERial"

HELD = (
    Held("response", "OUTPut:RESPonse", _words("FAST", "SLOW"), "FAST"),
    Held("delta low", f"{_DELTA}:LOW", Number(-0.105, 0.0, "A"), -1e-3),
    Held("delta delay", f"{_DELTA}:DELay", Number(1e-3, 9999.999, "S", infinite=True), 2e-3),
    Held("delta count", f"{_DELTA}:COUNt", Integer(1, 65536, infinite=True), math.inf),
    Held("delta abort", f"{_DELTA}:CABort", _ON, default=False),
    Held("delta cold", f"{_DELTA}:CSWitch", _ON, default=False),
    Held("pulse high", f"{_PULSE}:HIGH", _CURRENT, 1e-3),
    Held("pulse low", f"{_PULSE}:LOW", _CURRENT, 0.0),
    Held("pulse width", f"{_PULSE}:WIDTh", Number(50e-6, 12e-3, "S"), 110e-6),
    Held("pulse delay", f"{_PULSE}:SDELay", Number(16e-6, 11.966e-3, "S"), 62e-6),
    Held("pulse count", f"{_PULSE}:COUNt", Integer(1, 65536, infinite=True), math.inf),
    Held("pulse range", f"{_PULSE}:RANGing", _words("BEST", "FIXed"), "BEST"),
    Held("pulse interval", f"{_PULSE}:INTerval", Number(5.0, 999999.0), 5.0),
    Held("pulse sweep", f"{_PULSE}:SWEep", _ON, default=False),
    Held("pulse lows", f"{_PULSE}:LMEasure", Integer(1, 2), 2.0),
    Held("conductance start", f"{_CONDUCTANCE}:STARt", _CURRENT, -10e-6),
    Held("conductance stop", f"{_CONDUCTANCE}:STOP", _CURRENT, 10e-6),
    Held("conductance step", f"{_CONDUCTANCE}:STEP", _MAGNITUDE, 1e-6),
    Held("conductance delta", f"{_CONDUCTANCE}:DELTa", _MAGNITUDE, 1e-6),
    Held("conductance delay", f"{_CONDUCTANCE}:DELay", Number(1e-3, 9999.999, "S"), 2e-3),
    Held("conductance abort", f"{_CONDUCTANCE}:CABort", _ON, default=False),
    Held("unit", "UNIT[:VOLTage][:DC]", _words("V", "OHMS", "W", "SIEMens"), "V"),
    Held("power", "UNIT:POWer:TYPE", _words("PEAK", "AVERage"), "AVERage"),
    Held("averaging", "SENSe[1]:AVERage[:STATe]", _ON, default=False),
    Held("average kind", "SENSe[1]:AVERage:TCONtrol", _words("MOVing", "REPeat"), "REPeat"),
    Held("average count", "SENSe[1]:AVERage:COUNt", Integer(2, 300), 10.0),
    Held("average window", "SENSe[1]:AVERage:WINDow", Number(0.0, 10.0), 0.0),
    Held("buffer points", "TRACe:POINts", Integer(1, 65536), 100.0),
    Held("buffer feed", "TRACe:FEED", _words("SENSe[1]", "CALCulate[1]", "NONE"), "SENSe[1]"),
    Held("buffer control", "TRACe:FEED:CONTrol", _words("NEXT", "NEVer"), "NEVer"),
    Held(
        "data",
        "FORMat[:DATA]",
        _words("ASCii", "REAL,32", "REAL,64", "REAL", "SREal", "DREal"),
        "ASCii",
    ),
    Held(
        "elements",
        "FORMat:ELEMents",
        Several(
            _words(
                "READing",
                "TSTamp",
                "UNITs",
                "RNUMber",
                "SOURce",
                "COMPliance",
                "AVOLtage",
                "ALL",
                "DEFault",
            )
        ),
        ("READing", "TSTamp"),
    ),
    Held("byte order", "FORMat:BORDer", _words("NORMal", "SWAPped"), "SWAPped"),
    Held("arm timer", f"{_ARM}:TIMer", Number(0.0, 99999.99, "S"), 0.1),
    Held("arm bypass", f"{_ARM}:DIRection", _words("SOURce", "ACCeptor"), "ACCeptor"),
    Held("arm input", f"{_ARM}:ILINe", _LINE, 1.0),
    Held("arm line", f"{_ARM}:OLINe", _LINE, 2.0),
    Held("arm output", f"{_ARM}:OUTPut", _words("TENTer", "TEXit", "NONE"), "NONE"),
    Held("trigger bypass", f"{_TRIGGER}:DIRection", _words("SOURce", "ACCeptor"), "ACCeptor"),
    Held("trigger input", f"{_TRIGGER}:ILINe", _LINE, 1.0),
    Held("trigger output", f"{_TRIGGER}:OUTPut", _words("SOURce", "DELay", "NONE"), "NONE"),
    Held("text", "DISPlay[:WINDow[1]]:TEXT[:DATA]", Quoted(), ""),
    Held("text on", "DISPlay[:WINDow[1]]:TEXT:STATe", _ON, default=False),
    Held("beeper", "SYSTem:BEEPer:STATe", _ON, default=True),
    Held("address", f"{_ETHERNET}:ADDRess", Quoted(), "192.168.0.2"),
    Held("mask", f"{_ETHERNET}:MASK", Quoted(), "255.255.255.0"),
    Held("gateway", f"{_ETHERNET}:GATeway", Quoted(), "192.168.0.1"),
    Held("dhcp", f"{_ETHERNET}:DHCP", _ON, default=False),
    Held(
        "baud",
        f"{_SERIAL}:BAUD",
        _words("300", "600", "1200", "2400", "4800", "9600", "19200", "38400", "57600", "115200"),
        "19200",
    ),
    Held("terminator", f"{_SERIAL}:TERMinator", _words("CR", "LF", "CRLF", "LFCR"), "CR"),
    Held("pace", f"{_SERIAL}:PACE", _words("XON", "XOFF"), "XOFF"),
    Held("handshake", f"{_SERIAL}:CONTrol:RTS", _words("OFF", "IBFull", "RFR", "ON"), "OFF"),
)
DEFAULTS: dict[str, object] = {held.name: held.default for held in HELD} | {"delta high": 1e-3}


def _refuse_hardware(_: CurrentSource) -> None:
    raise ScpiError(-241)


def _hardware_missing(_: CurrentSource) -> str:
    raise ScpiError(-241)


def _nothing_runs(_: CurrentSource) -> str:
    raise ScpiError(-221)


def _stale(_: CurrentSource) -> str:
    raise ScpiError(-230)  # (assumed) the code for an empty buffer


def _send_nowhere(_: CurrentSource, __: str) -> None:
    """Send into a serial line where nothing listens; that cannot be noticed."""


def _beep(_: CurrentSource, values: tuple[float, ...]) -> None:
    if len(values) != 2:
        raise ScpiError(-109 if len(values) < 2 else -108)
    if not 65.0 <= values[0] <= 2e6 or not 0.0 <= values[1] <= 7.9:
        raise ScpiError(-222)


def _nothing(_: CurrentSource) -> None:
    return None


def _zero(_: CurrentSource) -> str:
    return "0"


REFUSED: tuple[Command[CurrentSource], ...] = (
    control(
        f"{_DELTA}:HIGH",
        _MAGNITUDE,
        lambda s: float(str(s.held["delta high"])),
        CurrentSource.set_delta_high,
    ),
    action(f"{_DELTA}:ARM", _refuse_hardware, _zero),
    query(f"{_DELTA}:NVPResent", _zero),
    action(f"{_PULSE}:ARM", _refuse_hardware, _zero),
    query(f"{_PULSE}:NVPResent", _zero),
    action(f"{_CONDUCTANCE}:ARM", _refuse_hardware, _zero),
    query(f"{_CONDUCTANCE}:NVPResent", _zero),
    query(f"{_CONDUCTANCE}:NVZero", _zero),
    query("SENSe[1]:DATA[:LATest]", _nothing_runs),
    query("SENSe[1]:DATA:FRESh", _nothing_runs),
    query("TRACe:DATA", _stale),
    query("TRACe:DATA:TYPE", lambda _: "NONE"),
    query("TRACe:POINts:ACTual", _zero),
    action("TRACe:CLEar", _nothing),
    setting(f"{_SERIAL}:SEND", Quoted(), _send_nowhere),
    query(f"{_SERIAL}:ENTer", _hardware_missing),  # (assumed) no answer from the serial line
    action(f"{_ETHERNET}:SAVE", _nothing),
    setting("SYSTem:BEEPer[:IMMediate]", Several(Number(0.0, math.inf)), _beep),
)
