"""Simulated Model 6000, the controller of a PPMS on GPIB: its commands on top of `PpmsTwin`.

The manual was not at hand; the commands are those that several drivers send to real hardware.
Setters give no reply, and neither does anything that is not understood (assumed).
"""

import re
from collections.abc import Callable, Mapping

import numpy as np

from instruments.simulated.faults import Replies
from instruments.simulated.ppms import PpmsTwin, Reading

RESOURCE = "GPIB0::15::INSTR"
MESSAGE_AVAILABLE = 16
QUERY_LATENCY = 0.03
"""Modelled time of a query in s (assumed)."""
SETTING_LATENCY = 0.01
"""Modelled time of a setting in s (assumed)."""
FRESH = 1.0
"""Time in s after which GETDAT? with `fast` takes a new sample (assumed)."""
ADVANCED_PAGE = 2
HELIUM_BIT = 2
"""Item 66 is bit 2 of the page that begins at item 64."""
UNIT_DEGREE = 1

Words = list[str]
Answer = str | None


class Model6000:
    """The controller as a device on the bus.

    Parameters
    ----------
    twin
        The cryostat.
    generator
        Of data that are not fresh.
    resource
        The VISA resource name.
    """

    def __init__(
        self, twin: PpmsTwin, generator: np.random.Generator, resource: str = RESOURCE
    ) -> None:
        self.twin = twin
        self._random = generator
        self._resource = resource
        self._replies = Replies(twin.faults.replies)
        self._sample: tuple[Reading, int] | None = None
        self._bridges = {channel: [0.0, 0.0, 0, 0, 0.0] for channel in range(1, 5)}
        self._drivers = {channel: [0.0, 0.0] for channel in (1, 2)}

    @property
    def resource(self) -> str:
        """Return the VISA resource name."""
        return self._resource

    def write(self, message: bytes) -> None:
        """Take commands; the end of the message, LF, CR LF and `;` all end a command."""
        for command in re.split(r"[;\r\n]+", message.decode("latin-1")):
            words = [word for word in re.split(r"[\s,]+", command) if word]
            if words:
                answer = self._answer(words[0].upper(), words[1:])
                if answer is not None:
                    self._replies.put(f"{answer};".encode("latin-1"), self.twin.clock.now())

    def read(self) -> bytes | None:
        """Return the next reply, which ends with `;`."""
        return self._replies.get(self.twin.clock.now())

    def serial_poll(self) -> int:
        """Return 16 when a reply waits (assumed)."""
        return MESSAGE_AVAILABLE if self._replies.ready(self.twin.clock.now()) else 0

    def clear(self) -> None:
        """Drop the replies that wait."""
        self._replies.clear()

    def latency(self, message: bytes) -> float:
        """Return the modelled time in s."""
        return QUERY_LATENCY if b"?" in message else SETTING_LATENCY

    def _answer(self, mnemonic: str, words: Words) -> Answer:
        handler = COMMANDS.get(mnemonic)
        if handler is None:
            return None
        try:
            return handler(self, words)
        except (ValueError, IndexError, KeyError, OverflowError):
            return None

    def get_data(self, words: Words) -> Answer:
        """Answer GETDAT? mask fast page: the mask that is answered, the time, the values."""
        mask = _whole(words[0])
        fast = len(words) > 1 and _whole(words[1]) == 1
        page = _whole(words[2]) if len(words) > 2 else 0
        if mask < 0 or page not in {0, 1, 2}:
            return None
        reading, status = self._take(fast=fast)
        values = self._items(reading, status) if page == 0 else self._page(page)
        answered = sum(1 << bit for bit in values if mask >> bit & 1)
        if not fast:
            answered = self._fresh(answered)
        shown = [values[bit] for bit in sorted(values) if answered >> bit & 1]
        flag = 0 if page == 0 else 1 << (29 + page)
        return ",".join([str(answered | flag), f"{reading.time:.3f}", *shown])

    def set_temperature(self, words: Words) -> Answer:
        """Take TEMP T rate mode."""
        self.twin.set_temperature(float(words[0]), float(words[1]), _whole(words[2]))
        return None

    def set_field(self, words: Words) -> Answer:
        """Take FIELD H rate approach mode."""
        self.twin.set_field(float(words[0]), float(words[1]), _whole(words[2]), _whole(words[3]))
        return None

    def move(self, words: Words) -> Answer:
        """Take MOVE pos mode slow; the last two may be missing."""
        mode, slow = (_whole(word) for word in (*words[1:3], "0", "0")[:2])
        self.twin.move(float(words[0]), mode, slow)
        return None

    def motor(self, words: Words) -> Answer:
        """Answer $MOVE?: count, final count, index flag, backlash."""
        o = self.twin.options.rotator
        present, final = self.twin.rotator.counts(self.twin.clock.now())
        return f"{present},{final},{int(o.index_switch)},{round(o.backlash / o.step)}"

    def move_configuration(self, words: Words) -> Answer:
        """Answer MOVECFG?: unit (1 degrees), units per step, range, index flag."""
        o = self.twin.options.rotator
        return f"{UNIT_DEGREE},{o.step:.6g},{o.highest - o.lowest:.6g},{int(o.index_switch)}"

    def move_limit(self, words: Words) -> Answer:
        """Answer MOVELIM?: position of the limit switch, greatest travel."""
        o = self.twin.options.rotator
        return f"{o.lowest:.6g},{o.highest - o.lowest:.6g}"

    def set_chamber(self, words: Words) -> Answer:
        """Take CHAMBER n."""
        self.twin.set_chamber(_whole(words[0]))
        return None

    def shut_down(self, words: Words) -> Answer:
        """Take SHUTDOWN."""
        self.twin.shut_down()
        return None

    def level(self, words: Words) -> Answer:
        """Answer LEVEL?: percent, age code."""
        percent, age = self.twin.meter.read(self.twin.clock.now())
        return f"{percent:.2f},{age}"

    def set_level(self, words: Words) -> Answer:
        """Take LEVELON n."""
        if (mode := _whole(words[0])) in range(4):
            self.twin.meter.switch(self.twin.clock.now(), mode)
        return None

    def set_bridge(self, words: Words) -> Answer:
        """Take BRIDGE ch uA uW dc mode [mV]."""
        numbers = [*(float(word) for word in words[1:]), 0.0]
        bridge = self._bridges[_whole(words[0])]
        bridge[:] = [numbers[0], numbers[1], int(numbers[2]), int(numbers[3]), numbers[4]]
        return None

    def bridge(self, words: Words) -> Answer:
        """Answer BRIDGE? ch: the channel and its five values."""
        channel = _whole(words[0])
        return ",".join([str(channel), *(f"{value:.6g}" for value in self._bridges[channel])])

    def set_driver(self, words: Words) -> Answer:
        """Take DRVOUT ch mA W."""
        self._drivers[_whole(words[0])][:] = [float(words[1]), float(words[2])]
        return None

    def driver(self, words: Words) -> Answer:
        """Answer DRVOUT? ch: the channel and its two values (assumed after BRIDGE?)."""
        channel = _whole(words[0])
        return ",".join([str(channel), *(f"{value:.6g}" for value in self._drivers[channel])])

    def magnet_configuration(self, words: Words) -> Answer:
        """Answer MAGCNF?: Oe, Oe/A, H, V, V, s, s."""
        o = self.twin.options.magnet
        values = (
            o.highest,
            o.oersted_per_ampere,
            o.inductance,
            *o.charge_voltage,
            o.switch_heat,
            o.switch_cool,
        )
        return ",".join(f"{value:.8g}" for value in values)

    def _take(self, *, fast: bool) -> tuple[Reading, int]:
        """Take a new sample, or the one before while it counts as current."""
        now = self.twin.clock.now()
        if not fast or self._sample is None or now - self._sample[0].time > FRESH:
            self._sample = self.twin.read(), self.twin.packed_status()
        return self._sample

    def _items(self, reading: Reading, status: int) -> dict[int, str]:
        """Return all thirty items; what is not connected reads zero (assumed)."""
        values = dict.fromkeys(range(30), 0.0)
        values |= {1: reading.temperature, 2: reading.field, 3: reading.position}
        values |= {19: reading.pressure, 23: reading.sample_temperature}
        for channel, bridge in self._bridges.items():
            values[3 + 2 * channel] = bridge[0]
        for channel, driver in self._drivers.items():
            values[13 + 2 * channel], values[14 + 2 * channel] = driver
        return {bit: f"{value:.8g}" for bit, value in values.items()} | {0: str(status)}

    def _page(self, page: int) -> dict[int, str]:
        """Return the diagnostic items (all zero) or the advanced ones (the helium level)."""
        values = dict.fromkeys(range(30), "0")
        if page == ADVANCED_PAGE:
            values[HELIUM_BIT] = f"{self.twin.level():.2f}"
        return values

    def _fresh(self, answered: int) -> int:
        """Clear the bits of data that are not fresh."""
        if self.twin.faults.take_not_fresh():
            return 0
        if float(self._random.uniform()) < self.twin.options.not_fresh:
            return answered & int(self._random.integers(0, 1 << 30))
        return answered


def _whole(word: str) -> int:
    """Return the whole number that a word stands for, which may be written as 1.0 or 1e0."""
    number = float(word)
    if not number.is_integer():
        raise ValueError(f"{word} is no whole number")
    return int(number)


def _constant(text: str) -> Callable[[Model6000, Words], Answer]:
    return lambda _model, _words: text


def _silent(_model: Model6000, _words: Words) -> Answer:
    return None


COMMANDS: Mapping[str, Callable[[Model6000, Words], Answer]] = {
    "GETDAT?": Model6000.get_data,
    "TEMP": Model6000.set_temperature,
    "TEMP?": lambda model, _words: "{:.8g},{:.8g},{}".format(*model.twin.block.setpoint),
    "FIELD": Model6000.set_field,
    "FIELD?": lambda model, _words: "{:.8g},{:.8g},{},{}".format(*model.twin.magnet.setpoint),
    "MOVE": Model6000.move,
    "MOVE?": lambda model, _words: "{:.8g},{},{}".format(*model.twin.rotator.setpoint),
    "$MOVE?": Model6000.motor,
    "MOVECFG": _silent,
    "MOVECFG?": Model6000.move_configuration,
    "MOVELIM?": Model6000.move_limit,
    "CHAMBER": Model6000.set_chamber,
    "CHAMBER?": lambda model, _words: str(model.twin.chamber.last),
    "SHUTDOWN": Model6000.shut_down,
    "LEVEL?": Model6000.level,
    "LEVELON": Model6000.set_level,
    "BRIDGE": Model6000.set_bridge,
    "BRIDGE?": Model6000.bridge,
    "DRVOUT": Model6000.set_driver,
    "DRVOUT?": Model6000.driver,
    "USERTEMP?": _constant("0,0,0,0,0"),
    "MAGCNF?": Model6000.magnet_configuration,
    "ADVNUM?": lambda model, _words: str(model.twin.advisory()),
    "REV?": _constant("simulated 1.0,simulated 1.0"),
    "BEEP": _silent,
    "DATE": _silent,
    "TIME": _silent,
    "LINK": _silent,
    "SIGOUT": _silent,
    "DIGSET": _silent,
    "EXTSET": _silent,
    "DIGIN?": _constant("0,0"),
}
"""What is understood, by mnemonic in capitals."""
