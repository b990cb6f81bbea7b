"""A normal six-wire bar with a known Hall coefficient, for the calibration of Hall measurements.

The source drives ``I+ I-``, the longitudinal voltage stands at ``V+ V-``, the transverse one at
``H+ H-``. The normal of the bar is the first axis of the sample's frame.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np

from daq.samples.terminals import check_terminals
from daq.samples.truth import told
from instruments.simulated.sample import Environment, Exposure, FloatArray, State

BOLTZMANN = 1.380649e-23
SOURCE, LONGITUDINAL, TRANSVERSE = "I+ I-", "V+ V-", "H+ H-"


@dataclass(frozen=True, slots=True)
class HallBarNumbers:
    """What the bar is made for; no paper has one, every number is a choice.

    Parameters
    ----------
    resistance
        R_xx in ohm, at every temperature and field.
    hall
        Slope of R_yx in ohm/T.
    mixing
        Fraction of R_xx in R_yx.
    lead
        Of each current lead in ohm.
    """

    resistance: float = 100.0
    hall: float = 10.0
    mixing: float = 0.01
    lead: float = 10.0


HIDDEN: Mapping[str, str] = MappingProxyType(
    {"resistance": "resistance", "hall": "Hall coefficient", "mixing": "mixing"}
)
"""What a blind test does not know."""


class HallBar:
    """A bar that remembers nothing.

    Parameters
    ----------
    numbers
        Of the bar.
    """

    native: Literal["V(I)", "I(V)"] = "V(I)"
    symmetric = True
    restless = False

    def __init__(self, numbers: HallBarNumbers | None = None) -> None:
        self.numbers = HallBarNumbers() if numbers is None else numbers

    def voltage(
        self, current: FloatArray, terminals: str, source: str, environment: Environment
    ) -> FloatArray:
        """Return R_xx I, R_yx I, or with the leads what stands between the source's terminals."""
        return np.asarray(current * self._between(terminals, source, environment))

    def current(self, voltage: FloatArray, source: str, environment: Environment) -> FloatArray:
        """Return V / (R_xx + leads)."""
        return np.asarray(voltage / self._between(source, source, environment))

    def noise_density(self, terminals: str, environment: Environment) -> float:
        """Return the Johnson noise of the bar in V/rtHz."""
        self._between(terminals, SOURCE, environment)
        return math.sqrt(4.0 * BOLTZMANN * environment.temperature * self.numbers.resistance)

    def evolve(
        self, seconds: float, environment: Environment, exposures: Mapping[str, Exposure]
    ) -> None:
        """Do nothing."""

    def truth(self) -> Mapping[str, float]:
        """Return the numbers that a blind test does not know."""
        return told(self.numbers, HIDDEN)

    def state(self) -> State:
        """Return nothing."""
        return {}

    def restore(self, state: State) -> None:
        """Take nothing."""

    def _between(self, terminals: str, source: str, environment: Environment) -> float:
        pairs = {SOURCE: (SOURCE, LONGITUDINAL, TRANSVERSE)}
        check_terminals("hall_bar", terminals, source, pairs)
        n = self.numbers
        if terminals == TRANSVERSE:
            return n.hall * environment.field[0] + n.mixing * n.resistance
        return n.resistance + (2.0 * n.lead if terminals == SOURCE else 0.0)
