"""The virtual samples that a station file can name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from daq.config.problem import UnacceptableError
from daq.config.quantity import parse_quantity
from daq.samples.soft_contact import SoftContact
from instruments.errors import ConfigurationError
from instruments.simulated.sample import Resistor, VirtualSample

Option = str | int | float | bool


def _resistor(options: Mapping[str, Option]) -> VirtualSample:
    values = _quantities("resistor", options, {"resistance": "ohm", "lead": "ohm"})
    return Resistor(values.get("resistance", 100.0), values.get("lead", 0.0))


def _soft_contact(options: Mapping[str, Option]) -> VirtualSample:
    values = _quantities("bi2se3_soft_contact", options, {"written": "", "axis": "deg"})
    return SoftContact(values.get("written", 0.0), values.get("axis", 0.0))


SAMPLES: Mapping[str, Callable[[Mapping[str, Option]], VirtualSample]] = MappingProxyType(
    {"resistor": _resistor, "bi2se3_soft_contact": _soft_contact}
)


def make_sample(name: str, options: Mapping[str, Option]) -> VirtualSample:
    """Make a virtual sample.

    Parameters
    ----------
    name
        As in a station file.
    options
        What else the file says of it.

    Returns
    -------
    VirtualSample
        In its pristine state.

    Raises
    ------
    ConfigurationError
        There is no such sample, or it has no such option.
    """
    if name not in SAMPLES:
        raise ConfigurationError(
            f"there is no virtual sample {name!r}; known are {sorted(SAMPLES)}"
        )
    return SAMPLES[name](options)


def _quantities(
    sample: str, options: Mapping[str, Option], units: Mapping[str, str]
) -> dict[str, float]:
    values: dict[str, float] = {}
    for key, option in options.items():
        if key not in units:
            raise ConfigurationError(
                f"sample {sample}: there is no option {key!r}; known are {sorted(units)}"
            )
        try:
            values[key] = float(option) if units[key] == "" else parse_quantity(option, units[key])
        except (UnacceptableError, ValueError) as problem:
            raise ConfigurationError(f"sample {sample}: {key}: {problem}") from None
    return values
