"""Triggers, buffer and sounds of a 6221: pymeasure's methods, put right."""

from typing import Any

from pymeasure.adapters import PrologixAdapter

from instruments.declared import OutOfRangeError
from instruments.domains import Whole
from instruments.errors import NotSettledError
from instruments.keithley6221_conversation import SourceConversation


class BufferedSource(SourceConversation):
    """A 6221 with its triggers and its buffer."""

    def beep(self, frequency: float, duration: float) -> None:
        """Sound a tone of `frequency` Hz for `duration` s."""
        self.write(f":SYST:BEEP {frequency:g},{duration:g}")

    def triad(self, base_frequency: float, duration: float) -> None:
        """Sound a triad.

        Parameters
        ----------
        base_frequency
            Of the lowest tone in Hz.
        duration
            Of each tone in s.
        """
        for ratio in (1.0, 5.0 / 4.0, 6.0 / 4.0):
            self.beep(base_frequency * ratio, duration)
            self.clock.sleep(duration)

    def set_timed_arm(self, interval: float) -> None:
        """Let a timer start each step, every `interval` s (strictly from 1e-3 to 99999.99)."""
        if not 1e-3 <= interval <= 99999.99:
            raise OutOfRangeError(
                f"{self.name}: a timer of {interval!r} s is outside 1e-3 to 99999.99 s; nothing was"
                " sent"
            )
        self.write(f":ARM:SOUR TIM;:ARM:TIM {interval:.3f}")

    def trigger_on_bus(self) -> None:
        """Wait for a bus trigger in the arm layer; the trigger layer has none."""
        self.write(":ARM:SOUR BUS;:TRIG:SOUR IMM")

    def trigger_on_external(self, line: int = 1) -> None:
        """Wait for a trigger line from 1 to 6."""
        token = self._line(line)
        self.write(f":ARM:SOUR TLIN;:TRIG:SOUR TLIN;:ARM:ILIN {token};:TRIG:ILIN {token}")

    def output_trigger_on_external(self, line: int = 1, after: str = "DEL") -> None:
        """Put a trigger out on a line from 1 to 6 after ``SOUR`` or ``DEL``."""
        self.write(f":TRIG:OUTP {after};:TRIG:OLIN {self._line(line)}")

    def config_buffer(self, points: int = 64, delay: float = 0.0) -> None:
        """Prepare the buffer for delta readings.

        Parameters
        ----------
        points
            From 1 to 65536.
        delay
            Of the source in s; left as it is for 0.
        """
        with self.lock:
            self.write(":STAT:PRES;*CLS;*SRE 1;:STAT:MEAS:ENAB 512")
            self.write(":TRAC:CLE")
            self.buffer_points = points
            if delay:
                self.source_delay = delay
            self.write(":TRAC:FEED SENS1;:TRAC:FEED:CONT NEXT")

    def reset_buffer(self) -> None:
        """Empty the buffer and fill it once more."""
        self.write(":STAT:PRES;*CLS;:TRAC:CLE;:TRAC:FEED:CONT NEXT")

    def is_buffer_full(self) -> bool:
        """Tell whether the buffer is full of readings and asks for service."""
        return int(self.decoded("*STB?", Whole(0, 255).decode, "a status byte")) & 65 == 65

    def wait_for_buffer(
        self, should_stop: Any = lambda: False, timeout: float = 60, interval: float = 0.1
    ) -> None:
        """Wait on the clock until the buffer is full.

        Parameters
        ----------
        should_stop
            Ends the wait when it answers true.
        timeout
            In s.
        interval
            Between two polls in s.

        Raises
        ------
        NotSettledError
            The buffer was not full in time.
        """
        end = self.clock.now() + timeout
        while not self.is_buffer_full():
            self.clock.sleep(interval)
            if should_stop():
                return
            if self.clock.now() > end:
                raise NotSettledError(f"{self.name}: the buffer is not full after {timeout:g} s")

    def stop_buffer(self) -> None:
        """Stop filling the buffer."""
        if isinstance(self.adapter.inner, PrologixAdapter):
            self.adapter.write("++clr")
        else:
            self.write(":ABOR")

    def _line(self, line: int) -> str:
        try:
            return Whole(1, 6).encode(line)
        except (ValueError, TypeError):
            raise OutOfRangeError(
                f"{self.name}: there is no trigger line {line!r}; choose 1 to 6"
            ) from None
