"""The virtual samples that a station file can name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from daq.config.problem import UnacceptableError
from daq.config.quantity import parse_quantity
from daq.samples.bulk import bulk
from daq.samples.contact_pair import DOMAIN_ANGLE, ContactPair
from daq.samples.flake import Flake
from daq.samples.hall_film import HallFilm
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


def _contact_pair(options: Mapping[str, Option]) -> VirtualSample:
    units = {"written_a": "", "axis_a": "deg", "written_b": "", "axis_b": "deg"}
    values = _quantities("bi2se3_contact_pair", options, units)
    first = SoftContact(values.get("written_a", 0.0), values.get("axis_a", 0.0))
    second = SoftContact(values.get("written_b", 0.0), values.get("axis_b", DOMAIN_ANGLE))
    return ContactPair(first, second)


def _flake(options: Mapping[str, Option]) -> VirtualSample:
    values = _quantities("bi2se3_flake", options, {"written": ""})
    return Flake(values.get("written", 0.0))


def _bulk(options: Mapping[str, Option]) -> VirtualSample:
    _quantities("bi2se3_bulk", options, {})
    return bulk()


def _hall_film(options: Mapping[str, Option]) -> VirtualSample:
    _quantities("crbst_fete", options, {})
    return HallFilm()


SAMPLES: Mapping[str, Callable[[Mapping[str, Option]], VirtualSample]] = MappingProxyType(
    {
        "resistor": _resistor,
        "bi2se3_soft_contact": _soft_contact,
        "bi2se3_contact_pair": _contact_pair,
        "bi2se3_flake": _flake,
        "bi2se3_bulk": _bulk,
        "crbst_fete": _hall_film,
    }
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
