"""The simulated twin of a Keithley 6221: the messages of a real one, a current into the bench."""

import re

from instruments.simulated.bench import Bench
from instruments.simulated.circuit import SourceOutput
from instruments.simulated.keithley6221_commands import COMMANDS
from instruments.simulated.keithley6221_held import DEFAULTS
from instruments.simulated.keithley6221_model import CurrentSource
from instruments.simulated.keithley6221_ranges import Calibration
from instruments.simulated.keithley6221_wave import LiveWrites
from instruments.simulated.scpi import Interpreter, query

IDENTITY = "KEITHLEY INSTRUMENTS INC.,MODEL 6221,4559777,D04  /700x "
SETTING_TIME = 5e-3
"""Modelled time of a setting in s (assumed)."""
QUERY_TIME = 10e-3
"""Modelled time of a query in s (assumed)."""
WAVE_ARM_TIME = 0.3
"""Modelled time of arming a wave or a sweep in s (assumed)."""
DELTA_ARM_TIME = 2.0
"""Modelled time of arming a mode that talks to a nanovoltmeter in s (assumed)."""
_ARM = re.compile(rb"(?:^|[:;\s])ARM\s*(?:[;\n]|$)")
_DELTA = re.compile(rb"DELT|DCON")


class Keithley6221Twin:
    """A 6221 on the bench.

    Current, waves, lists and sweeps act; see `keithley6221_wave` for how waves reach the bench.
    Delta modes are held and refused when armed, since no nanovoltmeter is connected. Settling times
    are ignored.

    Parameters
    ----------
    bench
        The circuit; the twin becomes its source.
    resource
        VISA resource name.
    ideal
        Whether the unit is without gain and offset errors; otherwise they are drawn within the
        one-year accuracy and hidden.
    wave_live_writes
        Whether settings of the wave may be written while it is armed or runs: ``"allow"``,
        ``"reject"`` (error -221) or ``"allow_ampl_offs_freq"``. What real units do is disputed.
    init_switches_output_on
        Whether the start of a wave or sweep switches the output on; disputed as well.
    identity
        Reply to ``*IDN?``.
    """

    def __init__(
        self,
        bench: Bench,
        resource: str = "GPIB0::12::INSTR",
        *,
        ideal: bool = False,
        wave_live_writes: LiveWrites = "allow_ampl_offs_freq",
        init_switches_output_on: bool = True,
        identity: str = IDENTITY,
    ) -> None:
        self._resource = resource
        self._bench = bench
        self._model = CurrentSource(
            bench,
            DEFAULTS,
            ideal=ideal,
            live_writes=wave_live_writes,
            switches_on=init_switches_output_on,
        )
        self._interpreter = Interpreter(
            self._model,
            (*COMMANDS, query("*IDN", lambda _: identity)),
            self._model.status,
            addressed=resource.upper().startswith("GPIB"),
        )
        bench.source = self
        bench.watch(self._model.output)

    @property
    def hidden(self) -> Calibration:
        """Return how the unit differs from its display."""
        return self._model.output.calibration

    @property
    def resource(self) -> str:
        """Return the VISA resource name."""
        return self._resource

    @property
    def addressed(self) -> bool:
        """Whether a read with nothing to say is a query error, as on GPIB and not on a stream."""
        return self._interpreter.addressed

    @addressed.setter
    def addressed(self, addressed: bool) -> None:
        self._interpreter.addressed = addressed

    def write(self, message: bytes) -> None:
        """Take one program message."""
        self._model.reply_ready = 0.0
        self._interpreter.write(message)

    def read(self) -> bytes | None:
        """Return the reply, or None when there is nothing to say, or not yet."""
        if self._model.reply_ready > self._bench.clock.now():
            return None
        return self._interpreter.read()

    def serial_poll(self) -> int:
        """Return the status byte; a request for service is withdrawn."""
        return self._model.status.poll()

    def clear(self) -> None:
        """Drop the pending reply; settings, output and errors stay."""
        self._model.reply_ready = 0.0
        self._interpreter.clear()

    def latency(self, message: bytes) -> float:
        """Return the modelled time of a message in s."""
        if b"ARM" in message.upper() and _ARM.search(message.upper()):
            return DELTA_ARM_TIME if _DELTA.search(message.upper()) else WAVE_ARM_TIME
        return QUERY_TIME if b"?" in message else SETTING_TIME

    def output(self, now: float) -> SourceOutput:
        """Return what is put out at `now` s."""
        return self._model.output.output(now)

    def next_change(self, now: float) -> float:
        """Return the first time after `now` at which the output changes by itself, or infinity."""
        return self._model.output.next_change(now)

    @property
    def marker_line(self) -> int:
        """Return the trigger line of the phase marker."""
        return self._model.waves.wave.marker_line

    @property
    def marker_degrees(self) -> float:
        """Return the phase of the wave at which the marker comes, in degrees."""
        return self._model.waves.wave.marker

    def marker_frequency(self, now: float) -> float | None:
        """Return the frequency of the marker's edges in Hz; None while there are none."""
        return self._model.waves.marker_frequency(now)

    def marker_phase(self, now: float) -> float | None:
        """Return the phase in rad of the sine that rises through zero at the marker's edges.

        It is a phase as that of `bench.Tone`, of a cosine of the clock's time; None while there are
        no edges.
        """
        return self._model.waves.marker_phase(now)

    def trigger(self, line: int) -> None:
        """Give a pulse on one of the trigger lines, 1 to 6."""
        self._model.trigger(line)

    @property
    def interlock_open(self) -> bool:
        """Whether the interlock is open: the output is off and refuses to go on."""
        return self._model.output.interlock_open

    @interlock_open.setter
    def interlock_open(self, fault: bool) -> None:
        self._model.output.interlock_open = fault

    @property
    def over_temperature(self) -> bool:
        """Whether the source is too hot: the output is off and refuses to go on."""
        return self._model.output.over_temperature

    @over_temperature.setter
    def over_temperature(self, fault: bool) -> None:
        self._model.output.over_temperature = fault

    @property
    def stuck_compliance(self) -> bool:
        """Whether the compliance bit is stuck."""
        return self._model.output.stuck_compliance

    @stuck_compliance.setter
    def stuck_compliance(self, fault: bool) -> None:
        self._model.output.stuck_compliance = fault
