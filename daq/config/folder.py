"""Where the stations, samples and sequences that come with Coldpoint are found."""

import re
from pathlib import Path
from typing import Literal

from daq.config.problem import Problem, key_text, printable, suggestion

Kind = Literal["stations", "samples", "sequences"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def configs_folder() -> Path:
    """Return the folder of configurations: daq/configs in a wheel, ../configs in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "configs"
    return installed if installed.is_dir() else package.parent / "configs"


def config_names(kind: Kind) -> tuple[str, ...]:
    """Return the names of the configurations of a kind, in order of the alphabet."""
    return tuple(sorted(path.stem for path in (configs_folder() / kind).glob("*.yaml")))


def find_config(kind: Kind, name_or_path: str | Path) -> Path:
    """Return the file of a configuration.

    Parameters
    ----------
    kind
        Which folder a name stands for.
    name_or_path
        A name such as ``simulated``, or the path of a file.

    Returns
    -------
    Path
        An existing file.

    Raises
    ------
    ConfigurationError
        There is no such file.
    """
    text = str(name_or_path)
    if _NAME.fullmatch(text):
        known = configs_folder() / kind / f"{text}.yaml"
        if known.is_file():
            return known
    path = Path(name_or_path)
    try:
        if path.is_file():
            return path
    except (OSError, ValueError):  # a name that no file can have
        pass
    expected = f"a file, or the name of one of the {kind}"
    found = f"no file '{printable(text, 120)}'"
    advice = suggestion(path.stem, config_names(kind)) if text.strip() else "give a name or a path"
    raise Problem(text, 1, key_text(()), found, expected, advice).error()
