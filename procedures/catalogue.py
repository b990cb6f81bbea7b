"""The procedures that a sequence can name."""

from collections.abc import Mapping
from types import MappingProxyType

from procedures.angle_sweep import AngleSweep
from procedures.base import StationProcedure
from procedures.bias_spectrum import BiasSpectrum
from procedures.calibrate import Calibrate
from procedures.calibrate_tunnel import CalibrateTunnel
from procedures.contact_check import ContactCheck
from procedures.field_loop import FieldLoop
from procedures.heating_check import HeatingCheck
from procedures.temperature_ramp import TemperatureRamp
from procedures.thermal_cycle import ThermalCycle
from procedures.tunnel_spectrum import TunnelSpectrum
from procedures.voltage_pulse import VoltagePulse
from procedures.zero_bias import ZeroBias

PROCEDURES: Mapping[str, type[StationProcedure]] = MappingProxyType(
    {
        procedure.name: procedure
        for procedure in (
            BiasSpectrum,
            VoltagePulse,
            TemperatureRamp,
            ThermalCycle,
            FieldLoop,
            AngleSweep,
            Calibrate,
            ContactCheck,
            HeatingCheck,
            TunnelSpectrum,
            CalibrateTunnel,
            ZeroBias,
        )
    }
)
