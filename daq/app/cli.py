"""The program ``coldpoint``: make sure that the packages are ours, then do what is asked."""

import sys

from daq.app.foreign import foreign_package

WRONGLY_ASKED = 2


def main() -> None:
    """Run the program and end the process with its exit code."""
    foreign = foreign_package()
    if foreign:
        sys.stderr.write(f"coldpoint: {foreign}\n")
        sys.exit(WRONGLY_ASKED)
    from daq.app.commands import run  # noqa: PLC0415 (needs the packages that were looked at)

    run()
