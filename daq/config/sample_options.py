"""Which virtual samples a station file can name, and with which options.

The samples themselves stand a floor higher, in `daq.samples.catalogue`, which must know the same
names. Here they are only words, so that a wrong one is found when the file is read, with its line.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from daq.config.problem import UnacceptableError, shown, suggestion
from daq.config.quantity import parse_quantity

Option = str | int | float | bool
Kind = str | Sequence[int] | Sequence[str]
"""A unit, of which an empty one is for a plain number or one in %; or all values that there are."""

SPREAD, SEED = "truth_spread", "truth_seed"
LARGEST_SPREAD = 0.2
LARGEST_SEED = 2**63 - 1
SHIFT: Mapping[str, Kind] = MappingProxyType({SPREAD: "", SEED: ""})
"""Of every sample: by how much its hidden truth may differ from the book, and the seed of that."""

QUINTUPLE_LAYERS = (1, 2, 4, 8, 10)
UNIT_CELLS = (6, 8, 10, 12, 14, 16, 18, 20, 30, 38, 50)
"""m and n of the films of Yi et al."""

SAMPLE_OPTIONS: Mapping[str, Mapping[str, Kind]] = MappingProxyType(
    {
        "resistor": {"resistance": "ohm", "lead": "ohm"},
        "hall_bar": {"resistance": "ohm", "hall": "ohm/T", "mixing": "", "lead": "ohm"},
        "bi2se3_soft_contact": {"written": "", "axis": "deg"},
        "bi2se3_contact_pair": {"written_a": "", "axis_a": "deg", "written_b": "", "axis_b": "deg"},
        "bi2se3_flake": {"written": ""},
        "bi2se3_bulk": {},
        "crbst_fete": {"m": QUINTUPLE_LAYERS, "n": UNIT_CELLS},
        "fete_film": {},
        "bi2se3_tip": {"metal": ("Ag", "Au", "Cu", "Ti"), "written": "", "axis": "deg"},
        "pb111": {},
        "nipb": {"site": ("bridge", "top", "vacancy")},
        "nipb_line": {"decay_length": "m"},
        "crbst_tip": {"m": tuple(range(1, 11))},
        "fete_line": {},
    }
)
"""Options by name of the sample."""


def check_sample(name: str, options: Mapping[str, Option]) -> None:
    """Refuse a sample that there is not, or an option that it cannot take.

    Parameters
    ----------
    name
        As in a station file.
    options
        What else the file says of it.

    Raises
    ------
    UnacceptableError
        With the place inside the mapping of the sample.
    """
    if name not in SAMPLE_OPTIONS:
        expected = "a virtual sample"
        raise UnacceptableError(
            shown(name), expected, suggestion(name, sorted(SAMPLE_OPTIONS)), ("name",)
        )
    read_options(name, options)


def read_options(name: str, options: Mapping[str, Option]) -> dict[str, float | int | str]:
    """Return the options of a sample that is known here.

    Parameters
    ----------
    name
        Of the sample.
    options
        As written.

    Returns
    -------
    dict
        By name, quantities in SI units; those of the shift are left out.

    Raises
    ------
    UnacceptableError
        With the key of the option as its place.
    """
    kinds = SAMPLE_OPTIONS[name]
    check_shift(options)
    return {
        key: _read(name, key, option, kinds) for key, option in options.items() if key not in SHIFT
    }


def check_shift(options: Mapping[str, Option]) -> tuple[float, int]:
    """Return the spread and the seed of the hidden truth; 0 and 0 if the file says nothing.

    Parameters
    ----------
    options
        Of any sample, as written.

    Returns
    -------
    tuple
        Spread as a fraction, and seed.

    Raises
    ------
    UnacceptableError
        With the key of the option as its place.
    """
    seed = options.get(SEED, 0)
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed <= LARGEST_SEED:
        raise UnacceptableError(
            shown(seed), "a whole number from 0", "write one, such as 7", (SEED,)
        )
    spread = _number(SPREAD, options.get(SPREAD, 0.0), "")
    if not 0.0 <= spread <= LARGEST_SPREAD:
        raise UnacceptableError(
            shown(options[SPREAD]), "0 % to 20 %", "write a smaller one, such as '15 %'", (SPREAD,)
        )
    return spread, seed


def _read(name: str, key: str, option: Option, kinds: Mapping[str, Kind]) -> float | int | str:
    if key not in kinds:
        raise UnacceptableError(
            f"the unknown option {shown(key)}",
            f"an option of {name}",
            suggestion(key, sorted({**kinds, **SHIFT})),
            (key,),
        )
    kind = kinds[key]
    if isinstance(kind, str):
        return _number(key, option, kind)
    for known in kind:
        if type(option) is type(known) and option == known:
            return known
    words = ", ".join(map(str, kind))
    raise UnacceptableError(shown(option), f"one of {words}", "choose one", (key,))


def _number(key: str, option: Option, unit: str) -> float:
    try:
        if unit == "" and isinstance(option, int | float) and not isinstance(option, bool):
            return float(option)
        return parse_quantity(option, unit)
    except UnacceptableError as problem:
        raise UnacceptableError(problem.found, problem.expected, problem.advice, (key,)) from None
