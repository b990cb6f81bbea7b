"""The circuit of a sample that is biased with a voltage.

A preamplifier takes its current::

    DAC --- divider ---+
                       +--- sample --- current preamplifier --- lock-in, ADC
    OSC --- divider ---+

The preamplifier is a virtual ground of one pole but for an offset; its output is in phase with the
voltage (assumed: many invert), has an offset too and ends at its full scale. The sources of the
voltage are taken as much smaller than the sample.
"""

import math
from dataclasses import dataclass

import numpy as np

from instruments.simulated.circuit import (
    NODES,
    ORDERS,
    PHASES,
    SERIES,
    Signal,
    Solution,
    Tone,
    VoltageWiring,
    extent,
    mean,
    phasor,
)
from instruments.simulated.sample import Environment, Exposure, VirtualSample

CHARGE = 1.602176634e-19
STEP = 1e-6
"""Half of the difference in V that a slope is taken over where nothing oscillates."""


@dataclass(frozen=True, slots=True)
class VoltageCircuit:
    """A sample that is biased with a voltage.

    Parameters
    ----------
    sample
        The virtual sample; one that is native in I(V) is a tunnel junction and has shot noise.
    wiring
        Of converter, oscillator and preamplifier.
    source
        Terminals of the sample.
    environment
        Of the sample.
    """

    sample: VirtualSample
    wiring: VoltageWiring
    source: str
    environment: Environment

    def solve(self, converter: float, tone: Tone | None) -> Solution:
        """Return the circuit while the converter puts out `converter` V, and `tone` stands."""
        direct = self.wiring.divider * converter - self.wiring.input_offset
        alternating = 0.0j if tone is None else self.wiring.oscillator_divider * phasor(tone)
        amplitude = abs(alternating)
        nodes = NODES if amplitude > 0.0 else NODES[:1]
        voltage = direct + amplitude * nodes
        current = self.sample.current(voltage, self.source, self.environment)
        least, most = extent(voltage)
        lowest, highest = extent(current)
        across = np.array([least - STEP, most + STEP])
        low, high = self.sample.current(across, self.source, self.environment).tolist()
        slope = (most - least + 2.0 * STEP) / (high - low)
        exposure = Exposure(mean(current), mean(voltage), max(most, -least))
        frequency = 0.0 if tone is None or amplitude == 0.0 else tone.frequency
        phase = math.atan2(alternating.imag, alternating.real)
        peak = max(highest, -lowest)
        clamped = self.wiring.gain * peak > self.wiring.full_scale
        return Solution(frequency, phase, current, voltage, clamped, slope, exposure, peak)

    def measure(self, solution: Solution) -> Signal:
        """Return the output of the preamplifier, in V."""
        wiring = self.wiring
        put_out = wiring.gain * solution.current + wiring.output_offset
        amplified = np.clip(put_out, -wiring.full_scale, wiring.full_scale)
        noise = wiring.gain * self._noise(solution)
        if len(amplified) == 1:
            harmonics = np.zeros(PHASES, dtype=np.complex128)
            harmonics[0] = amplified[0]
            return Signal(solution.frequency, harmonics, 0.0, noise)
        series = SERIES @ amplified
        passed = 1.0 / (1.0 + ORDERS * solution.frequency / wiring.bandwidth)
        turned = series * passed * np.exp(ORDERS * solution.phase)
        least, most = extent(amplified)
        middle = float(series[0])
        first = abs(complex(passed[1]))
        return Signal(
            solution.frequency, turned, first * max(most - middle, middle - least), first * noise
        )

    def _noise(self, solution: Solution) -> float:
        """Return the noise of the current in A/rtHz: preamplifier, Johnson and shot noise."""
        johnson = self.sample.noise_density(self.source, self.environment) / solution.slope
        direct = abs(solution.exposure.current) if self.sample.native == "I(V)" else 0.0
        return math.hypot(self.wiring.noise, johnson, math.sqrt(2.0 * CHARGE * direct))
