"""Everything that can differ between one simulated PPMS and another."""

from dataclasses import dataclass, field, replace
from typing import Literal

from instruments.simulated.ppms_chamber import ChamberOptions
from instruments.simulated.ppms_field_course import MagnetOptions
from instruments.simulated.ppms_helium import HeliumOptions
from instruments.simulated.ppms_rotator import RotatorOptions
from instruments.simulated.ppms_temperature_course import TemperatureOptions

LARGEST_SPREAD = 0.2


@dataclass(frozen=True)
class PpmsOptions:
    """Everything that can differ between one PPMS and another.

    Parameters
    ----------
    start_temperature
        At which it begins settled, in K.
    start_field
        At which it begins persistent, in T.
    start_angle
        At which it begins, in degrees.
    temperature
        The block.
    magnet
        The magnet.
    rotator
        The rotator.
    chamber
        The sample chamber.
    helium
        The helium and its meter.
    spread
        Largest fraction, up to 0.2, by which rates, settling and pot filling differ from the book;
        the factors are hidden and drawn from the seed.
    out_of_range
        What becomes of an argument outside its range: clipped, or the command ignored. Which of the
        two a Model 6000 does is not known.
    not_fresh
        Probability that GETDAT? leaves out data because they are not fresh (assumed).
    sample_lag
        Lag of the sample thermometer (item 23) behind the block at 300 K and at 4 K in s (assumed).
    """

    start_temperature: float = 300.0
    start_field: float = 0.0
    start_angle: float = 0.0
    temperature: TemperatureOptions = field(default_factory=TemperatureOptions)
    magnet: MagnetOptions = field(default_factory=MagnetOptions)
    rotator: RotatorOptions = field(default_factory=RotatorOptions)
    chamber: ChamberOptions = field(default_factory=ChamberOptions)
    helium: HeliumOptions = field(default_factory=HeliumOptions)
    spread: float = 0.0
    out_of_range: Literal["clip", "refuse"] = "clip"
    not_fresh: float = 0.01
    sample_lag: tuple[float, float] = (20.0, 3.0)

    def __post_init__(self) -> None:
        if not 0.0 <= self.spread <= LARGEST_SPREAD:
            raise ValueError(
                f"the spread of a simulated PPMS is {self.spread}; give 0 to {LARGEST_SPREAD}"
            )

    @classmethod
    def at(
        cls, temperature: float = 300.0, field: float = 0.0, angle: float = 0.0
    ) -> "PpmsOptions":
        """Return the default PPMS, settled at values in K, T and degrees."""
        return cls(start_temperature=temperature, start_field=field, start_angle=angle)

    def with_spread(self, spread: float) -> "PpmsOptions":
        """Return these options for a PPMS that differs from the book by up to `spread`."""
        return replace(self, spread=spread)
