"""Simulated twin of a Quantum Design PPMS: one physical model for every transport.

`PpmsTwin` knows no strings: `model6000.Model6000` gives it the voice of the GPIB instrument, and
`multivu.MultiVuServer` that of a MultiVu server. It has no thread: every state is worked out when
asked, from curves that were laid down by the last command.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite

import numpy as np

from instruments.clock import Clock
from instruments.simulated.ppms_chamber import VENT, VENT_SEAL, Chamber
from instruments.simulated.ppms_faults import PpmsFaults
from instruments.simulated.ppms_helium import Helium, LevelMeter
from instruments.simulated.ppms_magnet import Magnet
from instruments.simulated.ppms_options import PpmsOptions
from instruments.simulated.ppms_rotator import Rotator
from instruments.simulated.ppms_temperature import (
    FAILURE,
    IMPEDANCE,
    STANDBY,
    Block,
)
from instruments.simulated.ppms_temperature_course import TEN_KELVIN, Misfit
from instruments.simulated.sample_space import Condition

TESLA = 1e-4
"""T per Oe, in vacuum."""
IMPEDANCE_TEMPERATURE = 6.0
"""Where a block without gas flow drifts to, in K (assumed)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One consistent sample of what the instrument reports.

    Parameters
    ----------
    time
        On the clock of the bench in s.
    temperature
        In K.
    field
        In Oe.
    position
        In degrees.
    pressure
        In Torr.
    sample_temperature
        Of the second thermometer in K.
    """

    time: float
    temperature: float
    field: float
    position: float
    pressure: float
    sample_temperature: float


class PpmsTwin:
    """The cryostat: what it does to the sample, and what it reports.

    Parameters
    ----------
    bench_clock
        The clock of the bench.
    generator
        Of everything random, such as `Bench.generator` returns.
    options
        How this PPMS behaves; the book's if omitted.

    Attributes
    ----------
    before_change
        Called before anything changes; set it to `Bench.sync` when the twin is put into a bench.
    """

    def __init__(
        self,
        bench_clock: Clock,
        generator: np.random.Generator,
        options: PpmsOptions | None = None,
    ) -> None:
        self.options = PpmsOptions() if options is None else options
        self.clock = bench_clock
        self.faults = PpmsFaults(self)
        self.catastrophe = ""
        self.before_change: Callable[[], None] = _nothing
        now = bench_clock.now()
        o = self.options
        spread = o.spread
        rate, settling, pot, field_rate = generator.uniform(1.0 - spread, 1.0 + spread, size=4)
        streams = generator.spawn(6)
        misfit = Misfit(float(rate), float(settling), float(pot))
        self.block = Block(o.temperature, misfit, streams[0], now, o.start_temperature)
        start_field = o.start_field / TESLA
        self.magnet = Magnet(o.magnet, float(field_rate), streams[1], now, start_field)
        self.rotator = Rotator(o.rotator, streams[2], now, o.start_angle)
        self.chamber = Chamber(o.chamber, streams[3], now)
        self.helium = Helium(o.helium, now, self.magnet.effort, self.block.filling)
        self.meter = LevelMeter(self.helium, streams[4], now)
        self._noise = streams[5]
        self.block.disturbance = self.rotator.heat
        self.block.disturbed_until = lambda: self.rotator.until
        self._moving_until = now

    def condition(self, now: float) -> Condition:
        """Return what the sample feels at `now` s; it moves from the command to its end."""
        return Condition(
            self.block.value(now) + self.rotator.heat(now),
            self.magnet.true(now) * TESLA,
            self.rotator.true(now),
            now < self._moving_until,
        )

    def set_temperature(self, target: float, rate: float, mode: int) -> bool:
        """Go to `target` K at `rate` K/min.

        Parameters
        ----------
        target
            In K.
        rate
            In K/min.
        mode
            0 fast settle, 1 no overshoot.

        Returns
        -------
        bool
            Whether the command was taken.
        """
        o = self.options.temperature
        fits = self._fit((target, o.lowest, o.highest), (rate, o.slowest, o.fastest))
        if fits is None or mode not in {0, 1}:
            return False
        self.before_change()
        self.block.set(self.clock.now(), *fits, mode)
        self._note_motion(self.block.until)
        return True

    def set_field(self, target: float, rate: float, approach: int, mode: int) -> bool:
        """Go to `target` Oe at `rate` Oe/s.

        Parameters
        ----------
        target
            In Oe.
        rate
            In Oe/s.
        approach
            0 linear, 1 no overshoot, 2 oscillate.
        mode
            0 persistent, 1 driven.

        Returns
        -------
        bool
            Whether the command was taken.
        """
        o = self.options.magnet
        fits = self._fit((target, -o.highest, o.highest), (rate, o.slowest, o.fastest))
        if fits is None or approach not in {0, 1, 2} or mode not in {0, 1}:
            return False
        self.before_change()
        self.magnet.set(self.clock.now(), *fits, approach, mode)
        self._note_motion(self.magnet.until)
        return True

    def move(self, position: float, mode: int, slow: int) -> bool:
        """Turn the rotator; see `Rotator.set`.

        Parameters
        ----------
        position
            In degrees.
        mode
            0 go there, 1 find the end of the travel, 2 redefine.
        slow
            Slow code 0 to 14.

        Returns
        -------
        bool
            Whether the command was taken.
        """
        if mode not in {0, 1, 2} or not 0 <= slow <= 14 or not isfinite(position):
            return False
        self.before_change()
        now = self.clock.now()
        self.block.status(now)
        self.rotator.set(now, position, mode, slow, self.block.value(now))
        self._note_motion(self.rotator.until)
        return True

    def set_chamber(self, code: int) -> bool:
        """Begin a sequence of the chamber; nothing that hardware would do is refused.

        Parameters
        ----------
        code
            0 seal, 1 purge and seal, 2 vent and seal, 3 pump, 4 vent on and on, 5 high vacuum.

        Returns
        -------
        bool
            Whether the command was taken.
        """
        if code not in range(6):
            return False
        self.before_change()
        now = self.clock.now()
        temperature = self.block.value(now)
        if code in {VENT_SEAL, VENT} and temperature < self.options.chamber.warm:
            self._air_freezes(now, temperature)
        self.chamber.set(now, code)
        if self.catastrophe:
            self.chamber.fail(now)
        return True

    def shut_down(self) -> None:
        """Go to standby: heaters off, least gas flow."""
        o = self.options.temperature
        self._drift(STANDBY, o.standby, o.standby_tau)

    def block_impedance(self) -> None:
        """Stop the flow through the impedance: the block cannot be cooled."""
        self._drift(IMPEDANCE, max(IMPEDANCE_TEMPERATURE, self.block.setpoint[0]), 600.0)

    def fail_temperature(self) -> None:
        """Lose control of the temperature."""
        self._drift(FAILURE, 290.0, 12 * 3600.0)

    def repair(self) -> None:
        """Have everything repaired that had failed."""
        self.before_change()
        now = self.clock.now()
        self.catastrophe = ""
        self.block.repair(now)
        self.magnet.repair(now)
        self.chamber.repair(now)
        self._note_motion(self.block.until)

    def quench(self, code: int) -> None:
        """Quench the magnet; the status shows `code`."""
        self.before_change()
        self.level()
        self.magnet.quench(self.clock.now(), code)
        self.helium.lose(self.options.helium.quench)
        self._note_motion(self.magnet.until)

    def level(self) -> float:
        """Return the true level of the helium in percent."""
        now = self.clock.now()
        self.meter.update(now)
        return self.helium.level(now)

    def advisory(self) -> int:
        """Return the number of the advisory, 0 for none."""
        o = self.options.helium
        return o.advisory if self.level() < o.low or self.catastrophe else 0

    def read(self) -> Reading:
        """Take one sample of everything that the instrument reports, with its noise."""
        now = self.clock.now()
        zero = self.faults.take_zero()
        if zero:
            return Reading(now, 0.0, 0.0, 0.0, self.chamber.pressure(now), 0.0)
        block = self.block.value(now) + self.rotator.heat(now)
        noise = self._noise.normal(size=3)
        current_noise = self.options.magnet.noise if self.magnet.driven(now) else 0.0
        return Reading(
            time=now,
            temperature=block * (1.0 + self._relative_noise(block) * float(noise[0])),
            field=self.magnet.reported(now) + current_noise * float(noise[1]),
            position=self.rotator.reported(now),
            pressure=self.chamber.pressure(now),
            sample_temperature=self._sample(now, block)
            * (1.0 + self._relative_noise(block) * float(noise[2])),
        )

    def codes(self) -> tuple[int, int, int, int]:
        """Return the status codes of temperature, magnet, chamber and position."""
        now = self.clock.now()
        if self.faults.take_transient():
            return 0, 0, 0, 0
        forced = self.faults.forced
        return (
            forced.get("temperature", self.block.status(now)),
            forced.get("magnet", self.magnet.status(now)),
            forced.get("chamber", self.chamber.status(now)),
            forced.get("position", self.rotator.status(now)),
        )

    def packed_status(self) -> int:
        """Return the four codes in one word: T | magnet << 4 | chamber << 8 | position << 12."""
        temperature, magnet, chamber, position = self.codes()
        return temperature | magnet << 4 | chamber << 8 | position << 12

    def truth(self) -> dict[str, float | str]:
        """Return what only tests may see, in SI units, degrees and percent."""
        now = self.clock.now()
        condition = self.condition(now)
        return {
            "time": now,
            "temperature": condition.temperature,
            "field": condition.field,
            "angle": condition.angle,
            "moving": float(condition.moving),
            "supply_field": self.magnet.reported(now) * TESLA,
            "pressure_torr": self.chamber.pressure(now),
            "helium_percent": self.level(),
            "catastrophe": self.catastrophe,
        }

    def _fit(
        self, target: tuple[float, float, float], rate: tuple[float, float, float]
    ) -> tuple[float, float] | None:
        """Clip target and rate to their ranges; return None to ignore the command."""
        if not (isfinite(target[0]) and isfinite(rate[0])):
            return None
        fitted = _clipped(*target), _clipped(*rate)
        if self.options.out_of_range == "refuse" and fitted != (target[0], rate[0]):
            return None
        return fitted

    def _note_motion(self, until: float) -> None:
        self._moving_until = max(self._moving_until, until)

    def _drift(self, code: int, towards: float, tau: float) -> None:
        self.before_change()
        self.block.fall_to(self.clock.now(), code, towards, tau)
        self._note_motion(self.block.until)

    def _air_freezes(self, now: float, temperature: float) -> None:
        self.level()
        self.catastrophe = f"vented at {temperature:.1f} K: air has frozen in the sample space"
        self.block.fall_to(now, FAILURE, 200.0, 300.0)
        self.helium.lose(self.options.helium.quench)
        self._note_motion(self.block.until)

    def _relative_noise(self, temperature: float) -> float:
        o = self.options.temperature
        return o.noise if temperature > TEN_KELVIN else o.noise_below_ten

    def _sample(self, now: float, block: float) -> float:
        """Return the temperature of a sample that follows the block with a lag."""
        warm, cold = self.options.sample_lag
        lag = cold + (warm - cold) * min(1.0, max(0.0, (block - 4.0) / 296.0))
        return self.block.value(now - lag) + self.rotator.heat(now - lag)


def _clipped(value: float, lowest: float, highest: float) -> float:
    return max(lowest, min(highest, value))


def _nothing() -> None:
    """Do nothing before a change: no bench is watching."""
