"""``python -m daq`` is ``coldpoint``."""

from daq.app.cli import main

main()
