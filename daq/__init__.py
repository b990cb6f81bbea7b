"""Coldpoint: low-temperature transport measurements.

`Lab` and `open_station` are what a script needs; they are imported when they are first asked for,
so that ``import daq`` costs nothing.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from daq.lab import Lab
    from daq.station_file import open_station

__all__ = ["Lab", "open_station"]


def __getattr__(name: str) -> Any:
    if name == "Lab":
        from daq.lab import Lab  # noqa: PLC0415 (an import that is paid for when it is used)

        return Lab
    if name == "open_station":
        from daq.station_file import open_station  # noqa: PLC0415 (as above)

        return open_station
    raise AttributeError(f"module 'daq' has no attribute {name!r}")
