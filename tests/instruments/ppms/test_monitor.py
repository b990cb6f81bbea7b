import logging

import pytest

from instruments.errors import CommunicationError, ConfigurationError, InstrumentError
from instruments.ppms.axes import CryostatSettings
from instruments.ppms.cryostat import Cryostat
from instruments.ppms.helium import HeliumRule
from instruments.ppms.setpoints import FieldSetpoint, TemperatureSetpoint
from instruments.ppms.status import FieldStatus, TemperatureStatus


def test_the_poller_samples_once_per_period_and_readers_cost_nothing(cryostat, link, clock):
    link.asked.clear()
    cryostat.start_polling(period=2.0)
    clock.sleep(7.0)
    for _ in range(100):
        assert cryostat.reading.temperature == 300.0
        assert cryostat.age() == pytest.approx(1.0)
    assert link.asked.count("reading") == 3
    cryostat.stop_polling()
    clock.sleep(10.0)
    assert link.asked.count("reading") == 3


def test_failed_polls_are_counted_and_the_last_good_sample_stays(cryostat, link, clock):
    cryostat.start_polling()
    link.failures = [CommunicationError("cut")] * 3
    clock.sleep(4.0)
    assert cryostat.trouble is None
    clock.sleep(2.0)
    assert "3 polls" in cryostat.trouble
    assert "cut" in cryostat.trouble
    assert cryostat.age() == 6.0
    clock.sleep(2.0)
    assert cryostat.trouble is None
    assert cryostat.age() == 0.0


@pytest.mark.parametrize(
    "bad",
    [
        {"temperature": 0.0},
        {"temperature": float("nan")},
        {"temperature": -4.0},
        {"field": float("nan")},
        {"field": 99.0},
        {"angle": float("inf")},
    ],
)
def test_a_bad_sample_never_gets_into_the_cache(cryostat, link, clock, bad):
    cryostat.start_polling()
    link.put(**bad)
    clock.sleep(6.0)
    assert cryostat.reading.time == 0.0
    assert cryostat.trouble is not None


def test_settled_takes_its_own_samples_when_nobody_polls(cryostat, link, clock):
    cryostat.set_field(1.0)
    link.put(field=1.0)
    seconds = 0.0
    while not cryostat.field_settled():
        clock.sleep(0.5)
        seconds += 0.5
        assert seconds < 60.0
    assert seconds >= 5.0


def test_settled_reads_the_cache_while_the_poller_runs(cryostat, link, clock):
    cryostat.start_polling()
    clock.sleep(4.0)
    link.asked.clear()
    for _ in range(50):
        cryostat.temperature_settled()
    assert link.asked == []


def test_what_was_adopted_at_connection_settles_too(cryostat, clock):
    cryostat.start_polling()
    assert not cryostat.temperature_settled()
    clock.sleep(12.0)
    assert cryostat.temperature_settled()


@pytest.mark.parametrize("status", [TemperatureStatus.FAILURE, TemperatureStatus.IMPEDANCE])
def test_a_failed_temperature_control_raises(cryostat, link, clock, status):
    cryostat.start_polling()
    cryostat.set_temperature(10.0)
    link.put(temperature_status=status)
    clock.sleep(4.0)
    with pytest.raises(InstrumentError, match="cannot settle"):
        cryostat.temperature_settled()


def test_a_quench_raises(cryostat, link, clock):
    cryostat.start_polling()
    cryostat.set_field(1.0)
    link.put(field_status=FieldStatus.QUENCH)
    clock.sleep(2.0)
    with pytest.raises(InstrumentError, match="field cannot settle"):
        cryostat.field_settled()


def test_a_failure_from_before_the_set_does_not_raise(cryostat, link, clock):
    link.put(temperature_status=TemperatureStatus.FAILURE)
    cryostat.poll()
    clock.sleep(1.0)
    cryostat.set_temperature(10.0)
    assert not cryostat.temperature_settled()


def test_standby_raises_only_when_it_outlasts_the_latency_of_the_status(cryostat, link, clock):
    cryostat.start_polling()
    link.put(temperature_status=TemperatureStatus.STANDBY)
    clock.sleep(2.0)
    cryostat.set_temperature(10.0)
    clock.sleep(4.0)
    assert not cryostat.temperature_settled()
    clock.sleep(8.0)
    with pytest.raises(InstrumentError):
        cryostat.temperature_settled()


def test_a_driven_magnet_is_not_settled_while_the_leads_may_still_ramp(cryostat, link, clock):
    cryostat.start_polling()
    cryostat.set_field(1e-4)
    link.put(field=1e-4, field_status=FieldStatus.PERSISTENT)
    clock.sleep(40.0)
    assert not cryostat.field_settled()
    link.put(field_status=FieldStatus.HOLDING)
    clock.sleep(6.0)
    assert cryostat.field_settled()


def test_a_persistent_magnet_is_not_settled_while_it_is_driven(cryostat, link, clock):
    cryostat.start_polling()
    cryostat.set_field(1.0, mode="persistent")
    link.put(field=1.0, field_status=FieldStatus.HOLDING)
    clock.sleep(30.0)
    assert not cryostat.field_settled()
    link.put(field_status=FieldStatus.PERSISTENT)
    clock.sleep(6.0)
    assert cryostat.field_settled()


def test_a_foreign_setpoint_is_reported_until_it_is_gone(cryostat, link, clock):
    cryostat.start_polling()
    cryostat.set_field(1.0)
    clock.sleep(10.0)
    assert cryostat.foreign_setpoint is None
    link.field = FieldSetpoint(2.0, 4e-3)
    clock.sleep(10.0)
    assert cryostat.foreign_setpoint == ("field setpoint of the PPMS is 2 T, ours is 1 T")
    link.field = FieldSetpoint(1.0, 4e-3)
    clock.sleep(10.0)
    assert cryostat.foreign_setpoint is None


def test_our_own_set_takes_over_from_a_foreign_one(cryostat, link, clock):
    cryostat.start_polling()
    link.temperature = TemperatureSetpoint(4.0, 0.1)
    clock.sleep(10.0)
    assert "4 K" in cryostat.foreign_setpoint
    cryostat.set_temperature(300.0, rate=0.1)
    assert link.temperature.target == 300.0
    assert cryostat.foreign_setpoint is None


def test_a_foreign_setpoint_can_be_adopted(cryostat, link, clock):
    cryostat.start_polling()
    link.temperature = TemperatureSetpoint(4.0, 0.1)
    clock.sleep(10.0)
    cryostat.adopt()
    assert cryostat.foreign_setpoint is None
    link.put(temperature=4.0)
    clock.sleep(20.0)
    assert cryostat.temperature_settled()


def test_a_setpoint_that_is_never_adopted_raises(cryostat, link, clock):
    cryostat.start_polling()
    link.adopts = False
    cryostat.set_temperature(10.0)
    clock.sleep(20.0)
    assert not cryostat.temperature_settled()
    clock.sleep(20.0)
    with pytest.raises(InstrumentError, match=r"not adopted.*setpoint is 300 K"):
        cryostat.temperature_settled()


def test_a_rate_that_was_clipped_is_worth_a_warning(cryostat, link, clock, caplog):
    link.adopts = False
    cryostat.set_field(1.0, rate=1e-3)
    link.field = FieldSetpoint(1.0, 1.05e-3)
    with caplog.at_level(logging.WARNING):
        cryostat.poll()
    assert "0.00105" in caplog.text


def test_the_helium_level_is_read_rarely_and_a_failure_does_not_spoil_the_sample(
    cryostat, link, clock
):
    cryostat.start_polling()
    clock.sleep(590.0)
    assert link.asked.count("helium") == 1
    assert cryostat.reading.helium == 80.0
    link.helium = lambda: (_ for _ in ()).throw(CommunicationError("old"))
    clock.sleep(100.0)
    assert cryostat.reading.helium == 80.0
    assert cryostat.trouble is None


def test_helium_that_falls_fast_raises_the_alarm(link, clock):
    settings = CryostatSettings(helium_rule=HeliumRule(period=600.0, minimum=50.0, fall=4.0))
    cryostat = Cryostat(link, clock, settings=settings)
    cryostat.start_polling()
    for _ in range(6):
        link.level -= 0.2
        clock.sleep(600.0)
    assert cryostat.helium_alarm is None
    for _ in range(12):
        link.level -= 1.5
        clock.sleep(600.0)
    assert "per hour" in cryostat.helium_alarm
    link.level = 45.0
    clock.sleep(700.0)
    assert "refill" in cryostat.helium_alarm


def test_a_connection_that_fails_is_given_free(link, clock):
    link.failures = [CommunicationError("cut")]
    with pytest.raises(CommunicationError):
        Cryostat(link, clock)
    assert link.closed


def test_leaving_the_context_stops_polling_and_closes(link, clock):
    with Cryostat(link, clock) as cryostat:
        cryostat.start_polling()
    assert link.closed
    link.asked.clear()
    clock.sleep(10.0)
    assert link.asked == []


def test_a_period_must_be_above_zero(cryostat):
    with pytest.raises(ConfigurationError):
        cryostat.start_polling(0.0)


def test_a_moving_sample_is_marked(cryostat, link):
    link.put(temperature_status=TemperatureStatus.NEAR, field_status=FieldStatus.CHARGING)
    assert cryostat.poll().unsteady == ("temperature: near", "field: charging")
