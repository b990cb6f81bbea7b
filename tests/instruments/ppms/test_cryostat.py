import pytest

from instruments.errors import (
    CommunicationError,
    ConfigurationError,
    InstrumentError,
    LimitError,
    RefusedError,
)
from instruments.ppms.cryostat import Cryostat
from instruments.ppms.limits import CryostatLimits, MagnetConfiguration
from instruments.ppms.setpoints import AngleSetpoint, FieldSetpoint, TemperatureSetpoint
from instruments.ppms.status import AngleStatus, FieldStatus, TemperatureStatus

MAGNET_14T = MagnetConfiguration(14.0, 0.149, 35.0, (1.0, 1.0), 20.0, 20.0)


def test_connecting_sends_nothing_and_adopts_what_was_set(cryostat, link):
    assert link.sent == []
    cryostat.set_temperature(300.0, rate=0.1)
    assert link.sent == []
    assert cryostat.snapshot()["setpoints"]["field"]["target"] == 0.0


def test_a_set_carries_all_arguments_and_omitted_rates_are_the_limits(cryostat, link):
    cryostat.apply_limits(CryostatLimits(temperature_rate=0.05, field_rate=3e-3, angle_rate=6.0))
    cryostat.set_temperature(10.0, approach="no overshoot")
    cryostat.set_field(1.0, approach="oscillate", mode="persistent")
    cryostat.set_angle(90.0)
    assert link.sent == [
        TemperatureSetpoint(10.0, 0.05, "no overshoot"),
        FieldSetpoint(1.0, 3e-3, "oscillate", "persistent"),
        AngleSetpoint(90.0, 6.0),
    ]


@pytest.mark.parametrize(
    "order",
    [
        lambda c: c.set_temperature(1.0),
        lambda c: c.set_temperature(float("nan")),
        lambda c: c.set_temperature(10.0, rate=1.0),
        lambda c: c.set_temperature(10.0, rate=1e-4),
        lambda c: c.set_field(-9.1),
        lambda c: c.set_field(1.0, rate=0.02),
        lambda c: c.set_field(1.0, rate=5e-4),
        lambda c: c.set_angle(500.0),
        lambda c: c.set_angle(10.0, rate=0.1),
        lambda c: c.set_angle(10.0, rate=50.0),
    ],
)
def test_what_lies_outside_the_limits_is_refused_and_nothing_is_sent(cryostat, link, order):
    with pytest.raises(LimitError):
        order(cryostat)
    assert link.sent == []


def test_a_field_rate_below_the_floor_of_the_hardware_says_so(cryostat):
    with pytest.raises(LimitError, match=r"field rate .* outside 0\.00092 to"):
        cryostat.set_field(1.0, rate=1e-4)


def test_a_rate_equal_to_its_limit_in_other_units_is_allowed(cryostat, link):
    cryostat.set_temperature(10.0, rate=12.0 / 60.0)
    assert len(link.sent) == 1


def test_the_magnet_lowers_the_limits_of_field_and_rate(link, clock):
    link.configuration = MAGNET_14T
    cryostat = Cryostat(link, clock)
    cryostat.apply_limits(CryostatLimits(field=16.0, field_rate=0.02))
    assert pytest.approx(1.0 * 0.149 / 35.0) == MAGNET_14T.rate
    cryostat.set_field(1.0)
    assert link.sent[-1].rate == pytest.approx(MAGNET_14T.rate)
    with pytest.raises(LimitError):
        cryostat.set_field(2.0, rate=0.01)
    with pytest.raises(LimitError):
        cryostat.set_field(15.0)


@pytest.mark.parametrize(
    "limits", [{"temperature": (4.0, 2.0)}, {"field": 0.0}, {"angle": (0.0, float("inf"))}]
)
def test_limits_that_cannot_be_are_refused(limits):
    with pytest.raises(ConfigurationError):
        CryostatLimits(**limits)


def test_an_unknown_word_is_refused(cryostat, link):
    with pytest.raises(ConfigurationError, match="no overshoot"):
        cryostat.set_temperature(10.0, approach="slow")
    with pytest.raises(ConfigurationError, match="persistent"):
        cryostat.set_field(1.0, mode="on")
    assert link.sent == []


def test_a_read_only_cryostat_refuses_every_order(link, clock):
    cryostat = Cryostat(link, clock, read_only=True)
    for order in (
        lambda: cryostat.set_temperature(10.0),
        lambda: cryostat.set_field(1.0),
        lambda: cryostat.set_angle(1.0),
        lambda: cryostat.set_chamber("seal"),
        cryostat.hold,
        cryostat.measure_helium,
        cryostat.shut_down,
    ):
        with pytest.raises(RefusedError, match="read only"):
            order()
    cryostat.make_safe()
    assert link.sent == []


def test_a_small_step_of_the_field_is_a_step(cryostat, link):
    cryostat.set_field(2e-6)
    assert link.sent[-1].target == 2e-6


def test_another_rate_is_sent_on_the_way_but_not_at_the_target(cryostat, link, clock):
    cryostat.set_temperature(10.0, rate=0.1)
    link.put(temperature=200.0, temperature_status=TemperatureStatus.TRACKING)
    clock.sleep(5.0)
    cryostat.poll()
    cryostat.set_temperature(10.0, rate=0.05)
    assert len(link.sent) == 2
    link.put(temperature=10.0, temperature_status=TemperatureStatus.STABLE)
    cryostat.poll()
    cryostat.set_temperature(10.0, rate=0.02)
    assert len(link.sent) == 2


def test_a_setpoint_is_sent_again_after_standby(cryostat, link):
    link.put(temperature_status=TemperatureStatus.STANDBY)
    cryostat.poll()
    cryostat.set_temperature(300.0, rate=0.1)
    assert len(link.sent) == 1


def test_a_rotator_at_rest_in_the_wrong_place_is_sent_again(cryostat, link, clock):
    cryostat.set_angle(90.0)
    cryostat.set_angle(90.0)
    assert len(link.sent) == 1
    clock.sleep(20.0)
    cryostat.poll()
    cryostat.set_angle(90.0)
    assert len(link.sent) == 2


def test_a_set_that_was_lost_on_the_way_is_sent_again_and_one_that_arrived_is_not(cryostat, link):
    link.send_failures = [CommunicationError("cut")]
    cryostat.set_temperature(10.0)
    assert len(link.sent) == 1
    link.adopts = False
    link.send_failures = [CommunicationError("cut")]
    cryostat.set_temperature(20.0)
    assert len(link.sent) == 3


def test_a_set_that_fails_leaves_our_setpoint_as_it_was_and_can_be_repeated(cryostat, link):
    link.adopts = False
    link.send_failures = [CommunicationError("cut"), CommunicationError("cut")]
    with pytest.raises(CommunicationError):
        cryostat.set_temperature(10.0)
    assert cryostat.snapshot()["setpoints"]["temperature"]["target"] == 300.0
    link.adopts = True
    cryostat.set_temperature(10.0)
    assert link.temperature.target == 10.0


def test_holding_at_rest_sends_nothing(cryostat, link):
    cryostat.hold()
    assert link.sent == []


def test_holding_does_not_wake_a_cryostat_in_standby(cryostat, link):
    link.put(temperature=310.0, temperature_status=TemperatureStatus.STANDBY)
    cryostat.hold()
    assert link.sent == []


def test_holding_stops_a_ramp_that_somebody_else_has_started(cryostat, link):
    link.field = FieldSetpoint(5.0, 2e-3, "linear", "persistent")
    link.put(field=0.4, field_status=FieldStatus.CHARGING)
    cryostat.hold()
    assert link.sent == [FieldSetpoint(0.4, 2e-3, "linear", "persistent")]


def test_holding_stops_the_rotator(cryostat, link, clock):
    cryostat.set_angle(90.0)
    clock.sleep(1.0)
    link.put(angle=12.0, angle_status=AngleStatus.MOVING)
    cryostat.hold()
    assert link.sent[-1].target == 12.0


def test_a_hold_is_not_held_to_limits_that_have_shrunk(cryostat, link):
    cryostat.set_field(8.0)
    link.put(field=6.0, field_status=FieldStatus.CHARGING)
    cryostat.apply_limits(CryostatLimits(field=1.0))
    cryostat.hold()
    assert link.sent[-1].target == 6.0


def test_make_safe_takes_the_field_to_zero_and_the_current_out_of_the_leads(cryostat, link):
    cryostat.set_field(3.0)
    link.put(field=1.0, field_status=FieldStatus.CHARGING)
    done = cryostat.make_safe(field="zero", temperature="leave")
    assert (link.field.target, link.field.mode) == (0.0, "persistent")
    assert done == ("field: zero", "rotator: stopped")


def test_make_safe_can_leave_a_steady_field_in_the_magnet(cryostat, link):
    cryostat.set_field(3.0)
    link.put(field=2.9999, field_status=FieldStatus.HOLDING)
    cryostat.make_safe(field="persistent")
    assert (link.field.target, link.field.mode) == (3.0, "persistent")


def test_make_safe_stops_a_ramp_before_it_leaves_the_field_in_the_magnet(cryostat, link):
    cryostat.set_field(3.0)
    link.put(field=1.0, field_status=FieldStatus.CHARGING)
    cryostat.make_safe(field="persistent")
    assert (link.field.target, link.field.mode) == (1.0, "persistent")


@pytest.mark.parametrize("field", ["zero", "persistent"])
def test_make_safe_overrules_a_setpoint_that_somebody_has_just_sent(cryostat, link, field):
    cryostat.set_field(0.0, mode="persistent")
    link.put(field_status=FieldStatus.PERSISTENT)
    link.field = FieldSetpoint(5.0, 2e-3)
    cryostat.make_safe(field=field)
    assert (link.field.target, link.field.mode) == (0.0, "persistent")


def test_a_setpoint_that_somebody_has_just_overruled_is_sent_again(cryostat, link):
    link.temperature = TemperatureSetpoint(4.0, 0.1)
    cryostat.set_temperature(300.0, rate=0.1)
    assert link.temperature.target == 300.0


def test_make_safe_stops_a_ramp_of_somebody_else_too(cryostat, link):
    link.field = FieldSetpoint(5.0, 2e-3)
    cryostat.make_safe(field="persistent")
    assert (link.field.target, link.field.mode) == (0.0, "persistent")
    link.field = FieldSetpoint(5.0, 2e-3)
    link.put(field=0.5, field_status=FieldStatus.CHARGING)
    cryostat.make_safe(field="persistent")
    assert (link.field.target, link.field.mode) == (0.5, "persistent")


def test_make_safe_tries_everything_before_it_raises(cryostat, link):
    cryostat.set_field(3.0)
    cryostat.set_temperature(10.0)
    link.put(
        field=1.0,
        field_status=FieldStatus.CHARGING,
        temperature=200.0,
        temperature_status=TemperatureStatus.TRACKING,
    )
    link.send_failures = [InstrumentError("no")]
    with pytest.raises(ExceptionGroup) as caught:
        cryostat.make_safe(field="hold")
    assert len(caught.value.exceptions) == 1
    assert link.temperature.target == 200.0


def test_a_cold_chamber_is_not_vented(cryostat, link):
    link.put(temperature=4.2)
    with pytest.raises(RefusedError, match="warm up"):
        cryostat.set_chamber("vent and seal")
    cryostat.set_chamber("purge and seal")
    link.put(temperature=298.0)
    cryostat.set_chamber("vent")
    assert link.sent == ["purge and seal", "vent"]


def test_estimates_count_ramp_leads_and_switch(link, clock):
    link.configuration = MAGNET_14T
    link.put(field_status=FieldStatus.PERSISTENT)
    cryostat = Cryostat(link, clock)
    assert cryostat.temperature_time(240.0, rate=0.1) == pytest.approx(670.0)
    assert cryostat.field_time(4.0, rate=4e-3) == pytest.approx(1057.0)
    assert cryostat.field_time(4.0, rate=4e-3, mode="persistent") == pytest.approx(1077.0)


def test_a_snapshot_holds_plain_words_and_numbers(cryostat):
    shot = cryostat.snapshot()
    assert shot["reading"]["temperature_status"] == "stable"
    assert shot["limits"]["field"] == 9.0
    assert shot["settled"]["field"]["absolute"] == 0.5e-3


def test_a_cryostat_without_a_rotator_is_not_turned(cryostat, link):
    link.put(angle=float("nan"), angle_status=AngleStatus.ABSENT)
    cryostat.poll()
    with pytest.raises(ConfigurationError, match="rotator"):
        cryostat.set_angle(10.0)
