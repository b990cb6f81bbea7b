"""Packages that only some need: found when they are used, and named when they are missing."""

import importlib
from typing import Any

from instruments.errors import ConfigurationError


def extra(package: str, needed_by: str) -> Any:
    """Return a package that is an optional part of an installation.

    Parameters
    ----------
    package
        Its name.
    needed_by
        The format that needs it, which is also the name of the extra that brings it.

    Returns
    -------
    Any
        The module.

    Raises
    ------
    ConfigurationError
        It is not installed.
    """
    try:
        return importlib.import_module(package)
    except ImportError as missing:
        raise ConfigurationError(
            f"export: {needed_by} needs the package {missing.name or package}, which is not"
            f' installed; type: pip install "coldpoint[{needed_by}]"'
        ) from None
