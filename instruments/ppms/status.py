"""What the PPMS says about itself, in the words of the field and apart from any transport.

The Model 6000 packs four codes into one integer; MultiPyVu sends sentences. The two families do not
agree everywhere (field code 8 is a current error on the 6000 and "Resetting" in MultiVu), so each
has a table of its own.
"""

from enum import Enum
from typing import Literal


class TemperatureStatus(Enum):
    """State of the temperature control."""

    UNKNOWN = "unknown"
    STABLE = "stable"
    TRACKING = "tracking"
    NEAR = "near"
    CHASING = "chasing"
    FILLING = "filling the pot"
    STANDBY = "standby"
    DIAGNOSTIC = "control disabled"
    IMPEDANCE = "impedance error"
    FAILURE = "failure"


class FieldStatus(Enum):
    """State of magnet, leads and persistent switch."""

    UNKNOWN = "unknown"
    PERSISTENT = "persistent"
    WARMING = "switch warming"
    COOLING = "switch cooling"
    HOLDING = "driven, holding"
    APPROACHING = "final approach"
    CHARGING = "charging"
    DISCHARGING = "discharging"
    RESETTING = "resetting"
    CURRENT_ERROR = "current error"
    SWITCH_ERROR = "switch error"
    QUENCH = "quench"
    CHARGING_ERROR = "charging error"
    SUPPLY_ERROR = "power supply error"
    FAILURE = "failure"


class AngleStatus(Enum):
    """State of the rotator."""

    UNKNOWN = "unknown"
    STOPPED = "stopped"
    MOVING = "moving"
    LIMIT = "at the limit switch"
    INDEX = "at the index switch"
    FAILURE = "failure"
    ABSENT = "no rotator"


class ChamberStatus(Enum):
    """State of the sample chamber."""

    UNKNOWN = "unknown"
    PURGED = "purged and sealed"
    VENTED = "vented and sealed"
    SEALED = "sealed, condition unknown"
    PURGING = "purging"
    VENTING_TO_SEAL = "venting to seal"
    PUMPING_DOWN = "pumping down to high vacuum"
    HIGH_VACUUM = "high vacuum"
    PUMPING = "pumping continuously"
    VENTING = "venting continuously"
    VACUUM_ERROR = "high vacuum error"
    FAILURE = "failure"


Judgement = Literal["good", "busy", "unknown", "idle", "failed"]
"""What a status means for a wait: "idle" will never arrive, "unknown" is asked again."""

TEMPERATURE_CODES = {
    0: TemperatureStatus.UNKNOWN,
    1: TemperatureStatus.STABLE,
    2: TemperatureStatus.TRACKING,
    5: TemperatureStatus.NEAR,
    6: TemperatureStatus.CHASING,
    7: TemperatureStatus.FILLING,
    10: TemperatureStatus.STANDBY,
    13: TemperatureStatus.DIAGNOSTIC,
    14: TemperatureStatus.IMPEDANCE,
    15: TemperatureStatus.FAILURE,
}
FIELD_CODES = {
    0: FieldStatus.UNKNOWN,
    1: FieldStatus.PERSISTENT,
    2: FieldStatus.WARMING,
    3: FieldStatus.COOLING,
    4: FieldStatus.HOLDING,
    5: FieldStatus.APPROACHING,
    6: FieldStatus.CHARGING,
    7: FieldStatus.DISCHARGING,
    8: FieldStatus.CURRENT_ERROR,
    11: FieldStatus.QUENCH,  # one driver's reading of an otherwise unused code (assumed)
    15: FieldStatus.FAILURE,
}
CHAMBER_CODES = {
    0: ChamberStatus.UNKNOWN,
    1: ChamberStatus.PURGED,
    2: ChamberStatus.VENTED,
    3: ChamberStatus.SEALED,
    4: ChamberStatus.PURGING,
    5: ChamberStatus.VENTING_TO_SEAL,
    6: ChamberStatus.PUMPING_DOWN,
    7: ChamberStatus.HIGH_VACUUM,
    8: ChamberStatus.PUMPING,
    9: ChamberStatus.VENTING,
    14: ChamberStatus.VACUUM_ERROR,
    15: ChamberStatus.FAILURE,
}
ANGLE_CODES = {
    0: AngleStatus.UNKNOWN,
    1: AngleStatus.STOPPED,
    5: AngleStatus.MOVING,
    8: AngleStatus.LIMIT,
    9: AngleStatus.INDEX,
    15: AngleStatus.FAILURE,
}

TEMPERATURE_WORDS = {
    "Stable": (1, TemperatureStatus.STABLE),
    "Tracking": (2, TemperatureStatus.TRACKING),
    "Near": (5, TemperatureStatus.NEAR),
    "Chasing": (6, TemperatureStatus.CHASING),
    "Pot Operation": (7, TemperatureStatus.FILLING),
    "Standby": (10, TemperatureStatus.STANDBY),
    "Diagnostic": (13, TemperatureStatus.DIAGNOSTIC),
    "Impedance Control Error": (14, TemperatureStatus.IMPEDANCE),
    "General Failure": (15, TemperatureStatus.FAILURE),
}
FIELD_WORDS = {
    "Unknown": (0, FieldStatus.UNKNOWN),
    "Stable": (1, FieldStatus.PERSISTENT),
    "Switch Warming": (2, FieldStatus.WARMING),
    "Switch Cooling": (3, FieldStatus.COOLING),
    "Holding (driven)": (4, FieldStatus.HOLDING),
    "Iterate": (5, FieldStatus.APPROACHING),
    "Ramping": (6, FieldStatus.CHARGING),  # MultiVu has one word for 6 and 7
    "Resetting": (8, FieldStatus.RESETTING),
    "Current Error": (9, FieldStatus.CURRENT_ERROR),
    "Switch Error": (10, FieldStatus.SWITCH_ERROR),
    "Quenching": (11, FieldStatus.QUENCH),
    "Charging Error": (12, FieldStatus.CHARGING_ERROR),
    "PSU Error": (14, FieldStatus.SUPPLY_ERROR),
    "General Failure": (15, FieldStatus.FAILURE),
}
CHAMBER_WORDS = {
    "Unknown": (0, ChamberStatus.UNKNOWN),
    "Purged and Sealed": (1, ChamberStatus.PURGED),
    "Vented and Sealed": (2, ChamberStatus.VENTED),
    "Sealed (condition unknown)": (3, ChamberStatus.SEALED),
    "Performing Purge/Seal": (4, ChamberStatus.PURGING),
    "Performing Vent/Seal": (5, ChamberStatus.VENTING_TO_SEAL),
    "Pre-HiVac": (6, ChamberStatus.PUMPING_DOWN),
    "HiVac": (7, ChamberStatus.HIGH_VACUUM),
    "Pumping Continuously": (8, ChamberStatus.PUMPING),
    "Flooding Continuously": (9, ChamberStatus.VENTING),
    "HiVac Error": (14, ChamberStatus.VACUUM_ERROR),
    "General Failure": (15, ChamberStatus.FAILURE),
}
ANGLE_WORDS = {
    "Unknown": (0, AngleStatus.UNKNOWN),
    "Transport stopped at set point": (1, AngleStatus.STOPPED),
    "Calibrating": (2, AngleStatus.MOVING),
    "Transport moving toward set point": (5, AngleStatus.MOVING),
    "Transport hit limit switch": (8, AngleStatus.LIMIT),
    "Transport hit index switch": (9, AngleStatus.INDEX),
    "General failure in position control system": (15, AngleStatus.FAILURE),
}

_TEMPERATURE_JUDGED: dict[TemperatureStatus, Judgement] = {
    TemperatureStatus.UNKNOWN: "unknown",
    TemperatureStatus.STABLE: "good",
    TemperatureStatus.STANDBY: "idle",
    TemperatureStatus.DIAGNOSTIC: "idle",
    TemperatureStatus.IMPEDANCE: "failed",
    TemperatureStatus.FAILURE: "failed",
}
_FIELD_JUDGED: dict[FieldStatus, Judgement] = {
    FieldStatus.UNKNOWN: "unknown",
    FieldStatus.CURRENT_ERROR: "failed",
    FieldStatus.SWITCH_ERROR: "failed",
    FieldStatus.QUENCH: "failed",
    FieldStatus.CHARGING_ERROR: "failed",
    FieldStatus.SUPPLY_ERROR: "failed",
    FieldStatus.FAILURE: "failed",
}
_ANGLE_JUDGED: dict[AngleStatus, Judgement] = {
    AngleStatus.UNKNOWN: "unknown",
    AngleStatus.STOPPED: "good",
    AngleStatus.LIMIT: "good",
    AngleStatus.INDEX: "good",
    AngleStatus.FAILURE: "failed",
    AngleStatus.ABSENT: "failed",
}

LEADS = 60.0
"""Longest time in s that leads may ramp while the status still says persistent (30 s seen)."""


def judge_temperature(status: TemperatureStatus) -> Judgement:
    """Tell what a status of the temperature control means for a wait."""
    return _TEMPERATURE_JUDGED.get(status, "busy")


def judge_field(status: FieldStatus, mode: str, since: float) -> Judgement:
    """Tell what a status of the magnet means for a wait.

    Parameters
    ----------
    status
        What was read.
    mode
        "driven" or "persistent": how the magnet was told to end.
    since
        Time since it was told in s. While the leads ramp up to a magnet in persistent mode the
        status goes on to say persistent, so that this word counts for a driven magnet only after
        `LEADS` s.

    Returns
    -------
    Judgement
        Good when the magnet is at rest in the mode that was asked for.
    """
    if status is FieldStatus.PERSISTENT:
        return "good" if mode == "persistent" or since >= LEADS else "busy"
    if status is FieldStatus.HOLDING:
        return "good" if mode == "driven" else "busy"
    return _FIELD_JUDGED.get(status, "busy")


def judge_angle(status: AngleStatus) -> Judgement:
    """Tell what a status of the rotator means for a wait; whether it is *there* the angle tells."""
    return _ANGLE_JUDGED.get(status, "busy")


def unpack(code: int) -> tuple[int, int, int, int]:
    """Split a packed status into the codes of temperature, magnet, chamber and position."""
    return code & 0xF, code >> 4 & 0xF, code >> 8 & 0xF, code >> 12 & 0xF


def pack(temperature: int, field: int, chamber: int, angle: int) -> int:
    """Pack four codes the way the Model 6000 does."""
    return temperature | field << 4 | chamber << 8 | angle << 12
