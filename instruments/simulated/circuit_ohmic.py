"""The circuit of a sample that is biased with a current and obeys Ohm's law.

It is that of `circuit_current`, but resistance and drive are shared by their conductances at once:
where a film or a flake moves, thousands of circuits are solved for every minute.
"""

from dataclasses import dataclass

import numpy as np

from instruments.simulated.circuit_current import CurrentCircuit
from instruments.simulated.sample import FloatArray

UNIT = np.ones(1)
"""A current of 1 A, at which the voltage is the resistance."""


@dataclass(frozen=True, slots=True)
class OhmicCircuit(CurrentCircuit):
    """An `instruments.simulated.sample.Ohmic` sample that is biased with a current."""

    def _share(
        self, drive: FloatArray, amplitude: float, conductance: float
    ) -> tuple[FloatArray, FloatArray]:
        """Share the driven current between the sample and the resistor of the oscillator."""
        pair = self.wiring.source
        resistance = float(self.sample.voltage(UNIT, pair, pair, self.environment)[0])
        taken = drive + conductance * self.block_voltage
        current = taken / (1.0 + conductance * resistance)
        return current, resistance * current
