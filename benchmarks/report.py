"""How every benchmark is asked and what it prints: one JSON object, and each miss on stderr."""

import argparse
import json
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict

from figures import Figure


def quick_asked(description: str | None, arguments: Sequence[str] | None) -> bool:
    """Tell whether a few calls only are asked for."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="a few calls only: no valid figures")
    return bool(parser.parse_args(arguments).quick)


def report(figures: Sequence[Figure], *, quick: bool) -> dict[str, object]:
    """Return what is printed."""
    missed = [figure.name for figure in figures if figure.passed is False]
    return {
        "format": 1,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "system": platform.system(),
        "quick": quick,
        "figures": [asdict(figure) | {"passed": figure.passed} for figure in figures],
        "missed": missed,
        "passed": not missed,
    }


def tell(figures: Sequence[Figure], *, quick: bool) -> int:
    """Print, and say on stderr which limits are missed; a miss is no failure.

    Parameters
    ----------
    figures
        What was measured.
    quick
        Whether it means nothing.

    Returns
    -------
    int
        The exit code.
    """
    sys.stdout.write(json.dumps(report(figures, quick=quick), indent=2) + "\n")
    for figure in figures:
        if figure.passed is False:
            sys.stderr.write(f"not met: {figure.name}: {figure.value:.3g}, limit {figure.limit}\n")
    return 0
