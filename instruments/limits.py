"""The limits of a station, in SI units. The drivers hold them; this is how they are told."""

from dataclasses import dataclass, fields, replace

from instruments.errors import LimitError

Limit = float | tuple[float, float]
"""The highest magnitude that is allowed, or the lowest and the highest value."""


@dataclass(frozen=True, slots=True)
class StationLimits:
    """What must never be exceeded.

    Parameters
    ----------
    current
        Dc plus peak ac through the sample in A.
    current_rate
        Of the dc current in A/s.
    compliance
        Voltage at the source outside a pulse in V.
    pulse_voltage, pulse_current
        During a pulse in V and A.
    temperature
        Lowest and highest setpoint in K.
    temperature_rate
        In K/s.
    field
        Highest magnitude of the setpoint in T.
    field_rate
        In T/s.
    voltage
        Dc plus peak ac at a sample that is biased with a voltage, in V; 0 where none is.
    voltage_rate
        Of the dc voltage there in V/s.
    position
        Lowest and highest of a scanner in m; both 0 where there is none.
    """

    current: float = 1e-3
    current_rate: float = 1e-4
    compliance: float = 0.5
    pulse_voltage: float = 10.0
    pulse_current: float = 0.105
    temperature: tuple[float, float] = (1.8, 400.0)
    temperature_rate: float = 0.2
    field: float = 9.0
    field_rate: float = 0.01
    voltage: float = 0.0
    voltage_rate: float = 0.0
    position: tuple[float, float] = (0.0, 0.0)

    def tightened(self, **limits: Limit) -> "StationLimits":
        """Return these limits with some of them tighter.

        Parameters
        ----------
        **limits
            By name, in SI units.

        Returns
        -------
        StationLimits
            The tighter limits.

        Raises
        ------
        LimitError
            One of them would be wider than it is, or has no such name.
        """
        known = {field.name for field in fields(self)}
        for name, value in limits.items():
            if name not in known:
                raise LimitError(f"limits: there is no limit {name!r}; known are {sorted(known)}")
            if wider(value, getattr(self, name)):
                raise LimitError(
                    f"limits: {name} = {value} is wider than the station's {getattr(self, name)};"
                    " a sequence may only tighten it"
                )
        return replace(self, **limits)  # type: ignore[arg-type]  # names were checked above


def wider(value: Limit, standing: Limit) -> bool:
    """Tell whether a limit allows anything that a standing one does not.

    Parameters
    ----------
    value
        A highest magnitude, or lowest and highest.
    standing
        The same of the limit that stands.

    Returns
    -------
    bool
        True too where one is a single number and the other a range, or something is no number.
    """
    if isinstance(value, tuple) and isinstance(standing, tuple):
        return not (value[0] >= standing[0] and value[1] <= standing[1])
    if isinstance(value, tuple) or isinstance(standing, tuple):
        return True
    return not value <= standing
