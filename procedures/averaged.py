"""What procedures that average have in common."""

from typing import Protocol, TypeVar

from instruments.errors import ConfigurationError
from instruments.excitation import Excitation
from instruments.reference_frequency import judge_frequency
from instruments.station import Station

E = TypeVar("E", bound=Excitation)


class Acquired(Protocol):
    """The settings of a procedure whose points are averaged or single."""

    acquisition: str
    frequency: float
    dwell: float
    time_constant: float
    slope: int
    settle_fraction: float


def excitation_of(kind: type[E], rms: float, settings: Acquired, harmonic: int = 1) -> E:
    """Return the ac part of a measurement, as its settings say.

    Parameters
    ----------
    kind
        `Excitation`, or the modulation of a voltage bias.
    rms
        In A or V.
    settings
        ``dwell`` holds for averaged points, ``time_constant`` and ``slope`` for single ones.
    harmonic
        That is detected.

    Returns
    -------
    E
        The ac part.
    """
    if settings.acquisition == "averaged":
        return kind.averaged(
            rms,
            settings.frequency,
            settings.dwell,
            settle_fraction=settings.settle_fraction,
            harmonic=harmonic,
        )
    return kind(
        rms,
        settings.frequency,
        settings.time_constant,
        settings.slope,
        settings.settle_fraction,
        harmonic,
    )


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
