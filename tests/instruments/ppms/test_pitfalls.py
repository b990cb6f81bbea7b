"""One test per known pitfall, by the number it has in the list of them."""

import threading

import numpy as np
import pytest

from instruments.clock import SystemClock
from instruments.errors import (
    CommunicationError,
    InstrumentError,
    LimitError,
    NotSettledError,
    RefusedError,
)
from instruments.ppms.axes import CryostatSettings
from instruments.ppms.cryostat import Cryostat
from instruments.ppms.helium import HeliumRule
from instruments.ppms.model6000 import Model6000
from instruments.ppms.multivu import MultiVu
from instruments.ppms.session import MultiVuSession
from instruments.ppms.setpoints import FieldSetpoint
from instruments.ppms.status import (
    FIELD_CODES,
    FIELD_WORDS,
    FieldStatus,
    TemperatureStatus,
)
from instruments.simulated.visa import SimulatedVisaLibrary
from instruments.waiting import Stop, drive, settle


def over_gpib(device, clock, **settings) -> Model6000:
    library = SimulatedVisaLibrary.serving([device], clock)
    return Model6000(device.resource, clock=clock, visa_library=library, **settings)


def test_pitfall_1_a_setter_is_never_read_and_a_wrong_mask_is_drained_asked_again_then_raised(
    model6000, clock
):
    cryostat = over_gpib(model6000, clock)
    reads = []
    original = model6000.read
    model6000.read = lambda: reads.append(len(model6000.received)) or original()
    model6000.received.clear()
    cryostat.set_temperature(10.0)
    assert model6000.received[0].startswith("TEMP ")
    assert 1 not in reads  # nothing was read between the setter and the next query
    assert "*IDN?" not in model6000.received
    wrong = ["19,1.0,4417,300.0,1.0;"]
    model6000.spoil = lambda query, reply: wrong.pop() if wrong else reply
    model6000.items[1] = 299.0
    assert cryostat.poll().temperature == 299.0
    model6000.spoil = lambda query, reply: "19,1.0,4417,300.0,1.0;"
    with pytest.raises(CommunicationError, match="another reply"):
        cryostat.poll()


def test_pitfall_2_one_lock_one_poller_and_a_cached_sample_with_its_age(link):
    clock = SystemClock()
    busy, overlaps = threading.Lock(), []

    def reading(now, original=link.reading):
        if not busy.acquire(blocking=False):
            overlaps.append(now)
            return original(now)
        try:
            clock.sleep(0.002)
            return original(now)
        finally:
            busy.release()

    link.reading = reading
    cryostat = Cryostat(link, clock)
    cryostat.start_polling(period=0.003)
    threads = [
        threading.Thread(target=lambda: [cryostat.poll() for _ in range(20)]) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cryostat.stop_polling()
    clock.close()
    assert overlaps == []
    asked = len(link.asked)
    assert cryostat.reading.temperature == 300.0
    assert cryostat.age() >= 0.0
    assert len(link.asked) == asked


def test_pitfall_3_only_a_real_change_is_sent_and_always_with_all_arguments(cryostat, link, clock):
    cryostat.set_field(1.0, rate=2e-3, mode="persistent")
    assert link.sent == [FieldSetpoint(1.0, 2e-3, "linear", "persistent")]
    link.put(field=0.5, field_status=FieldStatus.CHARGING)
    clock.sleep(10.0)
    cryostat.poll()
    cryostat.set_field(1.0, rate=2e-3, mode="persistent")
    link.put(field=1.0, field_status=FieldStatus.PERSISTENT)
    cryostat.poll()
    cryostat.set_field(1.0, rate=2e-3, mode="persistent")
    cryostat.set_field(1.0, rate=1e-3, approach="no overshoot", mode="persistent")
    assert len(link.sent) == 1  # no cycle of leads and switch for nothing
    cryostat.set_field(1.0, rate=2e-3, mode="driven")
    assert len(link.sent) == 2


def test_pitfall_4_settled_is_our_own_judgement_with_failures_time_out_and_abort(
    cryostat, link, clock
):
    cryostat.start_polling()
    cryostat.set_temperature(10.0)
    clock.sleep(60.0)  # the status says stable all the time, at 300 K
    assert not cryostat.temperature_settled()
    link.put(temperature=10.0)
    clock.sleep(8.0)
    assert not cryostat.temperature_settled()  # the dwell is not over
    clock.sleep(6.0)
    assert cryostat.temperature_settled()
    cryostat.set_field(9.0)
    link.put(field=8.96, field_status=FieldStatus.HOLDING)  # within the vendor's 0.5 %
    story = settle(clock, cryostat.field_settled, "field", timeout=300.0)
    with pytest.raises(NotSettledError):
        drive(story, clock, stopped=lambda: False, handle=lambda _event: None)
    link.put(field_status=FieldStatus.CURRENT_ERROR)
    clock.sleep(2.0)
    with pytest.raises(InstrumentError, match="cannot settle"):
        cryostat.field_settled()
    endless = settle(clock, cryostat.temperature_settled, "temperature", timeout=1e9)
    link.put(temperature=11.0)
    clock.sleep(2.0)
    with pytest.raises(Stop):
        drive(endless, clock, stopped=lambda: clock.now() > 1000.0, handle=lambda _event: None)


def test_pitfall_5_a_setpoint_must_be_adopted_before_it_can_settle(server, clock):
    cryostat = MultiVu(clock=clock, open_stream=server.open)
    cryostat.start_polling()
    server.answers["TEMP"] = "TEMP Command Received,SET_POINT_UNCONFIRMED"
    late = server.completed

    def completed(body):
        before = server.answers["TEMP_SETPOINTS?"]
        reply = late(body)
        server.answers["TEMP_SETPOINTS?"] = before
        return reply

    server.completed = completed
    cryostat.set_temperature(300.01)
    clock.sleep(25.0)
    assert not cryostat.temperature_settled()  # the reading is there, the setpoint is not
    server.answers["TEMP_SETPOINTS?"] = "(300.01, 12.0, 0),K,Call was successful"
    clock.sleep(3.0)
    assert cryostat.temperature_settled()
    assert server.actions().count("TEMP") == 1


def test_pitfall_6_zero_kelvin_nan_and_words_not_in_the_table_are_failures_not_data(server, clock):
    cryostat = MultiVu(clock=clock, open_stream=server.open)
    good = cryostat.reading
    for answer in ("0.0,K,Stable", "nan,K,Stable", "300.0,K,Rebooting", "0.0,Timeout"):
        server.answers["TEMP?"] = answer
        with pytest.raises(CommunicationError):
            cryostat.poll()
        assert cryostat.reading is good


def test_pitfall_7_limits_are_checked_here_and_come_from_the_magnet_not_from_a_constant(
    model6000, clock
):
    cryostat = over_gpib(model6000, clock)
    model6000.received.clear()
    for order in (
        lambda: cryostat.set_temperature(500.0),
        lambda: cryostat.set_temperature(10.0, rate=1.0),
        lambda: cryostat.set_field(1.0, rate=200e-4),
        lambda: cryostat.set_field(14.5),
        lambda: cryostat.set_angle(500.0),
    ):
        with pytest.raises(LimitError):
            order()
    assert model6000.received == []
    model6000.answers["MAGCNF?"] = "140000,1490,70,1.0,1.0,20,20"
    slower = over_gpib(model6000, clock)
    with pytest.raises(LimitError, match="field rate"):
        slower.set_field(1.0, rate=40e-4)
    cryostat.set_field(1.0, rate=40e-4)


def test_pitfall_8_stopping_aims_at_the_present_value_between_old_and_new_target(
    cryostat, link, clock
):
    cryostat.set_temperature(10.0)
    cryostat.set_field(2.0)
    clock.sleep(30.0)
    link.put(
        temperature=9.7,
        temperature_status=TemperatureStatus.CHASING,
        field=0.8,
        field_status=FieldStatus.CHARGING,
    )
    cryostat.hold()
    assert link.temperature.target == 10.0  # undershot: not below the target
    assert (link.field.target, link.field.mode) == (0.8, "driven")
    cryostat.set_temperature(200.0)
    link.put(temperature=9.0, temperature_status=TemperatureStatus.TRACKING)
    cryostat.hold()
    assert link.temperature.target >= 9.7


def test_pitfall_9_the_end_of_a_run_says_what_becomes_of_the_field(cryostat, link, clock):
    cryostat.set_field(2.0, mode="driven")
    link.put(field=2.0, field_status=FieldStatus.HOLDING)
    with pytest.raises(RefusedError, match="standby"):
        cryostat.shut_down()
    cryostat.make_safe(field="hold")
    assert len(link.sent) == 1
    cryostat.make_safe(field="persistent")
    assert (link.field.target, link.field.mode) == (2.0, "persistent")
    cryostat.make_safe(field="zero")
    assert (link.field.target, link.field.mode) == (0.0, "persistent")
    link.put(field=0.0, field_status=FieldStatus.HOLDING)
    with pytest.raises(RefusedError, match="persistent"):
        cryostat.shut_down()
    link.put(field=0.5e-4, field_status=FieldStatus.PERSISTENT)
    cryostat.shut_down()
    assert link.sent[-1] == "shut down"


def test_pitfall_10_the_client_leaves_a_gap_never_waits_for_and_closes_its_session(server, clock):
    server.piece = 3
    cryostat = MultiVu(clock=clock, open_stream=server.open, gap=0.005)
    cryostat.set_field(1.0)
    for _ in range(10):
        cryostat.poll()
    gaps = np.diff(server.times)
    assert gaps.min() >= 0.005 - 1e-12
    cryostat.close()
    assert server.actions()[-1] == "CLOSE"
    assert server.closed == server.connections
    assert not {"WAITFOR", "WAITFOR?", "EXIT"} & set(server.actions())
    server.start = "Connection attempt rejected from ('10.0.0.1', 5000)"
    with pytest.raises(CommunicationError, match="serves another client"):
        MultiVuSession(server.open, clock).ask("TEMP?")


def test_pitfall_11_oersted_and_kelvin_per_minute_stay_inside_and_codes_keep_their_family(
    server, model6000, clock
):
    multivu = MultiVu(clock=clock, open_stream=server.open)
    gpib = over_gpib(model6000, clock)
    for cryostat in (multivu, gpib):
        cryostat.set_field(1.0, rate=2e-3)
        cryostat.set_temperature(10.0, rate=0.1)
    assert ("FIELD", "10000.0000,20.0000,0,1") in server.requests
    assert ("TEMP", "10.000000,6.000000,0") in server.requests
    assert "FIELD 10000.0000 20.0000 0 1" in model6000.received
    assert "TEMP 10.00000 6.00000 0" in model6000.received
    assert multivu.snapshot()["setpoints"] != {}
    assert FIELD_CODES[8] is FieldStatus.CURRENT_ERROR
    assert FIELD_WORDS["Resetting"] == (8, FieldStatus.RESETTING)


def test_pitfall_12_helium_is_read_rarely_switched_on_on_purpose_and_watched_by_trend(
    model6000, clock
):
    rule = HeliumRule(period=600.0, minimum=50.0, fall=4.0)
    cryostat = over_gpib(model6000, clock, settings=CryostatSettings(helium_rule=rule))
    cryostat.start_polling()
    for _ in range(50):
        cryostat.helium()
    clock.sleep(500.0)
    assert model6000.received.count("LEVEL?") == 1
    assert not any(command.startswith("LEVELON") for command in model6000.received)
    cryostat.measure_helium()
    assert model6000.received[-1] == "LEVELON 0"
    for level in (70.0, 68.0, 66.0, 64.0, 62.0):
        model6000.answers["LEVEL?"] = f"{level},1"
        clock.sleep(600.0)
    assert cryostat.reading.helium > rule.minimum
    assert "falls" in cryostat.helium_alarm


def test_pitfall_13_block_and_sample_thermometer_are_both_recorded_and_unsteady_points_marked(
    model6000, clock
):
    cryostat = over_gpib(model6000, clock, sample_thermometer=23)
    assert (cryostat.reading.temperature, cryostat.reading.sample_temperature) == (300.0, 299.5)
    assert cryostat.reading.unsteady == ()
    marks = {0x1145: "near", 0x1146: "chasing", 0x5141: "moving"}
    for code, word in marks.items():
        model6000.items[0] = float(code)
        (mark,) = cryostat.poll().unsteady
        assert word in mark
