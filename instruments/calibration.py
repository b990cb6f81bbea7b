"""What a calibration on a known resistor found, and whether it still applies.

`daq.analysis.calibration` makes one from the rows of a run; a bias applies it.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any, Protocol, Self

from instruments.errors import ConfigurationError

FORMAT = 1
LIFETIME = 365.0 * 86400.0
"""How long a calibration holds unless somebody says otherwise, in s."""
SAME = 1e-6


@dataclass(frozen=True, slots=True)
class Measured:
    """A value with one standard error, in the same unit."""

    value: float
    error: float


@dataclass(frozen=True, slots=True)
class RangeCalibration:
    """One sensitivity of the lock-in.

    Parameters
    ----------
    sensitivity
        Full scale in V.
    gain
        Of this range relative to the mean of all.
    x_offset, y_offset
        Output at no signal in V, to be subtracted.
    """

    sensitivity: float
    gain: Measured
    x_offset: Measured
    y_offset: Measured


@dataclass(frozen=True, slots=True)
class Calibration:
    """What stands between the numbers of the instruments and the truth.

    Parameters
    ----------
    date
        When it was measured, UTC, as ISO 8601.
    contact
        That was wired.
    wiring_resistance
        Series resistance in ohm that the bias was told.
    blocking_capacitor
        In series with it in F, or None.
    lowest_frequency, highest_frequency
        Between which it was measured, in Hz.
    ac_factor
        Measured over true dV/dI of a contact that is small against the series resistance.
    gain
        Reading of the lock-in over the true voltage; if `separated` is false it is the ac factor.
    series_resistance
        True one in ohm, without the oscillator's; if `separated` is false it is what was told.
    phase
        Of the chain at zero frequency in degrees.
    phase_slope
        In degrees per Hz.
    phase_covariance
        Of these two, in degrees^2 per Hz.
    separated
        Whether gain and series resistance were told apart.
    ranges
        By rising sensitivity.
    """

    date: str
    contact: str
    wiring_resistance: float
    blocking_capacitor: float | None
    lowest_frequency: float
    highest_frequency: float
    ac_factor: Measured
    gain: Measured
    series_resistance: Measured
    phase: Measured
    phase_slope: Measured
    phase_covariance: float
    separated: bool
    ranges: tuple[RangeCalibration, ...]

    def covers(self, frequency: float) -> bool:
        """Tell whether a frequency in Hz lies inside the measured range."""
        low = self.lowest_frequency * (1.0 - SAME)
        return low <= frequency <= self.highest_frequency * (1.0 + SAME)

    def phase_at(self, frequency: float) -> Measured:
        """Return the phase of the chain at a frequency in Hz, in degrees."""
        value = self.phase.value + self.phase_slope.value * frequency
        variance = self.phase.error**2 + (self.phase_slope.error * frequency) ** 2
        variance += 2.0 * self.phase_covariance * frequency
        return Measured(value, math.sqrt(max(0.0, variance)))

    def offset_at(self, sensitivity: float) -> complex:
        """Return the offsets of X and Y in V at a full scale in V; 0 where none was measured."""
        found = self._range(sensitivity)
        return 0j if found is None else complex(found.x_offset.value, found.y_offset.value)

    def gain_at(self, sensitivity: float) -> float:
        """Return reading over true voltage at a full scale in V; the mean for an unmeasured one."""
        found = self._range(sensitivity)
        return self.gain.value * (1.0 if found is None else found.gain.value)

    def differences(self, bias: Mapping[str, Any]) -> list[str]:
        """Return in what the wiring of a bias differs from that which was calibrated, in words."""
        return different(
            bias,
            ("series_resistance_ohm", self.wiring_resistance, "ohm"),
            ("blocking_capacitor_F", self.blocking_capacitor, "F"),
        )

    def summary(self) -> dict[str, Any]:
        """Return everything as numbers, text, lists and dictionaries."""
        return {"format": FORMAT, **asdict(self)}

    def to_json(self) -> str:
        """Return the text of a calibration file."""
        return json.dumps(self.summary(), indent=2, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read the text of a calibration file.

        Parameters
        ----------
        text
            As `to_json` wrote it.

        Returns
        -------
        Calibration
            The same, digit by digit.

        Raises
        ------
        ConfigurationError
            It is not one, or of a newer format.
        """
        try:
            content = json.loads(text)
            if content.pop("format", None) != FORMAT:
                raise ValueError(f"its format is not {FORMAT}")  # noqa: TRY301 (one way out)
            ranges = tuple(_range(item) for item in content.pop("ranges"))
            for name in ("ac_factor", "gain", "series_resistance", "phase", "phase_slope"):
                content[name] = Measured(**content[name])
            found = cls(**content, ranges=ranges)
            moment_of(found.date)
        except (ValueError, TypeError, KeyError, AttributeError) as problem:
            raise ConfigurationError(
                f"calibration: the text is not a calibration ({problem}); write one with the"
                " procedure calibrate"
            ) from None
        return found

    def _range(self, sensitivity: float) -> RangeCalibration | None:
        for found in self.ranges:
            if math.isclose(found.sensitivity, sensitivity, rel_tol=SAME):
                return found
        return None


class Dated(Protocol):
    """A calibration of some wiring."""

    @property
    def date(self) -> str:
        """Return when it was measured: UTC, ISO 8601."""
        ...

    @property
    def contact(self) -> str:
        """Return what was wired."""
        ...

    def differences(self, bias: Mapping[str, Any]) -> list[str]:
        """Return in what the wiring of a bias differs from that which was calibrated."""
        ...


def objections(
    calibration: Dated,
    snapshot: Mapping[str, Any],
    now: datetime,
    *,
    lifetime: float = LIFETIME,
    same_contact: bool = False,
) -> tuple[str, ...]:
    """Return why a calibration does not apply to a station; nothing if it does.

    Parameters
    ----------
    calibration
        To be judged.
    snapshot
        Of the station: its ``bias`` tells the wiring.
    now
        Of the station, with its time zone.
    lifetime
        How long a calibration holds in s.
    same_contact
        Whether it must have been measured on the contact that is wired now; a calibration on a
        resistor in place of the sample was not.

    Returns
    -------
    tuple of str
        Each one reason in words.
    """
    found: list[str] = []
    age = (now - moment_of(calibration.date)).total_seconds()
    if age > lifetime:
        days = lifetime / 86400.0
        found.append(f"it is {age / 86400.0:.0f} days old, more than {days:.0f}")
    bias = snapshot.get("bias", {})
    found += calibration.differences(bias)
    contact = bias.get("contact", "")
    if same_contact and contact != calibration.contact:
        found.append(f"{contact!r} is wired now and {calibration.contact!r} was")
    return tuple(found)


def different(wired: Mapping[str, Any], *calibrated: tuple[str, float | None, str]) -> list[str]:
    """Return in what a wiring differs from the one that was calibrated.

    Parameters
    ----------
    wired
        What the snapshot of a bias says.
    *calibrated
        Key of the snapshot, its value during the calibration, and the unit.

    Returns
    -------
    list of str
        Each one difference in words.
    """
    return [
        f"{key} is {_shown(wired.get(key), unit)} now and was {_shown(told, unit)}"
        for key, told, unit in calibrated
        if not _same(wired.get(key), told)
    ]


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=SAME)


def _shown(value: float | None, unit: str) -> str:
    return "none" if value is None else f"{value:g} {unit}".rstrip()


def _range(item: dict[str, Any]) -> RangeCalibration:
    names = [field.name for field in fields(RangeCalibration) if field.name != "sensitivity"]
    return RangeCalibration(item["sensitivity"], **{name: Measured(**item[name]) for name in names})


def moment_of(date: str) -> datetime:
    """Return the moment that a text in ISO 8601 tells; without a time zone it is UTC."""
    moment = datetime.fromisoformat(date)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
