"""What is hidden on a bench of twins: a blind test reads it, and nothing else may."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from daq.simulation import SimulatedBench
from instruments.simulated.device import Device
from instruments.simulated.dsp7265 import DSP7265Twin
from instruments.simulated.keithley6221 import Keithley6221Twin


def hidden_truth(twins: SimulatedBench) -> dict[str, Any]:
    """Return the hidden numbers of sample, wiring and instruments as JSON can hold them.

    Parameters
    ----------
    twins
        The bench.

    Returns
    -------
    dict
        ``sample`` in the units of the sample, ``wiring`` what the wires are in SI units, and
        ``instruments`` the errors of each twin by role.
    """
    bench = twins.bench
    return {
        "format": 1,
        "sample": dict(bench.sample.truth()),
        "wiring": dict(bench.wires()),
        "instruments": {role: _errors(device) for role, device in twins.devices.items()},
    }


def _errors(device: Device) -> Mapping[str, Any]:
    if isinstance(device, DSP7265Twin):
        return {
            name: [value.real, value.imag] if isinstance(value, complex) else value
            for name, value in asdict(device.errors).items()
            if name != "pickup"
        }
    if isinstance(device, Keithley6221Twin):
        return asdict(device.hidden)
    return {}
