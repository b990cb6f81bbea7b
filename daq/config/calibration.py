"""The calibration that a station file names: where it lies, and whether it applies."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator

from daq.config.document import parse_document
from daq.config.fields import Text
from daq.config.problem import UnacceptableError, shown
from instruments.calibration import Calibration, objections
from instruments.errors import ConfigurationError
from instruments.tunnel_calibration import KIND, TunnelCalibration

KEY = "calibration"
LARGEST = 1_000_000
"""Bytes of the largest calibration that is read."""


def _absolute(value: str) -> str:
    if not _place(value).is_absolute():
        advice = "write it from the root, since each campaign keeps a copy of the station file"
        raise UnacceptableError(shown(value), "the whole path of a calibration", advice)
    return value


CalibrationPath = Annotated[Text, AfterValidator(_absolute)]
"""Path of a calibration from the root or from ``~``."""


@lru_cache
def named_calibration(text: str) -> Path | None:
    """Return where the calibration lies that a station file names, if it names one.

    Parameters
    ----------
    text
        Of the station file; one that is wrong names none.

    Returns
    -------
    Path or None
        It may not be there.
    """
    if KEY not in text:
        return None  # nothing is parsed for the many stations without
    try:
        named = parse_document(text, "").data.get(KEY)
    except ConfigurationError:
        return None
    return _place(named) if isinstance(named, str) else None


def _place(path: str) -> Path:
    return Path(path).expanduser()


def read_calibration(text: str) -> Calibration | TunnelCalibration:
    """Read the text of a calibration file.

    Parameters
    ----------
    text
        As it was written.

    Returns
    -------
    Calibration or TunnelCalibration
        The same, digit by digit.

    Raises
    ------
    ConfigurationError
        It is none.
    """
    try:
        content = json.loads(text)
    except ValueError:
        content = None
    if isinstance(content, dict) and content.get("kind") == KIND:
        return TunnelCalibration.from_summary(content)
    return Calibration.from_json(text)


def applicable_calibration(
    path: str, text: str, file: str, wiring: Mapping[str, Any], now: datetime
) -> Calibration | TunnelCalibration:
    """Read the calibration that a station file names, if it applies to the station.

    Parameters
    ----------
    path
        Of the calibration.
    text
        Of the station file, for messages.
    file
        Name of the station file.
    wiring
        Snapshot of the bias of the station.
    now
        Of the station, with its time zone.

    Returns
    -------
    Calibration or TunnelCalibration
        Of this wiring, and not too old.

    Raises
    ------
    ConfigurationError
        It is missing, or is no calibration, or does not apply; file and line are named.
    """

    def refuse(found: str, expected: str, advice: str) -> ConfigurationError:
        return parse_document(text, file).error((KEY,), found, expected, advice)

    place = _place(path)
    try:
        with place.open(encoding="utf-8") as content:
            read = content.read(LARGEST + 1)
    except (OSError, UnicodeDecodeError) as problem:
        why = getattr(problem, "strerror", None) or "it is not UTF-8"
        raise refuse(
            f"'{place}', which cannot be read ({why})", "a calibration", "correct the path"
        ) from None
    try:
        calibration = read_calibration(read)
    except ConfigurationError as problem:
        raise refuse(f"'{place}': {problem}", "a calibration", "name another file") from None
    against = objections(calibration, {"bias": wiring}, now)
    if against:
        found = f"a calibration of {calibration.date} of which {'; '.join(against)}"
        advice = "calibrate again, or remove the key to measure without it"
        raise refuse(found, "one that applies", advice)
    return calibration
