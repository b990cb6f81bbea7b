import pytest
from pymeasure.instruments.keithley import Keithley2700, Keithley2750, KeithleyDAQ6510
from pymeasure.test import expected_protocol

from instruments.errors import CommunicationError, InstrumentError, RefusedError
from instruments.switch import AskOperator, Matrix

CHANNELS = {"contact 1": [101, 102], "contact 2": [103, 104]}
NO_ERROR = (b"SYST:ERR?", b'0,"No error"')
OPENED = [NO_ERROR, (b"*OPT?", b"7709,NONE")]
CLOSED_1 = [(b"ROUTe:MULTiple:CLOSe?", b"(@101,102)"), NO_ERROR]
CLOSED_2 = [(b"ROUTe:MULTiple:CLOSe?", b"(@103,104)"), NO_ERROR]
GO_OVER = [
    (b":ROUTe:OPEN:ALL", None),
    (b"ROUTe:MULTiple:CLOSe (@103, 104)", None),
    NO_ERROR,
]


def test_a_2700_opens_all_channels_before_it_closes_those_of_the_contact_and_compares():
    with expected_protocol(Keithley2700, [*OPENED, *CLOSED_1, *GO_OVER, *CLOSED_2]) as driver:
        matrix = Matrix(driver, CHANNELS)
        assert matrix.contact == "contact 1"
        matrix.connect("contact 2")


def test_a_2700_that_closes_something_else_is_an_error():
    with expected_protocol(
        Keithley2700, [*OPENED, *GO_OVER, *CLOSED_1, *CLOSED_1, *CLOSED_1]
    ) as driver:
        matrix = Matrix(driver, CHANNELS)
        with pytest.raises(InstrumentError, match=r"channels \[101, 102\] are closed"):
            matrix.connect("contact 2")
        assert matrix.contact == "contact 1"


def test_a_contact_without_channels_is_refused_before_anything_is_sent():
    with expected_protocol(Keithley2700, OPENED) as driver:
        with pytest.raises(RefusedError, match="no channels for 'contact 3'"):
            Matrix(driver, CHANNELS).connect("contact 3")


def test_a_2750_is_told_channel_by_channel():
    said = [
        (b":ROUTe:OPEN:ALL", None),
        (b":ROUTe:MULTiple:CLOSe (@103)", None),
        (b":ROUTe:MULTiple:CLOSe (@104)", None),
        (b":ROUTe:CLOSe?", b"(@103,104)"),
        (b":ROUTe:CLOSe?", b"(@103,104)"),
    ]
    with expected_protocol(Keithley2750, said) as driver:
        matrix = Matrix(driver, CHANNELS)
        matrix.connect("contact 2")
        assert matrix.snapshot()["channels"] == "103 104"


def test_a_daq6510_that_cannot_tell_is_believed():
    opened = [(b":ROUT:OPEN (@%d)" % number, None) for number in (101, 102, 103, 104)]
    closed = [(b":ROUT:CLOS (@%d)" % number, None) for number in (103, 104)]
    with expected_protocol(KeithleyDAQ6510, [*opened, *closed]) as driver:
        matrix = Matrix(driver, CHANNELS)
        assert matrix.contact == ""
        matrix.connect("contact 2")
        assert matrix.contact == "contact 2"
        assert matrix.snapshot()["compared"] is False


def test_a_matrix_that_does_not_answer_is_an_error_of_communication():
    class Silent:
        def open_all(self):
            raise OSError("no\nanswer")

        def close(self, channel):
            raise AssertionError("nothing is closed before everything is open")

    with pytest.raises(CommunicationError, match="no answer; which contact is wired is not known"):
        Matrix(Silent(), CHANNELS).connect("contact 1")


def test_without_anybody_to_ask_another_contact_is_refused_and_it_is_said_what_to_do():
    operator = AskOperator("contact 1")
    operator.connect("contact 1")
    with pytest.raises(RefusedError, match="write 'wired: contact 2' under 'switch'"):
        operator.connect("contact 2")
    assert operator.contact == "contact 1"


def test_the_operator_is_believed_and_may_say_no():
    asked = []
    answers = iter([False, True])

    def ask(contact):
        asked.append(contact)
        return next(answers)

    operator = AskOperator("contact 1", ask)
    with pytest.raises(RefusedError, match="'contact 2' has not been wired"):
        operator.connect("contact 2")
    assert operator.contact == "contact 1"
    operator.connect("contact 2")
    assert operator.snapshot() == {"kind": "operator", "contact": "contact 2"}
    assert asked == ["contact 2", "contact 2"]
