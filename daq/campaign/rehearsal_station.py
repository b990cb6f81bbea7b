"""The station of a rehearsal: the same instruments and limits, but all of them twins."""

from dataclasses import replace

from daq.config.simulated import ClockChoice, SampleChoice, SimulatedConfig
from daq.config.station import StationConfig

RESISTANCE = 100.0
"""Of the resistor in ohm that stands for a sample of which there is no model."""


JUNCTION = 10e6
"""The least of it in ohm where a voltage is applied, and a preamplifier must not be overloaded."""


def rehearsal_station(station: StationConfig, resistance: float = RESISTANCE) -> StationConfig:
    """Return a station of twins by the book, on a virtual clock.

    Parameters
    ----------
    station
        The station on which the sequence will run, real or simulated.
    resistance
        In ohm, of the resistor that is measured if the station file names no sample.

    Returns
    -------
    StationConfig
        Open it with a bench of its own: no lock is taken and no instrument is touched.
    """
    clock = ClockChoice("virtual")
    simulated = station.simulated
    if simulated is None:
        if station.biases_voltage:
            resistance = max(resistance, JUNCTION)
        sample = SampleChoice("resistor", {"resistance": f"{resistance:.12g} ohm"})
        simulated = SimulatedConfig(sample=sample, clock=clock)
    else:
        simulated = simulated.model_copy(update={"clock": clock, "spread": 0.0})
    return replace(station, simulated=simulated, clock=None)


def sample_in_words(station: StationConfig) -> str:
    """Return what a rehearsal measures on a station of twins."""
    if station.simulated is None:
        return "no sample"
    sample = station.simulated.sample
    options = ", ".join(f"{key} {value}" for key, value in sample.options.items())
    return f"{sample.name} ({options})" if options else sample.name
