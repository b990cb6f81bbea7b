import math

import pytest

from instruments.errors import CommunicationError, RefusedError
from instruments.ppms.answers import parse_setpoints, parse_state
from instruments.ppms.multivu import MultiVu
from instruments.ppms.status import (
    FIELD_WORDS,
    TEMPERATURE_WORDS,
    AngleStatus,
    ChamberStatus,
    FieldStatus,
    TemperatureStatus,
)


@pytest.fixture
def cryostat(server, clock):
    return MultiVu(clock=clock, open_stream=server.open)


def test_a_sample_is_in_si_units_with_the_words_of_the_server_kept(cryostat, server):
    server.answers["FIELD?"] = "5000.0,Oe,Ramping"
    reading = cryostat.poll()
    assert (reading.temperature, reading.angle) == (300.0, 12.5)
    assert reading.field == pytest.approx(0.5)
    assert reading.temperature_status is TemperatureStatus.STABLE
    assert reading.field_status is FieldStatus.CHARGING
    assert reading.angle_status is AngleStatus.STOPPED
    assert reading.chamber_status is ChamberStatus.PURGED
    assert reading.code == 0x1161
    assert reading.raw == "Stable; Ramping; Transport stopped at set point; Purged and Sealed"
    assert cryostat.helium() is None


def test_orders_are_in_the_units_of_the_server(cryostat, server):
    cryostat.set_temperature(10.0, rate=0.05, approach="no overshoot")
    cryostat.set_field(-0.5, rate=2e-3, approach="oscillate", mode="persistent")
    cryostat.set_angle(90.0, rate=12.0)
    cryostat.set_chamber("purge and seal")
    orders = [(a, q) for a, q in server.requests if q]
    assert orders == [
        ("TEMP", "10.000000,3.000000,1"),
        ("FIELD", "-5000.0000,20.0000,2,0"),
        ("POSITION", "90.0000,12.0000"),
        ("CHAMBER", "1"),
    ]


def test_a_rate_that_the_server_ignores_is_worth_a_warning(cryostat, caplog):
    cryostat.set_angle(90.0, rate=3.0)
    assert "no say in the rate" in caplog.text


def test_connecting_changes_nothing(cryostat, server):
    assert all(action.endswith("?") or action == "START" for action in server.actions())


def test_there_is_no_standby_and_no_helium_meter_over_multivu(cryostat, server):
    server.answers["FIELD?"] = "0.0,Oe,Stable"
    with pytest.raises(RefusedError, match="in MultiVu itself"):
        cryostat.shut_down()
    with pytest.raises(RefusedError, match="no helium level"):
        cryostat.measure_helium()


@pytest.mark.parametrize(
    "answer",
    [
        "(nan, nan, 0, 1),Oe,Call was successful",
        "MultiPyVuError: No field set point has been established.",
    ],
)
def test_setpoints_that_the_server_does_not_know_yet_are_no_obstacle(server, clock, answer):
    server.answers["FIELD_SETPOINTS?"] = answer
    cryostat = MultiVu(clock=clock, open_stream=server.open)
    cryostat.set_field(1.0)
    assert cryostat.snapshot()["setpoints"]["field"]["target"] == 1.0


def test_a_station_without_a_rotator_does_not_ask_for_it(server, clock):
    cryostat = MultiVu(clock=clock, open_stream=server.open, rotator=False)
    assert "POSITION?" not in server.actions()
    assert math.isnan(cryostat.reading.angle)
    assert cryostat.reading.angle_status is AngleStatus.ABSENT


def test_one_bad_answer_is_asked_again_over_a_new_session(cryostat, server):
    answers = ["0.0,timed out", "300.0,K,Stable"]
    server.answers = {**server.answers}
    connections = server.connections
    original = server.serve

    def serve(body):
        if body["action"] == "TEMP?" and not body.get("message_type") and answers:
            server.answers["TEMP?"] = answers.pop(0)
        return original(body)

    server.serve = serve
    assert cryostat.poll().temperature == 300.0
    assert server.connections == connections + 1


@pytest.mark.parametrize(
    "answer",
    [
        "0.0,K,Stable",
        "nan,K,Stable",
        "inf,K,Stable",
        "-1.0,K,Stable",
        "300.0,Oe,Stable",
        "300.0,K,Contemplating",
        "0.0,Error: not connected",
        "three hundred,K,Stable",
        "",
    ],
)
def test_an_answer_that_cannot_be_true_is_no_reading(answer):
    with pytest.raises(CommunicationError):
        parse_state("TEMP?", answer, "K", TEMPERATURE_WORDS)


def test_a_field_of_zero_is_a_reading():
    value, (code, status), word = parse_state("FIELD?", "0.0,Oe,Stable", "Oe", FIELD_WORDS)
    assert (value, code, status, word) == (0.0, 1, FieldStatus.PERSISTENT, "Stable")


@pytest.mark.parametrize(
    "answer", ["300.0,K,ok", "(300.0, 1.0),K,ok", "(300.0, 1.0, 0),Oe,ok", "(a, 1.0, 0),K,ok", ""]
)
def test_setpoints_that_cannot_be_true_are_refused(answer):
    with pytest.raises(CommunicationError):
        parse_setpoints("TEMP_SETPOINTS?", answer, "K", 3)


def test_the_approach_of_a_foreign_setpoint_must_be_known(server, clock):
    server.answers["TEMP_SETPOINTS?"] = "(300.0, 1.0, 7),K,ok"
    with pytest.raises(CommunicationError, match="7 is no code"):
        MultiVu(clock=clock, open_stream=server.open)
