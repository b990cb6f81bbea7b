"""Notice another distribution's packages in the place of ours.

Nothing of ours is imported here: it might be the stranger's.
"""

import importlib.util
from importlib.metadata import packages_distributions
from pathlib import Path

OURS = ("instruments", "procedures")


def foreign_package() -> str:
    """Return what is wrong when a package named like one of ours is found first; empty if none is.

    Returns
    -------
    str
        One line: the package, where it lies, which distribution brought it, and what to do.
    """
    home = Path(__file__).resolve().parents[2]
    for name in OURS:
        spec = importlib.util.find_spec(name)
        origin = None if spec is None or spec.origin is None else Path(spec.origin).resolve()
        if origin is not None and not origin.is_relative_to(home / name):
            brought = sorted(set(packages_distributions().get(name, [])) - {"coldpoint"})
            return (
                f"the package {name!r} at {origin.parent} shadows Coldpoint's own at {home / name};"
                f" it came with {', '.join(brought) or 'an unknown distribution'}: remove that, or"
                " use an environment of its own for Coldpoint"
            )
    return ""
