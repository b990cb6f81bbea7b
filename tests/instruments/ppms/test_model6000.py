import pytest
from pyvisa.constants import StatusCode

from instruments.errors import (
    CommunicationError,
    ConfigurationError,
    DesynchronisedError,
    LimitError,
)
from instruments.ppms.model6000 import Model6000
from instruments.ppms.replies import parse_items, parse_level, slow_code
from instruments.ppms.status import FieldStatus, TemperatureStatus, pack, unpack
from instruments.simulated.visa import SimulatedVisaLibrary


def connect(device, clock, **settings) -> Model6000:
    library = SimulatedVisaLibrary.serving([device], clock)
    return Model6000(device.resource, clock=clock, visa_library=library, **settings)


def asked_for_items(model6000):
    """Return the questions for a sample; those for the setpoints follow at every poll."""
    return [command for command in model6000.received if command.startswith("GETDAT?")]


@pytest.fixture
def cryostat(model6000, clock):
    return connect(model6000, clock)


def test_one_query_gives_one_combined_sample(cryostat, model6000):
    model6000.items |= {0: 4449.0, 2: 5000.0}
    model6000.received.clear()
    reading = cryostat.poll()
    assert asked_for_items(model6000) == ["GETDAT? 15"]
    assert reading.temperature == 300.0
    assert reading.field == pytest.approx(0.5)
    assert reading.angle == 12.5
    assert reading.field_status is FieldStatus.CHARGING
    assert (reading.code, reading.raw) == (4449, "4449")


def test_connecting_sends_questions_only(cryostat, model6000):
    assert all(command.split()[0].endswith("?") for command in model6000.received)
    assert cryostat.magnet.field == pytest.approx(14.0)
    assert cryostat.magnet.rate == pytest.approx(42.57e-4, rel=1e-3)


def test_orders_are_decimal_numbers_in_the_units_of_the_instrument(cryostat, model6000):
    model6000.received.clear()
    cryostat.set_temperature(10.0, rate=0.05, approach="no overshoot")
    cryostat.set_field(-0.5, rate=2e-3, approach="no overshoot", mode="persistent")
    cryostat.set_angle(90.0, rate=4.0)
    cryostat.set_chamber("high vacuum")
    orders = [command for command in model6000.received if "?" not in command]
    assert orders == [
        "TEMP 10.00000 3.00000 1",
        "FIELD -5000.0000 20.0000 1 0",
        "MOVE 90.0000 0 10",
        "CHAMBER 5",
    ]


@pytest.mark.parametrize(("rate", "code"), [(12.0, 0), (50.0, 0), (11.9, 1), (4.0, 10), (0.8, 14)])
def test_the_slow_code_never_turns_faster_than_asked(rate, code):
    assert slow_code(rate) == code


def test_a_rotator_cannot_turn_slower_than_its_slowest_code():
    with pytest.raises(LimitError):
        slow_code(0.5)


def test_values_that_are_not_fresh_are_asked_for_again(cryostat, model6000):
    answers = [{1, 2, 3}, {2}, set()]

    def spoil(query, reply):
        model6000.stale_items = answers.pop(0) if answers else set()
        return reply

    model6000.spoil = spoil
    model6000.stale_items = {1}
    model6000.received.clear()
    assert cryostat.poll().temperature == 300.0
    assert asked_for_items(model6000) == ["GETDAT? 15"] * 4


def test_values_that_are_never_fresh_are_a_failure(cryostat, model6000):
    model6000.stale_items = {1}
    with pytest.raises(CommunicationError, match="no fresh values"):
        cryostat.poll()


def test_an_instrument_that_is_one_reply_behind_is_brought_back(cryostat, model6000):
    model6000.late("10.0,3.0,0;")
    assert cryostat.poll().temperature == 300.0
    model6000.received.clear()
    cryostat.poll()
    assert asked_for_items(model6000) == ["GETDAT? 15"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda query, reply: None,
        lambda query, reply: reply[: len(reply) // 2],
        lambda query, reply: "\x00garbage;",
        lambda query, reply: reply.replace("300", "3o0"),
    ],
)
def test_a_reply_that_stays_bad_raises_and_leaves_the_cache(cryostat, model6000, spoil):
    before = cryostat.reading
    model6000.spoil = spoil
    with pytest.raises(CommunicationError):
        cryostat.poll()
    assert cryostat.reading is before
    model6000.spoil = lambda query, reply: reply
    cryostat.poll()


def test_a_reply_that_is_cut_within_a_number_is_noticed_by_its_missing_end(cryostat, model6000):
    cut = [True]

    def spoil(query, reply):
        return reply[:-2] if cut and cut.pop() else reply

    model6000.items[3] = 123.0
    model6000.spoil = spoil
    assert cryostat.poll().angle == 123.0


def test_an_old_reply_with_the_right_mask_is_known_by_its_time_stamp(cryostat, model6000):
    replies = []
    model6000.spoil = lambda query, reply: replies.append(reply) or reply
    cryostat.poll()
    old = [replies[-1]]
    model6000.items[2] = 5000.0
    model6000.spoil = lambda query, reply: old.pop() if old else reply
    assert cryostat.poll().field == pytest.approx(0.5)


def test_an_instrument_that_has_nothing_newer_is_believed(cryostat, model6000):
    cryostat.poll()
    last = f"15,{model6000.time},4417,300.0,0.0,12.5;"
    model6000.spoil = lambda query, reply: last if query.startswith("GETDAT?") else reply
    assert cryostat.poll().temperature == 300.0


def test_replies_without_a_semicolon_are_understood(model6000, clock):
    model6000.spoil = lambda query, reply: reply.removesuffix(";")
    assert connect(model6000, clock).reading.temperature == 300.0


def test_an_order_that_is_not_adopted_is_noticed(cryostat, model6000, clock):
    model6000.place = lambda text: None
    cryostat.set_temperature(10.0)
    clock.sleep(40.0)
    with pytest.raises(Exception, match="not adopted"):
        cryostat.temperature_settled()


def test_the_thermometer_at_the_sample_comes_with_the_same_query(model6000, clock):
    cryostat = connect(model6000, clock, sample_thermometer=23)
    assert cryostat.reading.sample_temperature == 299.5
    model6000.stale_items = {23}
    assert cryostat.poll().sample_temperature is None


def test_a_rotator_in_other_units_is_refused_at_connection(model6000, clock):
    model6000.answers["MOVECFG?"] = "0,1,6750,1"
    library = SimulatedVisaLibrary.serving([model6000], clock)
    closed = []
    library.close = lambda session: closed.append(session) or StatusCode.success
    with pytest.raises(ConfigurationError, match="not in degrees") as caught:
        Model6000(model6000.resource, clock=clock, visa_library=library)
    assert caught.tb is not None  # it keeps the resource alive: closed by order, not by chance
    assert closed
    cryostat = connect(model6000, clock, rotator=False)
    assert "GETDAT? 7" in model6000.received
    assert cryostat.reading.angle != cryostat.reading.angle


def test_a_magnet_that_tells_nothing_leaves_the_limits_to_the_station(model6000, clock):
    original = model6000.spoil
    model6000.spoil = lambda query, reply: None if query == "MAGCNF?" else original(query, reply)
    assert connect(model6000, clock).magnet is None


def test_an_empty_address_says_what_to_look_at(clock):
    library = SimulatedVisaLibrary.serving([], clock)
    with pytest.raises(CommunicationError, match="whether MultiVu is closed"):
        Model6000("GPIB0::15::INSTR", clock=clock, visa_library=library)


def test_a_mask_of_another_question_is_refused():
    assert parse_items([5.0, 1.0, 4369.0, 10.0], 15) == {0: 4369.0, 2: 10.0}
    assert parse_items([0.0, 1.0], 15) == {}
    for numbers in ([19.0, 1.0, 1.0, 2.0, 3.0], [15.0, 1.0, 1.0], [-1.0, 1.0], [1.5, 1.0, 2.0]):
        with pytest.raises(DesynchronisedError):
            parse_items(numbers, 15)


def test_a_helium_level_that_cannot_be_is_asked_for_again():
    assert parse_level([71.5, 0.0]) == 71.5
    for level in (0.0, -3.0, 250.0):
        with pytest.raises(DesynchronisedError):
            parse_level([level, 1.0])


def test_packing_the_status_and_unpacking_it_agree():
    assert unpack(pack(14, 11, 7, 9)) == (14, 11, 7, 9)
    assert pack(1, 1, 1, 1) == 4369


def test_a_code_that_is_not_in_the_table_is_unknown(cryostat, model6000):
    model6000.items[0] = float(pack(3, 1, 1, 1))
    assert cryostat.poll().temperature_status is TemperatureStatus.UNKNOWN
