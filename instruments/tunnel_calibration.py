"""What a calibration on a known resistor in place of a tunnel junction found.

`daq.analysis.tunnel_calibration` makes one from the rows of a run; a `VoltageBias` applies it. A
scale is what is true over what is told.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from instruments.calibration import FORMAT, Measured, different, moment_of
from instruments.errors import ConfigurationError

KIND = "tunnel"
SCALES = ("bias_scale", "modulation_scale", "current_scale", "conductance_scale")


@dataclass(frozen=True, slots=True)
class TunnelCalibration:
    """What stands between the numbers of a tunnelling station and the truth.

    A resistor tells the product of divider and preamplifier far better than either of them: what
    is left open between the two stands in the errors of `bias_scale`, `modulation_scale` and
    `current_scale`, and not in that of `conductance_scale`.

    Parameters
    ----------
    date
        When it was measured, UTC, as ISO 8601.
    contact
        That was wired.
    divider, oscillator_divider, preamplifier_gain
        As the bias was told; the gain in V/A.
    dac
        Number of the converter, whose offset is in that of the bias.
    frequency
        In Hz.
    bias_scale
        Dc voltage at the sample over that which converter and divider are told to make.
    bias_offset
        Dc voltage at the sample in V while the converter is set to 0 V.
    modulation_scale
        Ac voltage at the sample over that which oscillator and divider are told to make.
    current_scale
        Gain of the preamplifier over what is told of it, at dc.
    conductance_scale
        Reading of dI/dV over the true one, with modulation, gain and lock-in as they are told.
    """

    date: str
    contact: str
    divider: float
    oscillator_divider: float
    preamplifier_gain: float
    dac: int
    frequency: float
    bias_scale: Measured
    bias_offset: Measured
    modulation_scale: Measured
    current_scale: Measured
    conductance_scale: Measured

    @property
    def scale_error(self) -> float:
        """Return one relative standard error of every voltage, and so of every gap."""
        return self.bias_scale.error / self.bias_scale.value

    def differences(self, bias: Mapping[str, Any]) -> list[str]:
        """Return in what the wiring of a bias differs from that which was calibrated, in words."""
        return different(
            bias,
            ("divider", self.divider, ""),
            ("oscillator_divider", self.oscillator_divider, ""),
            ("preamplifier_gain_V_per_A", self.preamplifier_gain, "V/A"),
            ("dac", self.dac, ""),
        )

    def summary(self) -> dict[str, Any]:
        """Return everything as numbers, text and dictionaries."""
        return {"format": FORMAT, "kind": KIND, **asdict(self)}

    def to_json(self) -> str:
        """Return the text of a calibration file."""
        return json.dumps(self.summary(), indent=2, allow_nan=False) + "\n"

    @classmethod
    def from_summary(cls, content: Mapping[str, Any]) -> Self:
        """Take up what `summary` returned, such as from the snapshot of a run.

        Parameters
        ----------
        content
            Its keys.

        Returns
        -------
        TunnelCalibration
            The same, digit by digit.

        Raises
        ------
        ConfigurationError
            It is none, or of a newer format.
        """
        try:
            values = dict(content)
            if values.pop("format") != FORMAT or values.pop("kind") != KIND:
                raise ValueError(f"its format is not {FORMAT}")  # noqa: TRY301 (one way out)
            for name in (*SCALES, "bias_offset"):
                values[name] = Measured(**values[name])
            found = cls(**values)
            moment_of(found.date)
            _check(found)
        except (ValueError, TypeError, KeyError, AttributeError) as problem:
            raise ConfigurationError(
                f"calibration: the text is not a calibration ({problem}); write one with the"
                " procedure calibrate_tunnel"
            ) from None
        return found


def _check(found: TunnelCalibration) -> None:
    """Refuse what no voltage can be set by: the limits are judged with these numbers."""
    for name in SCALES:
        scale = getattr(found, name)
        if not (0.0 < scale.value < math.inf and 0.0 <= scale.error < math.inf):
            raise ValueError(f"{name} is {scale.value} +- {scale.error}")
    offset = found.bias_offset
    if not (math.isfinite(offset.value) and 0.0 <= offset.error < math.inf):
        raise ValueError(f"bias_offset is {offset.value} +- {offset.error}")
