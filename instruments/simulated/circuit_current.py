"""The circuit of a sample that is biased with a current.

A dc source stands in parallel with an oscillator behind a series resistance::

    6221  ----+---- sample (terminals of the source) ----+
              |                                          |
    OSC --- series resistance (--- blocking capacitor)   ground

so that the current through the sample is I = I_source + (v_osc - V)/Z, with Z the series
resistance, the 50 ohm of the oscillator, and the capacitor. A connected source whose voltage would
exceed its compliance holds the compliance instead.
"""

import math
from dataclasses import dataclass

import numpy as np

from instruments.simulated.circuit import (
    NODES,
    ORDERS,
    OSCILLATOR_RESISTANCE,
    PHASES,
    SERIES,
    Signal,
    Solution,
    SourceOutput,
    Tone,
    Wiring,
    extent,
    mean,
    phasor,
)
from instruments.simulated.sample import Environment, Exposure, FloatArray, VirtualSample


def _derivative(nodes: FloatArray) -> FloatArray:
    """Return the matrix that takes values on the cosine grid to their derivative there.

    It is that of the interpolating polynomial (Trefethen, Spectral Methods in MATLAB, chapter 6).
    """
    count = len(nodes)
    ends = np.where(np.isin(np.arange(count), (0, count - 1)), 2.0, 1.0)
    signs = ends * (-1.0) ** np.arange(count)
    apart = nodes[:, np.newaxis] - nodes + np.eye(count)
    matrix = np.outer(signs, 1.0 / signs) / apart
    return np.asarray(matrix - np.diag(matrix.sum(axis=1)))


DERIVATIVE = _derivative(NODES)
LOST = 1e-9
"""Ac over dc below which a difference of two voltages has too few digits for a slope."""
BALANCED = 1e-8
"""Last correction of the loading, relative to the current, after which only a straight line is
followed: a law that bends over its own argument is wrong by the square of this."""


def series_of(wiring: Wiring) -> float:
    """Return the resistance in ohm between oscillator and sample."""
    return wiring.series_resistance + OSCILLATOR_RESISTANCE


@dataclass(frozen=True, slots=True)
class CurrentCircuit:
    """A sample that is biased with a current.

    Parameters
    ----------
    sample
        The virtual sample.
    wiring
        Of the instruments.
    environment
        Of the sample.
    loaded
        Whether an oscillator stands behind the series resistance.
    block_voltage
        At the blocking capacitor in V.
    """

    sample: VirtualSample
    wiring: Wiring
    environment: Environment
    loaded: bool
    block_voltage: float

    def solve(self, output: SourceOutput, tone: Tone | None) -> Solution:
        """Return the circuit while `output` and `tone` stand."""
        frequency, driven = self._phasor(output, tone)
        direct = output.current if output.connected else 0.0
        nodes = NODES if driven != 0.0 else NODES[:1]
        drive = direct + abs(driven) * nodes
        conductance = 1.0 / series_of(self.wiring) if self.loaded else 0.0
        current, voltage = self._share(drive, abs(driven), conductance)
        least, most = extent(voltage)
        clamped = output.connected and max(most, -least) > output.compliance
        if clamped:
            current, voltage = self._hold(current, voltage, output.compliance)
            least, most = extent(voltage)
        lowest, highest = extent(current)
        span = highest - lowest
        peak = max(highest, -lowest)
        lost = span <= LOST * peak
        slope = self._slope(float(current[0])) if lost else (most - least) / span
        phase = math.atan2(driven.imag, driven.real)
        exposure = Exposure(mean(current), mean(voltage), max(most, -least))
        return Solution(frequency, phase, current, voltage, clamped, slope, exposure, peak)

    def _hold(
        self, current: FloatArray, voltage: FloatArray, compliance: float
    ) -> tuple[FloatArray, FloatArray]:
        """Hold the voltage at the compliance wherever it would be beyond."""
        held = np.clip(voltage, -compliance, compliance)
        flowing = self.sample.current(held, self.wiring.source, self.environment)
        return np.where(np.abs(voltage) > compliance, flowing, current), held

    def _phasor(self, output: SourceOutput, tone: Tone | None) -> tuple[float, complex]:
        """Return the frequency and the complex peak amplitude of the current that is driven."""
        driven = 0.0 + 0.0j
        frequency = 0.0
        if tone is not None and tone.amplitude > 0.0:
            frequency = tone.frequency
            impedance = complex(series_of(self.wiring))
            if self.wiring.blocking_capacitor is not None:
                impedance += 1.0 / (2.0j * math.pi * frequency * self.wiring.blocking_capacitor)
            driven += phasor(tone) / impedance
        wave = output.tone if output.connected else None
        if wave is not None and (frequency in (0.0, wave.frequency)):
            frequency = wave.frequency
            driven += phasor(wave)
        return frequency, driven

    def _share(
        self, drive: FloatArray, amplitude: float, conductance: float
    ) -> tuple[FloatArray, FloatArray]:
        """Share the driven current between the sample and the resistor of the oscillator.

        The law is followed along its slope under the driven current, which the law itself tells.
        """
        pair = self.wiring.source
        current = drive
        voltage = self.sample.voltage(current, pair, pair, self.environment)
        if conductance == 0.0:
            return current, voltage
        if amplitude > LOST * abs(float(drive[0])):
            slope = DERIVATIVE @ voltage / amplitude
        else:
            slope = np.full(len(drive), self._slope(float(drive[0])))
        taken = drive + conductance * self.block_voltage
        for _ in range(12):
            step = (taken - conductance * voltage - current) / (1.0 + conductance * slope)
            current = current + step
            if float(step @ step) <= BALANCED**2 * float(current @ current) + 1e-36:
                return current, voltage + slope * step
            voltage = self.sample.voltage(current, pair, pair, self.environment)
        return self._balance(taken, conductance)

    def _balance(self, drive: FloatArray, conductance: float) -> tuple[FloatArray, FloatArray]:
        """Find the voltage at which sample and resistor together take the driven current."""
        high = np.maximum(np.abs(drive) / conductance, 1e-12)
        low = -high
        for _ in range(80):
            middle = 0.5 * (low + high)
            taken = self.sample.current(middle, self.wiring.source, self.environment)
            above = taken + conductance * middle > drive
            high = np.where(above, middle, high)
            low = np.where(above, low, middle)
        voltage = 0.5 * (low + high)
        return drive - conductance * voltage, voltage

    def _slope(self, current: float) -> float:
        pair = self.wiring.source
        step = max(1e-9, 1e-4 * abs(current))
        around = np.array([current - step, current + step])
        low, high = self.sample.voltage(around, pair, pair, self.environment)
        return float(high - low) / (2.0 * step)

    def measure(self, solution: Solution, terminals: str, source_noise: float) -> Signal:
        """Return what stands between `terminals`; the noise of the source in A/rtHz."""
        voltage = self.sample.voltage(
            solution.current, terminals, self.wiring.source, self.environment
        )
        noise = math.hypot(
            self.sample.noise_density(terminals, self.environment),
            source_noise * solution.slope,
        )
        if len(voltage) == 1:
            harmonics = np.zeros(PHASES, dtype=np.complex128)
            harmonics[0] = voltage[0]
            return Signal(solution.frequency, harmonics, 0.0, noise)
        series = SERIES @ voltage
        turned = series.astype(np.complex128)
        if solution.phase:
            turned *= np.exp(ORDERS * solution.phase)
        least, most = extent(voltage)
        middle = float(series[0])
        return Signal(solution.frequency, turned, max(most - middle, middle - least), noise)
