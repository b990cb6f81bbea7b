"""Refuse to run with another distribution's packages in the place of ours."""

import importlib.util
from importlib.metadata import packages_distributions
from pathlib import Path

from instruments.errors import ConfigurationError

OURS = ("instruments", "procedures")


def refuse_foreign_packages() -> None:
    """Raise when a package named like one of ours is found first.

    Raises
    ------
    ConfigurationError
        The message names the package, where it lies, and which distribution brought it.
    """
    home = Path(__file__).resolve().parents[2]
    for name in OURS:
        spec = importlib.util.find_spec(name)
        origin = None if spec is None or spec.origin is None else Path(spec.origin).resolve()
        if origin is not None and not origin.is_relative_to(home):
            brought = sorted(set(packages_distributions().get(name, [])) - {"coldpoint"})
            raise ConfigurationError(
                f"the package {name!r} at {origin.parent} shadows Coldpoint's own at {home / name};"
                f" it came with {', '.join(brought) or 'an unknown distribution'}: remove that,"
                f" or use"
                " an environment of its own for Coldpoint"
            )
