"""What is hidden in the wiring of a bench: parts are what they say within their tolerance only.

The sizes are one sigma and assumed: resistors of 0.1 %, dividers of two of them under load 0.3 %,
a current preamplifier of 0.5 % whose input stands at some 20 uV, and for the outputs of a 7265
0.15 % of the oscillator, 0.1 % and 3 mV of the converter that biases (at most +-10 mV). A scanner
is as exact as it is told: its zero means nothing, and its scale is that of a lattice.
"""

import zlib
from dataclasses import dataclass, replace

import numpy as np

from instruments.simulated.circuit import Tone, VoltageWiring, Wiring

_STREAM = zlib.crc32(b"wiring")


@dataclass(frozen=True, slots=True)
class WiringErrors:
    """What only a calibration can find out about the wiring; relative unless a unit is given.

    Parameters
    ----------
    series_resistance
        Of the resistance between oscillator and sample.
    divider, oscillator_divider
        Of the ratios behind converter and oscillator.
    preamplifier
        Of the gain of the current preamplifier.
    input_offset
        At which the input of the preamplifier stands, in V: the sample feels so much less.
    output_offset
        Of the output of the preamplifier in V.
    oscillator
        Of the amplitude of the oscillator.
    converter
        Of the voltage of the converter that biases.
    converter_offset
        Of that converter in V.
    """

    series_resistance: float = 0.0
    divider: float = 0.0
    oscillator_divider: float = 0.0
    preamplifier: float = 0.0
    input_offset: float = 0.0
    output_offset: float = 0.0
    oscillator: float = 0.0
    converter: float = 0.0
    converter_offset: float = 0.0

    def applied(self, wiring: Wiring) -> Wiring:
        """Return the true wiring for the one that a station file tells."""
        series = wiring.series_resistance * (1.0 + self.series_resistance)
        voltage = None if wiring.voltage is None else self._biased(wiring.voltage)
        return replace(wiring, series_resistance=series, voltage=voltage)

    def converted(self, volts: float) -> float:
        """Return what the converter that biases puts out when it is set to `volts` V."""
        return (1.0 + self.converter) * volts + self.converter_offset

    def sounding(self, tone: Tone | None) -> Tone | None:
        """Return what the oscillator puts out when it is set to `tone`."""
        if tone is None or self.oscillator == 0.0:
            return tone
        return replace(tone, amplitude=(1.0 + self.oscillator) * tone.amplitude)

    def told(self, wires: Wiring) -> dict[str, float]:
        """Return what the truth of a bench says of its wires.

        Parameters
        ----------
        wires
            The true wiring.

        Returns
        -------
        dict
            In SI units. ``bias_scale`` and ``bias_offset`` make the voltage at the sample of what
            the converter is set to.
        """
        voltage = wires.voltage
        if voltage is None:
            return {
                "series_resistance": wires.series_resistance,
                "oscillator_error": self.oscillator,
            }
        offset = voltage.divider * self.converted(0.0) - voltage.input_offset
        return {
            "bias_scale": voltage.divider * (1.0 + self.converter),
            "bias_offset": offset,
            "modulation_scale": voltage.oscillator_divider * (1.0 + self.oscillator),
            "preamplifier_gain": voltage.gain,
            "output_offset": voltage.output_offset,
        }

    def _biased(self, told: VoltageWiring) -> VoltageWiring:
        return replace(
            told,
            divider=told.divider * (1.0 + self.divider),
            oscillator_divider=told.oscillator_divider * (1.0 + self.oscillator_divider),
            gain=told.gain * (1.0 + self.preamplifier),
            input_offset=told.input_offset + self.input_offset,
            output_offset=told.output_offset + self.output_offset,
        )


NONE = WiringErrors()
"""A bench on which every part is what it says."""


def draw_wiring(seed: int) -> WiringErrors:
    """Draw what is hidden in the wiring of one bench.

    Parameters
    ----------
    seed
        Of the bench; the stream is one of its own, so that no other draw of the bench changes.

    Returns
    -------
    WiringErrors
        The same for the same seed.
    """
    random = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_STREAM,)))
    drawn = random.standard_normal(9).tolist()
    series, divider, other, gain, below, above, tone, converter, zero = drawn
    return WiringErrors(
        series_resistance=1e-3 * series,
        divider=3e-3 * divider,
        oscillator_divider=3e-3 * other,
        preamplifier=5e-3 * gain,
        input_offset=20e-6 * below,
        output_offset=1e-3 * above,
        oscillator=1.5e-3 * tone,
        converter=1e-3 * converter,
        converter_offset=max(-10e-3, min(10e-3, 3e-3 * zero)),
    )
