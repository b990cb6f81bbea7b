"""The lock-ins beside the main one: set alike, locked to its reference, read together with it.

A further lock-in has a role such as ``lockin_yx``. Its reference input is connected to the
reference output of the main one. It takes over time constant, slope, harmonic and phase; only its
sensitivity is its own.
"""

import math
from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from instruments.biasing import Bias
from instruments.clock import Clock
from instruments.errors import InstrumentError
from instruments.excitation import OUTPUT_REFRESH, RETAKES, BiasReading, Excitation, settling_time
from instruments.lockin import LockIn, LockinReading
from instruments.meter import Meter, MeterReading
from instruments.reference_frequency import Detection
from instruments.status import Status
from instruments.waiting import Event, Steps, wait

PREFIX = "lockin_"
LOCK_TIME = 0.05
LOCK_CYCLES = 2.0
"""An external reference locks within that many cycles and `LOCK_TIME` s."""


@dataclass(frozen=True, slots=True)
class Together:
    """What all lock-ins read at one time.

    Parameters
    ----------
    main
        The response of the contact.
    beside
        The others by role.
    time
        When the signal was at the sample, in s on the clock of the station: the middle of the
        readings less the delay of the output filter. Not a number without a main lock-in.
    """

    main: BiasReading
    beside: Mapping[str, MeterReading]
    time: float

    @property
    def status(self) -> Status:
        """Return what is wrong with any of them."""
        status = self.main.status
        for reading in self.beside.values():
            status |= reading.status
        return status


class Meters:
    """All lock-ins of a station.

    Parameters
    ----------
    clock
        The clock of the station.
    instruments
        By role; ``lockin`` is the main one, ``lockin_...`` are those beside it.
    """

    def __init__(self, clock: Clock, instruments: Mapping[str, Any]) -> None:
        self._clock = clock
        self._main: LockIn | None = instruments.get("lockin")
        self._beside = tuple(
            Meter(role, lockin) for role, lockin in instruments.items() if role.startswith(PREFIX)
        )
        self._detection: Detection | None = None
        self._settling = 0.0
        self._dwell = 0.0

    @property
    def roles(self) -> tuple[str, ...]:
        """Return the roles of the lock-ins beside the main one."""
        return tuple(meter.role for meter in self._beside)

    def forget(self) -> None:
        """Forget the phases that were found on a contact."""
        for meter in self._beside:
            meter.forget()

    def configure(self, excitation: Excitation) -> Generator[Event, None, None]:
        """Set the others like the main lock-in, which the bias has configured, and freeze them.

        Parameters
        ----------
        excitation
            As the bias was configured.

        Yields
        ------
        Event
            Waits while they lock and settle.

        Raises
        ------
        InstrumentError
            One of them finds no reference.
        """
        if self._main is not None:
            self._take_over(self._main, excitation)
            yield from self._configure_others(self._main)

    def read(self, bias: Bias) -> Steps[Together]:
        """Read the main lock-in through the bias, and the others whenever it waits.

        Parameters
        ----------
        bias
            Configured, as are the others.

        Returns
        -------
        Together
            Single readings, or averages over the same time.
        """
        for meter in self._beside:
            meter.samples.clear()
        main = yield from self._with_others(bias.read())
        time = self._clock.now() - self._delay()
        beside: dict[str, MeterReading] = {}
        for meter in self._beside:
            beside[meter.role] = yield from self._kept(meter)
        return Together(main, MappingProxyType(beside), time)

    def _with_others(self, story: Steps[BiasReading]) -> Steps[BiasReading]:
        try:
            while True:
                try:
                    event = next(story)
                except StopIteration as end:
                    reading: BiasReading = end.value
                    break
                yield event
                self._sample()
        finally:
            story.close()
        if any(not meter.samples for meter in self._beside):
            self._sample()
        return reading

    def _kept(self, meter: Meter) -> Steps[MeterReading]:
        """Return the result, taken again less sensitively while it is overloaded."""
        assert self._detection is not None  # noqa: S101 (there is a main lock-in: the bias has read)
        averaged = self._dwell > 0.0
        count = len(meter.samples)
        result = meter.result(self._detection, averaged=averaged)
        changed = Status(0)
        for _ in range(RETAKES):
            if not result.status & Status.OVERLOAD or not meter.desensitise():
                break
            changed = Status.SENSITIVITY_CHANGED
            meter.samples.clear()
            yield from self._settle()
            for turn in range(count):
                if turn:
                    yield from wait(self._clock, OUTPUT_REFRESH, "the average")
                meter.sample(self._clock)
            result = meter.result(self._detection, averaged=averaged)
        return replace(result, status=result.status | changed)

    def _take_over(self, main: LockIn, excitation: Excitation) -> None:
        self._detection = Detection(main.frequency, main.time_constant, main.slope, main.harmonic)
        self._dwell = excitation.dwell
        seconds = settling_time(self._detection.poles, excitation.settle_fraction)
        self._settling = seconds * self._detection.time_constant + OUTPUT_REFRESH

    def _configure_others(self, main: LockIn) -> Steps[None]:
        if not self._beside or self._detection is None:
            return
        frequency, largest = self._detection.frequency, main.sensitivity
        for meter in self._beside:
            meter.prepare(main, self._detection)
        yield from wait(self._clock, LOCK_TIME + LOCK_CYCLES / frequency, "the reference to lock")
        for meter in self._beside:
            reading = yield from self._choose(meter, largest)
            meter.find_phase(reading, frequency, largest)
        yield from self._settle()

    def _choose(self, meter: Meter, largest: float) -> Steps[LockinReading]:
        """Choose the sensitivity; after an overload only less sensitive ones are tried."""
        overloaded = False
        while True:
            yield from self._settle()
            reading = meter.lockin.read_xy()
            if reading.status.reference_unlocked:
                raise InstrumentError(
                    f"{meter.role}: finds no reference; connect REF MON of the main lock-in to its"
                    " REF IN (rear)"
                )
            if reading.status.overload:
                overloaded = True
                if meter.desensitise():
                    continue
            if overloaded or not meter.choose(reading, largest):
                return reading

    def _sample(self) -> None:
        for meter in self._beside:
            meter.sample(self._clock)

    def _settle(self) -> Steps[None]:
        yield from wait(self._clock, self._settling, "the lock-ins to settle")

    def _delay(self) -> float:
        """Return how long before its end a reading of the main lock-in was at the sample, in s."""
        if self._detection is None:
            return math.nan
        return self._detection.poles * self._detection.time_constant + 0.5 * self._dwell
