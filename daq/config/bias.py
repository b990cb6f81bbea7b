"""What a station file says of the bias: how current, or a voltage, reaches the sample."""

from typing import Literal, Self

from pydantic import model_validator

from daq.config.fields import Farads, Model, Ohms, YesNo
from daq.config.problem import UnacceptableError, shown
from daq.config.tunnelling import Converter, Ratio


class BiasConfig(Model):
    """How direct and alternating current, or voltage, reach the sample.

    An ``oscillator`` needs its series resistance in ohm; a blocking capacitor is in F. A
    ``voltage`` needs the divider behind the converter; that behind the oscillator is the same
    unless it is given.
    """

    kind: Literal["oscillator", "waveform", "differential", "voltage"]
    series_resistance: Ohms | None = None
    blocking_capacitor: Farads | None = None
    accept_loading: YesNo = False
    divider: Ratio | None = None
    oscillator_divider: Ratio | None = None
    dac: Converter = 1

    @model_validator(mode="after")
    def _fit_the_kind(self) -> Self:
        if self.kind == "voltage" and self.divider is None:
            advice = "add 'divider', such as 1e-3"
            raise UnacceptableError("no such key", "a ratio", advice, ("divider",))
        if self.kind == "oscillator" and self.series_resistance is None:
            raise UnacceptableError(
                "no such key",
                "a quantity in ohm",
                "add 'series_resistance'",
                ("series_resistance",),
            )
        for key in sorted(self.model_fields_set - {"kind", *_KEYS_OF.get(self.kind, ())}):
            other = "voltage" if key in _KEYS_OF["voltage"] else "oscillator"
            advice = f"remove it or choose 'kind: {other}' instead of {self.kind}"
            raise UnacceptableError(shown(key), "nothing", advice, (key,))
        return self


_KEYS_OF = {
    "oscillator": ("series_resistance", "blocking_capacitor", "accept_loading"),
    "voltage": ("divider", "oscillator_divider", "dac"),
}
"""What may be said of each kind of bias."""
