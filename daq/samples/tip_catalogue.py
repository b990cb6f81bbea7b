"""The virtual samples under a tip, as a station file names them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from daq.samples import crbst_tip as film
from daq.samples import nipb as alloy
from daq.samples import nipb_line as line
from daq.samples import pb111 as lead
from daq.samples import soft_contact
from daq.samples.bi2se3_tip import TIP, bi2se3_tip
from daq.samples.crbst_tip import FilmTipNumbers, crbst_tip
from daq.samples.fete_line import fete_line
from daq.samples.nipb import AlloyNumbers, nipb
from daq.samples.nipb_line import LineNumbers, nipb_line
from daq.samples.pb111 import LeadNumbers, pb111
from daq.samples.truth import Shift, shifted
from instruments.simulated.sample import VirtualSample

Values = Mapping[str, float | int | str]
Maker = Callable[[Values, Shift], VirtualSample]
"""Makes a sample from its options in SI units, and by how much its truth is shifted."""


def _tip(values: Values, shift: Shift) -> VirtualSample:
    return bi2se3_tip(
        str(values.get("metal", "Ag")),
        float(values.get("written", 0.0)),
        shift.angle(float(values.get("axis", 0.0))),
        shifted(TIP, soft_contact.HIDDEN, shift),
    )


def _pb111(_values: Values, shift: Shift) -> VirtualSample:
    return pb111(shifted(LeadNumbers(), lead.HIDDEN, shift))


def _alloy(shift: Shift) -> AlloyNumbers:
    below = shifted(LeadNumbers(), lead.HIDDEN, shift)
    return shifted(AlloyNumbers(lead=below), alloy.HIDDEN, shift)


def _nipb(values: Values, shift: Shift) -> VirtualSample:
    return nipb(str(values.get("site", "bridge")), _alloy(shift))


def _nipb_line(values: Values, shift: Shift) -> VirtualSample:
    numbers = LineNumbers(alloy=_alloy(shift))
    length = float(values.get("decay_length", numbers.decay_length))
    return nipb_line(shifted(replace(numbers, decay_length=length), line.HIDDEN, shift))


def _crbst_tip(values: Values, shift: Shift) -> VirtualSample:
    numbers = shifted(FilmTipNumbers(), film.HIDDEN, shift)
    return crbst_tip(int(values.get("m", numbers.closing_layers)), numbers)


def _fete_line(_values: Values, shift: Shift) -> VirtualSample:
    return fete_line(shifted(FilmTipNumbers(), film.HIDDEN, shift))


TIPS: Mapping[str, Maker] = MappingProxyType(
    {
        "bi2se3_tip": _tip,
        "pb111": _pb111,
        "nipb": _nipb,
        "nipb_line": _nipb_line,
        "crbst_tip": _crbst_tip,
        "fete_line": _fete_line,
    }
)
