"""The circuit that stands on the bench: which kind the wiring makes, and what drives it.

`circuit_current` is the circuit of a sample that is biased with a current, `circuit_voltage` that
of one that is biased with a voltage; the wiring says which of them stands on the bench.
"""

import math
from dataclasses import dataclass, field

import numpy as np

from instruments.simulated.circuit import PHASES, Signal, Solution, SourceOutput, Tone, Wiring
from instruments.simulated.circuit_current import CurrentCircuit, series_of
from instruments.simulated.circuit_ohmic import OhmicCircuit
from instruments.simulated.circuit_voltage import VoltageCircuit
from instruments.simulated.sample import OPTICAL, Environment, Lit, Ohmic, VirtualSample
from instruments.simulated.wiring_errors import WiringErrors


@dataclass(frozen=True, slots=True)
class Driven:
    """What drives a circuit, as the instruments are set.

    Parameters
    ----------
    output
        Of the current source.
    tone
        Open-circuit voltage of the oscillator in V; None if it is off.
    loaded
        Whether an oscillator stands behind the series resistance.
    block_voltage
        At the blocking capacitor in V.
    converter
        Of the converter that biases with a voltage, in V.
    """

    output: SourceOutput = field(default_factory=SourceOutput)
    tone: Tone | None = None
    loaded: bool = False
    block_voltage: float = 0.0
    converter: float = 0.0


@dataclass(frozen=True, slots=True)
class WiredCircuit:
    """A sample between its wires.

    Parameters
    ----------
    sample
        The virtual sample.
    ohmic
        Whether it is `Ohmic`; told, for it takes long to find out.
    wires
        As they are.
    hidden
        By how much converter and oscillator differ from what they are set to.
    """

    sample: VirtualSample
    ohmic: bool
    wires: Wiring
    hidden: WiringErrors

    @classmethod
    def of(cls, sample: VirtualSample, told: Wiring, hidden: WiringErrors) -> "WiredCircuit":
        """Return the circuit of a sample whose wires differ from what is told of them."""
        return cls(sample, isinstance(sample, Ohmic), hidden.applied(told), hidden)

    def solve(self, driven: Driven, environment: Environment) -> Solution:
        """Return what flows and stands while what drives the circuit does not change."""
        tone = self.hidden.sounding(driven.tone)
        voltage = self._with_voltage(environment)
        if voltage is not None:
            return voltage.solve(self.hidden.converted(driven.converter), tone)
        return self._with_current(driven, environment).solve(driven.output, tone)

    def measure(
        self, terminals: str, solution: Solution, driven: Driven, environment: Environment
    ) -> Signal:
        """Return what a meter sees.

        Parameters
        ----------
        terminals
            Between which it is connected.
        solution
            Of the circuit.
        driven
            By which it was found.
        environment
            Of the sample.

        Returns
        -------
        Signal
            Amplitudes relative to the oscillator.
        """
        if terminals == OPTICAL and isinstance(self.sample, Lit):
            noise = self.sample.noise_density(OPTICAL, environment)
            return _detected(self.sample.light(terminals, environment), solution, noise)
        voltage = self._with_voltage(environment)
        if voltage is not None:
            return voltage.measure(solution)
        current = self._with_current(driven, environment)
        return current.measure(solution, terminals, driven.output.noise)

    def charged(self, driven: Driven, solution: Solution, seconds: float) -> float:
        """Return the voltage of the blocking capacitor in V after charging for some time.

        Parameters
        ----------
        driven
            With the voltage at the beginning.
        solution
            Of the circuit: the capacitor charges towards the dc voltage of the contact.
        seconds
            How long.

        Returns
        -------
        float
            The one at the beginning where there is no capacitor.
        """
        before, capacitor = driven.block_voltage, self.wires.blocking_capacitor
        if capacitor is None or not driven.loaded:
            return before
        target = solution.exposure.voltage
        if abs(target - before) < 1e-12:
            return before
        kept = math.exp(-seconds / (series_of(self.wires) * capacitor))
        return target + (before - target) * kept

    def _with_current(self, driven: Driven, environment: Environment) -> CurrentCircuit:
        kind = OhmicCircuit if self.ohmic else CurrentCircuit
        return kind(self.sample, self.wires, environment, driven.loaded, driven.block_voltage)

    def _with_voltage(self, environment: Environment) -> VoltageCircuit | None:
        """Return the circuit of a voltage bias, or None where a current biases."""
        if self.wires.voltage is None:
            return None
        return VoltageCircuit(self.sample, self.wires.voltage, self.wires.source, environment)


def _detected(amplitude: float, solution: Solution, noise: float) -> Signal:
    """Return the signal of a detector of light, modulated at the frequency of the oscillator.

    Without an oscillator there is no modulation, and nothing but noise.
    """
    harmonics = np.zeros(PHASES, dtype=np.complex128)
    lit = solution.frequency > 0.0
    if lit:
        harmonics[1] = amplitude * np.exp(1j * solution.phase)
    return Signal(solution.frequency, harmonics, abs(amplitude) if lit else 0.0, noise)
