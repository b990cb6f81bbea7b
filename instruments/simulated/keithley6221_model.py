"""The whole state of a 6221: what it puts out, and what it merely holds."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field

from instruments.simulated.bench import Bench
from instruments.simulated.keithley6221_output import Direct, Output
from instruments.simulated.keithley6221_ranges import Calibration
from instruments.simulated.keithley6221_sweep import Event, Sweep
from instruments.simulated.keithley6221_sweeper import Sweeper
from instruments.simulated.keithley6221_wave import LiveWrites, Wave, WaveGenerator
from instruments.simulated.scpi_parameters import ScpiError
from instruments.simulated.scpi_status import RegisterFormat, Status


@dataclass(slots=True)
class _Saved:
    direct: Direct = field(default_factory=Direct)
    wave: Wave = field(default_factory=Wave)
    sweep: Sweep = field(default_factory=Sweep)
    trigger_line: int = 2
    held: dict[str, object] = field(default_factory=dict)


class CurrentSource:
    """A 6221 without its commands.

    Parameters
    ----------
    bench
        The circuit.
    defaults
        Settings that are held and do nothing, by name, as after a reset.
    ideal
        Whether the unit is without gain and offset errors.
    live_writes
        See `WaveGenerator`.
    switches_on
        See `WaveGenerator`.
    """

    def __init__(
        self,
        bench: Bench,
        defaults: Mapping[str, object],
        *,
        ideal: bool,
        live_writes: LiveWrites,
        switches_on: bool,
    ) -> None:
        random = bench.generator()
        calibration = Calibration() if ideal else Calibration.hidden(random)
        self.status = Status(before_reading=self._refresh)
        self.output = Output(bench, calibration, self.status)
        self.waves = WaveGenerator(self.output, live_writes, switches_on=switches_on)
        self.sweeper = Sweeper(self.output, random, switches_on=switches_on)
        self.trigger_line = 2
        self.held = dict(defaults)
        self.reply_ready = 0.0
        self._defaults = dict(defaults)
        self._completing = False
        self._saved = {place: _Saved(held=dict(defaults)) for place in range(5)}

    def reset(self) -> None:
        """Go back to the settings after power-on; errors, enable masks and stored waves stay."""
        self._take(_Saved(held=dict(self._defaults)))
        self.status.style = RegisterFormat.DECIMAL
        self.sweeper.panel_on = True
        self._completing = False

    def save(self, place: int) -> None:
        """Keep the settings."""
        self._saved[place] = copy.deepcopy(
            _Saved(
                self.output.direct,
                self.waves.wave,
                self.sweeper.sweep,
                self.trigger_line,
                self.held,
            )
        )

    def recall(self, place: int) -> None:
        """Take up settings that were kept; the output goes off."""
        self._take(copy.deepcopy(self._saved[place]))

    def set_marker_line(self, line: int) -> None:
        """Put the phase marker on a trigger line that nothing else drives."""
        if line == self.trigger_line:
            raise ScpiError(-221)
        self.waves.change(marker_line=line)

    def set_marker_on(self, on: bool) -> None:
        """Switch the phase marker."""
        if on and self.waves.wave.marker_line == self.trigger_line:
            raise ScpiError(-221)
        self.waves.change(marker_on=on)

    def set_trigger_line(self, line: int) -> None:
        """Put the trigger output on a line; (assumed) the marker has it only while it is on."""
        if self.waves.wave.marker_on and line == self.waves.wave.marker_line:
            raise ScpiError(-221)
        self.trigger_line = line

    def set_delta_high(self, current: float) -> None:
        """Set the high current of the delta mode, and the low one to its negative."""
        self.held["delta high"] = current
        self.held["delta low"] = -current

    def bus_trigger(self) -> None:
        """Take a trigger from the bus."""
        if not self.sweeper.pulse(Event.BUS):
            raise ScpiError(-211)

    def trigger(self, line: int) -> None:
        """Take a pulse on a trigger line, from outside."""
        self.waves.trigger(line)
        self.sweeper.pulse(Event.LINE)

    def note_completion(self) -> None:
        """Note in the standard event register when the sweep has ended."""
        self._completing = True
        self._refresh()

    def await_completion(self) -> None:
        """Hold the reply back until the sweep has ended."""
        self.output.catch_up()
        self.reply_ready = self.sweeper.pending_until()

    def _take(self, saved: _Saved) -> None:
        self.output.recall(saved.direct)
        self.waves.wave = saved.wave
        self.sweeper.sweep = saved.sweep
        self.trigger_line = saved.trigger_line
        self.held = saved.held

    def _refresh(self) -> None:
        self.output.refresh()
        if self._completing and self.sweeper.pending_until() <= self.output.bench.clock.now():
            self._completing = False
            self.status.complete()
