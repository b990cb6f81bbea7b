"""The procedures that a sequence can name."""

from collections.abc import Mapping
from types import MappingProxyType

from procedures.base import StationProcedure
from procedures.bias_spectrum import BiasSpectrum
from procedures.voltage_pulse import VoltagePulse

PROCEDURES: Mapping[str, type[StationProcedure]] = MappingProxyType(
    {procedure.name: procedure for procedure in (BiasSpectrum, VoltagePulse)}
)
