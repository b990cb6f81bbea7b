"""What procedures that average have in common."""

from instruments.errors import ConfigurationError
from instruments.reference_frequency import judge_frequency
from instruments.station import Station


def line_frequency(station: Station) -> float:
    """Return the frequency of the mains in Hz, as the lock-in was told; 50 where it was not."""
    return float(getattr(station.instruments.get("lockin"), "line_frequency", 50.0))


def check_frequency(
    station: Station, procedure: str, frequency: float, dwell: float, harmonic: int = 1
) -> None:
    """Refuse a reference frequency at which disturbances would be averaged to a constant.

    Parameters
    ----------
    station
        Whose lock-in knows the frequency of the line; 50 Hz where it does not.
    procedure
        Name for the message.
    frequency
        In Hz.
    dwell
        In s.
    harmonic
        That is detected.

    Raises
    ------
    ConfigurationError
        With the nearest frequency that is good.
    """
    line = line_frequency(station)
    verdict = judge_frequency(frequency, dwell, harmonic=harmonic, line_frequency=line)
    if verdict.good:
        return
    advice = "choose a longer dwell"
    if verdict.nearest is not None:
        advice = f"take {verdict.nearest:g} Hz or a longer dwell"
    raise ConfigurationError(
        f"{procedure}: a frequency of {frequency:g} Hz does not suit averages of {dwell:g} s:"
        f" {verdict.problem}; {advice}"
    )
