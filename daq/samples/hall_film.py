"""A magnetic film on an iron chalcogenide, (Bi,Sb,Cr)2Te3 on FeTe: Yi et al., (m,n).

A six-wire bar: the source drives ``I+ I-``, the longitudinal voltage stands at ``V+ V-``, the
transverse one at ``H+ H-``. At ``optical+ optical-`` a detector of light tells the magnetisation
of the same film (circular dichroism), whatever the current.

The normal of the film is the first axis of the sample's frame, so that at the rotator angle 0 the
field is along the normal. The film remembers its magnetic history and follows the block of the
cryostat with a lag.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Literal

import numpy as np

from daq.physics.hall import PreisachLoop, coercive_scale, hall_resistance, saturation
from daq.physics.transition import halperin_nelson, hopping, hump, midpoint, sheet_transition
from daq.samples import thermal_lag
from daq.samples.film_numbers import HIDDEN, HallFilmNumbers
from daq.samples.terminals import check_terminals
from daq.samples.truth import told
from daq.samples.upper_field import UpperField
from instruments.simulated.sample import OPTICAL, Environment, Exposure, FloatArray, State

BOLTZMANN = 1.380649e-23
SOURCE, LONGITUDINAL, TRANSVERSE = "I+ I-", "V+ V-", "H+ H-"
RELAYS = 400


class HallFilm:
    """A superconducting magnetic film with its hysteresis.

    Parameters
    ----------
    numbers
        Of the paper; those of (8,20) if omitted.
    name
        Of the preset, for messages.
    """

    native: Literal["V(I)", "I(V)"] = "V(I)"
    symmetric = True
    ohmic: Literal[True] = True

    def __init__(self, numbers: HallFilmNumbers | None = None, name: str = "crbst_fete") -> None:
        self.numbers = HallFilmNumbers() if numbers is None else numbers
        self._name = name
        n = self.numbers
        median = n.coercive_field / self._coercive_scale(n.coercive_temperature)
        self._loop = _demagnetised(PreisachLoop.log_normal(median, n.switching_spread, RELAYS))
        self._transition = sheet_transition(n.onset, n.zero, n.vortex_temperature)
        half = midpoint(self._transition)
        self.upper_field = UpperField(
            n.coherence_length, n.thickness, n.low_field, n.low_field_temperature / half
        )
        self._temperature = 0.0  # of the film; zero before it has felt the block
        self._block = 0.0
        self._found: tuple[object, object, float, tuple[float, float]] = (None, None, 0.0, (0, 0))
        self._reached: tuple[object, float, float] = (None, 0.0, 0.0)

    def voltage(
        self, current: FloatArray, terminals: str, source: str, environment: Environment
    ) -> FloatArray:
        """Return R_xx I, R_yx I, or with the leads what stands between the source's terminals."""
        return np.asarray(current * self._between(terminals, source, environment))

    def current(self, voltage: FloatArray, source: str, environment: Environment) -> FloatArray:
        """Return V / (R_xx + leads)."""
        return np.asarray(voltage / self._between(source, source, environment))

    def noise_density(self, terminals: str, environment: Environment) -> float:
        """Return the Johnson noise of the sheet in V/rtHz, which every pair of contacts sees.

        The optical channel has its own.
        """
        if terminals == OPTICAL:
            return self.numbers.optical_noise
        self._between(terminals, SOURCE, environment)
        longitudinal, _ = self._resistances(environment)
        temperature = self._own_temperature(environment)
        return math.sqrt(4.0 * BOLTZMANN * temperature * longitudinal)

    def light(self, terminals: str, environment: Environment) -> float:
        """Return the peak voltage of the optical channel in V, which goes as the magnetisation."""
        check_terminals(self._name, terminals, OPTICAL, {OPTICAL: (OPTICAL,)})
        return self.numbers.optical * self.magnetisation(environment)

    def evolve(
        self, seconds: float, environment: Environment, exposures: Mapping[str, Exposure]
    ) -> None:
        """Follow the block, and let the relays follow the field."""
        self._loop = self._magnetised(environment)
        before = self._own_temperature(environment)
        self._block = environment.temperature
        self._temperature = thermal_lag.followed(before, self._block, seconds)
        if self._temperature != before:
            self._loop = self._magnetised(environment)

    @property
    def restless(self) -> bool:
        """Tell whether the film still follows the block."""
        return self._block > 0.0 and not thermal_lag.settled(self._temperature, self._block)

    def magnetisation(self, environment: Environment) -> float:
        """Return the magnetisation over that of saturation at zero temperature, from -1 to 1."""
        size = saturation(self._own_temperature(environment), self.numbers.curie_temperature)
        return float(size) * self._magnetised(environment).magnetisation

    def longitudinal(self, temperature: float, field: tuple[float, float, float]) -> float:
        """Return R_xx in ohm at a temperature of the film in K and a field in T."""
        return self._normal(temperature) * self._share(temperature, field) + self._hops(temperature)

    def truth(self) -> Mapping[str, float]:
        """Return the numbers that a blind test does not know."""
        return told(self.numbers, HIDDEN)

    def state(self) -> State:
        """Return the relays, and the temperatures of film and block in K."""
        return {
            "relays": [float(state) for state in self._loop.states],
            "temperatures": [self._temperature, self._block],
        }

    def restore(self, state: State) -> None:
        """Take up the relays and the temperatures."""
        relays = np.array(state["relays"], dtype=np.float64)
        self._loop = replace(self._loop, states=tuple(int(relay) for relay in relays))
        film, block = np.array(state["temperatures"], dtype=np.float64)
        self._temperature, self._block = float(film), float(block)

    def _between(self, terminals: str, source: str, environment: Environment) -> float:
        pairs = {SOURCE: (SOURCE, LONGITUDINAL, TRANSVERSE)}
        check_terminals(self._name, terminals, source, pairs)
        longitudinal, transverse = self._resistances(environment)
        if terminals == TRANSVERSE:
            return transverse
        leads = 2.0 * self.numbers.contact_resistance if terminals == SOURCE else 0.0
        return longitudinal + leads

    def _resistances(self, environment: Environment) -> tuple[float, float]:
        """Return R_xx and R_yx in ohm; found once per environment, temperature and state."""
        where, loop, temperature, pair = self._found
        own = self._own_temperature(environment)
        if where is not environment or loop is not self._loop or temperature != own:
            pair = self._find(own, environment)
            self._found = (environment, self._loop, own, pair)
        return pair

    def _find(self, temperature: float, environment: Environment) -> tuple[float, float]:
        n = self.numbers
        share = self._share(temperature, environment.field)
        longitudinal = self._normal(temperature) * share + self._hops(temperature)
        transverse = hall_resistance(
            environment.field[0],
            self.magnetisation(environment),
            ordinary=n.ordinary,
            anomalous=n.anomalous,
            shunting=share,
            exponent=n.shunting,
            mixed=n.mixing * longitudinal,
        )
        return longitudinal, float(transverse)

    def _normal(self, temperature: float) -> float:
        n = self.numbers
        return float(hump(temperature, n.normal_resistance, n.hump_height, n.hump_temperature))

    def _hops(self, temperature: float) -> float:
        """Return what an insulating part adds in ohm; a thick film has none."""
        n = self.numbers
        if n.hopping_resistance == 0.0:
            return 0.0
        part = hopping(temperature, n.hopping_resistance, n.hopping_temperature, n.hopping_cap)
        return float(part)

    def _share(self, temperature: float, field: tuple[float, float, float]) -> float:
        """Return R_xx/R_n; the field lowers all temperatures of the transition alike (a).

        So the critical field is that of `upper_field` by whatever point of the transition.
        """
        n, law = self.numbers, self._transition
        if n.residual == 1.0:
            return 1.0
        left = self.upper_field.reduced_temperature(field[0], math.hypot(field[1], field[2]))
        if left == 0.0:
            return 1.0
        scaled = temperature / left
        own = float(halperin_nelson(scaled, law.temperature, law.stiffness, law.amplitude))
        return n.residual + (1.0 - n.residual) * own

    def _magnetised(self, environment: Environment) -> PreisachLoop:
        """Return the relays after they have felt the field along the normal."""
        temperature, curie = self._own_temperature(environment), self.numbers.curie_temperature
        field = environment.field[0]
        if field == 0.0:
            return _demagnetised(self._loop) if temperature >= curie else self._loop
        scale = self._coercive_scale(temperature)
        if abs(field) < scale * self._reach(field):
            return self._loop
        after = self._loop.applied(field, scale)
        return self._loop if after.states == self._loop.states else after

    def _reach(self, field: float) -> float:
        """Return the lowest threshold in T of a relay that a field of this sign turns."""
        if self._reached[0] is not self._loop:
            relays = list(zip(self._loop.thresholds, self._loop.states, strict=True))
            down, up = (
                min((threshold for threshold, state in relays if state != sign), default=math.inf)
                for sign in (-1, 1)
            )
            self._reached = (self._loop, down, up)
        return self._reached[2] if field > 0.0 else self._reached[1]

    def _coercive_scale(self, temperature: float) -> float:
        n = self.numbers
        return float(coercive_scale(temperature, n.curie_temperature, n.coercive_exponent))

    def _own_temperature(self, environment: Environment) -> float:
        return self._temperature if self._temperature > 0.0 else environment.temperature


@lru_cache(maxsize=16)
def _in_turn(relays: int) -> tuple[int, ...]:
    return tuple(1 if i % 2 else -1 for i in range(relays))


def _demagnetised(loop: PreisachLoop) -> PreisachLoop:
    """Return relays up and down in turn, as above the Curie temperature without a field."""
    states = _in_turn(len(loop.thresholds))
    return loop if loop.states == states else replace(loop, states=states)
