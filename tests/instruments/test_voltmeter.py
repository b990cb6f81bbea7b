import math

import pytest
from pymeasure.instruments.keithley import Keithley2182
from pymeasure.test import expected_protocol

from instruments.errors import CommunicationError
from instruments.voltmeter import Adc1, Nanovoltmeter

SET_UP = [
    (b":INIT:CONT OFF", None),
    (b":SENS:CHAN 1;:SENS:FUNC 'VOLT';:SENS:VOLT:NPLC 5.0;", None),
    (b":SENS:VOLT:RANG:AUTO 1", None),
    (b"SYST:ERR?", b'0,"No error"'),
]


class Lockin:
    adc1 = 2.0


def test_adc_1_is_divided_by_the_gain_of_the_preamplifier():
    assert Adc1(Lockin(), gain=-1000.0).read() == pytest.approx(-2e-3)


def test_an_overloaded_adc_1_is_not_a_number():
    lockin = Lockin()
    lockin.adc1 = -10.0
    assert math.isnan(Adc1(lockin, gain=1000.0).read())


def test_a_2182a_reads_its_first_channel():
    with expected_protocol(Keithley2182, [*SET_UP, (b":READ?", b"-1.25E-6")]) as driver:
        assert Nanovoltmeter(driver, 5.0).read() == pytest.approx(-1.25e-6)


def test_an_overflow_of_a_2182a_is_not_a_number():
    with expected_protocol(Keithley2182, [*SET_UP, (b":READ?", b"+9.9E37")]) as driver:
        assert math.isnan(Nanovoltmeter(driver, 5.0).read())


def test_a_2182a_that_says_nonsense_is_an_error_of_communication():
    with expected_protocol(Keithley2182, [*SET_UP, (b":READ?", b"what")]) as driver:
        meter = Nanovoltmeter(driver, 5.0)
        with pytest.raises(CommunicationError, match="gives no reading"):
            meter.read()
