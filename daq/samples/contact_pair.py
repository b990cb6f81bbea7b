"""Two soft contacts on one crystal, in domains whose axes differ: Le et al., figure 3.

The lattice makes the axes of domains differ by multiples of 60 degrees. Each contact is written by
its own pulses, and both are erased together by warming up.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import numpy as np

from daq.samples.soft_contact import SoftContact
from instruments.simulated.sample import Environment, Exposure, FloatArray, State

PAIRS = MappingProxyType({"A+ A-": "contact 1", "B+ B-": "contact 2"})
"""Terminals of the two contacts; each is source and voltmeter terminals in one."""
DOMAIN_ANGLE = 60.0
"""Between the two axes in degrees (a)."""
_UNTOUCHED = Exposure()


class ContactPair:
    """Two contacts between the terminals ``A+ A-`` and ``B+ B-``.

    Parameters
    ----------
    first
        Contact between ``A+ A-``; a pristine one with its axis at 0 degrees if omitted.
    second
        Contact between ``B+ B-``; a pristine one with its axis at 60 degrees if omitted.
    """

    native: Literal["V(I)", "I(V)"] = "V(I)"
    symmetric = False

    def __init__(self, first: SoftContact | None = None, second: SoftContact | None = None) -> None:
        self._contacts = {
            "A+ A-": SoftContact() if first is None else first,
            "B+ B-": SoftContact(axis=DOMAIN_ANGLE) if second is None else second,
        }

    def contact(self, terminals: str) -> SoftContact:
        """Return the contact between two terminals.

        Parameters
        ----------
        terminals
            ``A+ A-`` or ``B+ B-``.

        Returns
        -------
        SoftContact
            With its own state.

        Raises
        ------
        ValueError
            There are no such terminals.
        """
        if terminals not in self._contacts:
            raise ValueError(
                f"the contact pair has no terminals {terminals!r}; use one of {sorted(PAIRS)}"
            )
        return self._contacts[terminals]

    def voltage(
        self, current: FloatArray, terminals: str, source: str, environment: Environment
    ) -> FloatArray:
        """Return the voltage of a contact; that of the other one through the crystal is nothing."""
        driven, seen = self.contact(source), self.contact(terminals)
        if seen is not driven:
            return np.zeros_like(current)
        return driven.voltage(current, terminals, source, environment)

    def current(self, voltage: FloatArray, source: str, environment: Environment) -> FloatArray:
        """Return the current through a contact at a voltage."""
        return self.contact(source).current(voltage, source, environment)

    def noise_density(self, terminals: str, environment: Environment) -> float:
        """Return the Johnson noise of a contact in V/rtHz."""
        return self.contact(terminals).noise_density(terminals, environment)

    def evolve(
        self, seconds: float, environment: Environment, exposures: Mapping[str, Exposure]
    ) -> None:
        """Let each contact feel its own voltage, and both the temperature."""
        for terminals, contact in self._contacts.items():
            felt = exposures.get(terminals, _UNTOUCHED)
            contact.evolve(seconds, environment, {terminals: felt})

    @property
    def restless(self) -> bool:
        """Tell whether a contact is being erased."""
        return any(contact.restless for contact in self._contacts.values())

    def truth(self) -> Mapping[str, float]:
        """Return what a blind test does not know; the keys begin with the terminals."""
        return {
            f"{pair} {key}": value
            for pair, contact in self._contacts.items()
            for key, value in contact.truth().items()
        }

    def state(self) -> State:
        """Return the states of both contacts; their keys begin with the terminals."""
        return {
            f"{pair} {key}": value
            for pair, contact in self._contacts.items()
            for key, value in contact.state().items()
        }

    def restore(self, state: State) -> None:
        """Take up the states of both contacts."""
        for pair, contact in self._contacts.items():
            start = f"{pair} "
            contact.restore(
                {
                    key.removeprefix(start): value
                    for key, value in state.items()
                    if key.startswith(start)
                }
            )
