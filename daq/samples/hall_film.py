"""A magnetic film on an iron chalcogenide, (Bi,Sb,Cr)2Te3 on FeTe: Yi et al., (8,20).

A six-wire bar: the source drives ``I+ I-``, the longitudinal voltage stands at ``V+ V-``, the
transverse one at ``H+ H-``. The normal of the film is the first axis of the sample's frame, so that
at the rotator angle 0 the field is along the normal. The film remembers its magnetic history and
follows the block of the cryostat with a lag.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from daq.physics.hall import PreisachLoop, coercive_scale, hall_resistance, saturation
from daq.physics.transition import halperin_nelson, hump, sheet_transition
from daq.samples import thermal_lag
from daq.samples.terminals import check_terminals
from instruments.simulated.sample import Environment, Exposure, FloatArray, State

BOLTZMANN = 1.380649e-23
SOURCE, LONGITUDINAL, TRANSVERSE = "I+ I-", "V+ V-", "H+ H-"
RELAYS = 400


@dataclass(frozen=True, slots=True)
class HallFilmNumbers:
    """What the paper says of its film, and what it leaves open (a).

    Parameters
    ----------
    onset, zero
        Temperatures in K at which the resistance is 90 % and 1 % of the normal one.
    vortex_temperature
        T_BKT of the transition in K (a).
    normal_resistance
        Of a square far below the hump in ohm (a).
    hump_height, hump_temperature
        Of the broad maximum of the normal state, as a fraction (a), and in K.
    perpendicular_field, parallel_field
        Critical fields at zero temperature in T, extrapolated from near Tc.
    curie_temperature
        In K.
    coercive_field
        Median of the switching fields at `coercive_temperature` in T.
    coercive_temperature
        In K.
    coercive_exponent
        Of (1 - T/T_C), with which the switching fields fall (a).
    switching_spread
        Standard deviation of the logarithm of the switching fields (a).
    anomalous
        Anomalous Hall resistance at full magnetisation in ohm (a).
    ordinary
        Hall coefficient of the sheet in ohm/T (a).
    shunting
        Power of R_xx/R_n with which the superconductor takes the Hall signal away (a): with less,
        the loop at 12 K would be larger than that at 14 K, and the paper shows it smaller.
    mixing
        Fraction of R_xx in R_yx, from contacts that are not opposite each other (a).
    contact_resistance
        Of each current lead in ohm (a).
    """

    onset: float = 12.4
    zero: float = 10.0
    vortex_temperature: float = 9.7
    normal_resistance: float = 500.0
    hump_height: float = 0.3
    hump_temperature: float = 60.0
    perpendicular_field: float = 68.0
    parallel_field: float = 49.8
    curie_temperature: float = 20.0
    coercive_field: float = 0.061
    coercive_temperature: float = 2.2
    coercive_exponent: float = 0.25
    switching_spread: float = 0.11
    anomalous: float = 5.0
    ordinary: float = 1.0
    shunting: float = 3.0
    mixing: float = 0.02
    contact_resistance: float = 50.0


class HallFilm:
    """A superconducting magnetic film with its hysteresis.

    Parameters
    ----------
    numbers
        Of the paper.
    """

    native: Literal["V(I)", "I(V)"] = "V(I)"
    symmetric = True

    def __init__(self, numbers: HallFilmNumbers | None = None) -> None:
        self.numbers = HallFilmNumbers() if numbers is None else numbers
        n = self.numbers
        median = n.coercive_field / self._coercive_scale(n.coercive_temperature)
        self._loop = _demagnetised(PreisachLoop.log_normal(median, n.switching_spread, RELAYS))
        self._transition = sheet_transition(n.onset, n.zero, n.vortex_temperature)
        self._temperature = 0.0  # of the film; zero before it has felt the block
        self._block = 0.0
        self._found: tuple[object, object, float, tuple[float, float]] = (None, None, 0.0, (0, 0))

    def voltage(
        self, current: FloatArray, terminals: str, source: str, environment: Environment
    ) -> FloatArray:
        """Return R_xx I, R_yx I, or with the leads what stands between the source's terminals."""
        return np.asarray(current * self._between(terminals, source, environment))

    def current(self, voltage: FloatArray, source: str, environment: Environment) -> FloatArray:
        """Return V / (R_xx + leads)."""
        return np.asarray(voltage / self._between(source, source, environment))

    def noise_density(self, terminals: str, environment: Environment) -> float:
        """Return the Johnson noise of the sheet in V/rtHz, which every pair of contacts sees."""
        self._between(terminals, SOURCE, environment)
        longitudinal, _ = self._resistances(environment)
        temperature = self._own_temperature(environment)
        return math.sqrt(4.0 * BOLTZMANN * temperature * longitudinal)

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
        return self._normal(temperature) * self._share(temperature, field)

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
        check_terminals("crbst_fete", terminals, source, pairs)
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
        longitudinal = self._normal(temperature) * share
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

    def _share(self, temperature: float, field: tuple[float, float, float]) -> float:
        """Return R_xx/R_n; the field lowers all temperatures of the transition alike (a)."""
        n, law = self.numbers, self._transition
        in_plane = math.hypot(field[1], field[2]) / n.parallel_field
        left = 1.0 - abs(field[0]) / n.perpendicular_field - in_plane**2
        if left <= 0.0:
            return 1.0
        scaled = temperature / left
        return float(halperin_nelson(scaled, law.temperature, law.stiffness, law.amplitude))

    def _magnetised(self, environment: Environment) -> PreisachLoop:
        """Return the relays after they have felt the field along the normal."""
        temperature, curie = self._own_temperature(environment), self.numbers.curie_temperature
        field = environment.field[0]
        if field == 0.0:
            return _demagnetised(self._loop) if temperature >= curie else self._loop
        after = self._loop.applied(field, self._coercive_scale(temperature))
        return self._loop if after.states == self._loop.states else after

    def _coercive_scale(self, temperature: float) -> float:
        n = self.numbers
        return float(coercive_scale(temperature, n.curie_temperature, n.coercive_exponent))

    def _own_temperature(self, environment: Environment) -> float:
        return self._temperature if self._temperature > 0.0 else environment.temperature


def _demagnetised(loop: PreisachLoop) -> PreisachLoop:
    """Return relays up and down in turn, as above the Curie temperature without a field."""
    states = tuple(1 if i % 2 else -1 for i in range(len(loop.thresholds)))
    return loop if loop.states == states else replace(loop, states=states)
