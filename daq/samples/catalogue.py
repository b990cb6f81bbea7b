"""The virtual samples that a station file can name."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from daq.config.problem import UnacceptableError
from daq.config.sample_options import SAMPLE_OPTIONS, SHIFT, Option, check_shift, read_options
from daq.samples import bulk as bar
from daq.samples import film_numbers as film
from daq.samples import flake, hall_bar, soft_contact, tip_catalogue
from daq.samples.bulk import BarNumbers, bulk
from daq.samples.contact_pair import DOMAIN_ANGLE, ContactPair
from daq.samples.fete_film import fete_film
from daq.samples.film_numbers import THICK, THIN, fete_numbers, film_numbers
from daq.samples.flake import Flake, FlakeNumbers
from daq.samples.hall_bar import HallBar, HallBarNumbers
from daq.samples.hall_film import HallFilm
from daq.samples.soft_contact import SoftContact, SoftContactNumbers
from daq.samples.tip_catalogue import Maker
from daq.samples.truth import Shift, shifted
from instruments.errors import ConfigurationError
from instruments.simulated.sample import Resistor, VirtualSample


def _of(name: str, make: Maker) -> Callable[[Mapping[str, Option]], VirtualSample]:
    """Return what makes a sample from its options as they are written."""

    def made(options: Mapping[str, Option]) -> VirtualSample:
        return make(_values(name, options), shift_of(name, options))

    return made


def _resistor(values: Mapping[str, float | int | str], shift: Shift) -> VirtualSample:
    resistance = float(values.get("resistance", 100.0)) * shift.factor("resistance")
    return Resistor(resistance, float(values.get("lead", 0.0)))


def _hall_bar(values: Mapping[str, float | int | str], shift: Shift) -> VirtualSample:
    numbers = replace(HallBarNumbers(), **{key: float(value) for key, value in values.items()})
    return HallBar(shifted(numbers, hall_bar.HIDDEN, shift))


def _contact(written: float | int | str, axis: float | int | str, shift: Shift) -> SoftContact:
    numbers = shifted(SoftContactNumbers(), soft_contact.HIDDEN, shift)
    return SoftContact(float(written), shift.angle(float(axis)), numbers)


def _soft_contact(values: Mapping[str, float | int | str], shift: Shift) -> VirtualSample:
    return _contact(values.get("written", 0.0), values.get("axis", 0.0), shift)


def _contact_pair(values: Mapping[str, float | int | str], shift: Shift) -> VirtualSample:
    first = _contact(values.get("written_a", 0.0), values.get("axis_a", 0.0), shift)
    second = _contact(values.get("written_b", 0.0), values.get("axis_b", DOMAIN_ANGLE), shift)
    return ContactPair(first, second)


def _flake(values: Mapping[str, float | int | str], shift: Shift) -> VirtualSample:
    numbers = shifted(FlakeNumbers(), flake.HIDDEN, shift)
    return Flake(float(values.get("written", 0.0)), numbers)


def _bulk(_values: Mapping[str, float | int | str], shift: Shift) -> VirtualSample:
    return bulk(shifted(BarNumbers(), bar.HIDDEN, shift))


def _hall_film(values: Mapping[str, float | int | str], shift: Shift) -> VirtualSample:
    numbers = film_numbers(int(values.get("m", THICK)), int(values.get("n", THIN)))
    return HallFilm(shifted(numbers, film.HIDDEN, shift))


def _fete_film(_values: Mapping[str, float | int | str], shift: Shift) -> VirtualSample:
    return fete_film(shifted(fete_numbers(), film.HIDDEN, shift))


SAMPLES: Mapping[str, Callable[[Mapping[str, Option]], VirtualSample]] = MappingProxyType(
    {
        "resistor": _of("resistor", _resistor),
        "hall_bar": _of("hall_bar", _hall_bar),
        "bi2se3_soft_contact": _of("bi2se3_soft_contact", _soft_contact),
        "bi2se3_contact_pair": _of("bi2se3_contact_pair", _contact_pair),
        "bi2se3_flake": _of("bi2se3_flake", _flake),
        "bi2se3_bulk": _of("bi2se3_bulk", _bulk),
        "crbst_fete": _of("crbst_fete", _hall_film),
        "fete_film": _of("fete_film", _fete_film),
        **{name: _of(name, make) for name, make in tip_catalogue.TIPS.items()},
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


def shift_of(sample: str, options: Mapping[str, Option]) -> Shift:
    """Return by how much the truth of a sample is shifted, as its options say.

    Parameters
    ----------
    sample
        Its name, for messages.
    options
        As written.

    Returns
    -------
    Shift
        None of it where the options say nothing.

    Raises
    ------
    ConfigurationError
        The spread or the seed cannot be used.
    """
    try:
        return Shift(*check_shift(options))
    except UnacceptableError as problem:
        raise ConfigurationError(f"sample {sample}: {problem.place[0]}: {problem}") from None


def _values(sample: str, options: Mapping[str, Option]) -> dict[str, float | int | str]:
    known = {**SAMPLE_OPTIONS[sample], **SHIFT}
    for key in options:
        if key not in known:
            raise ConfigurationError(
                f"sample {sample}: there is no option {key!r}; known are {sorted(known)}"
            )
    try:
        return read_options(sample, options)
    except UnacceptableError as problem:
        raise ConfigurationError(f"sample {sample}: {problem.place[0]}: {problem}") from None
