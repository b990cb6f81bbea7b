"""Both transports against the twin that others wrote: days at the cryostat in a moment."""

from collections.abc import Callable

import numpy as np
import pytest

from instruments.clock import ScaledClock, VirtualClock
from instruments.errors import CommunicationError, InstrumentError
from instruments.ppms.cryostat import Cryostat
from instruments.ppms.model6000 import Model6000
from instruments.ppms.multivu import MultiVu
from instruments.simulated import model6000 as gpib
from instruments.simulated.connections import LinePort
from instruments.simulated.multivu import MultiVuServer, MultiVuStream
from instruments.simulated.ppms import PpmsTwin
from instruments.simulated.ppms_options import PpmsOptions
from instruments.simulated.server import serve
from instruments.simulated.visa import SimulatedVisaLibrary
from instruments.waiting import drive, settle


@pytest.fixture(params=[0.0, 0.2], ids=["by the book", "another cryostat"])
def twin(request, clock, generator) -> PpmsTwin:
    return PpmsTwin(clock, generator, PpmsOptions(spread=request.param))


@pytest.fixture(params=["Model6000", "MultiVu"])
def cryostat(request, twin, clock, generator) -> Cryostat:
    if request.param == "MultiVu":
        server = MultiVuServer(twin)
        return MultiVu(clock=clock, open_stream=lambda: MultiVuStream(server, clock))
    device = gpib.Model6000(twin, generator)
    library = SimulatedVisaLibrary.serving([device], clock)
    return Model6000(device.resource, clock=clock, visa_library=library)


def reach(cryostat: Cryostat, clock: VirtualClock, quantity: str, timeout: float = 7200.0) -> float:
    began = clock.now()
    story = settle(clock, getattr(cryostat, f"{quantity}_settled"), quantity, timeout=timeout)
    drive(story, clock, stopped=lambda: False, handle=lambda _event: None)
    return clock.now() - began


def test_temperature_field_and_angle_settle_where_the_truth_is(cryostat, twin, clock):
    cryostat.start_polling()
    for temperature, field, angle in ((280.0, 0.2, 30.0), (281.0, -0.1, 29.0)):
        cryostat.set_temperature(temperature)
        cryostat.set_field(field)
        cryostat.set_angle(angle)
        reach(cryostat, clock, "temperature")
        truth = twin.condition(clock.now()).temperature  # a reading has noise of 2e-4 on top
        assert truth == pytest.approx(temperature, rel=2.1e-4)
        assert cryostat.reading.temperature == pytest.approx(temperature, rel=6.1e-4)
        for quantity in ("field", "angle"):
            reach(cryostat, clock, quantity)
        assert cryostat.trouble is None
        assert cryostat.foreign_setpoint is None
        assert cryostat.reading.field == pytest.approx(field, abs=0.5e-3)
        assert cryostat.reading.angle == pytest.approx(angle, abs=0.1)
        condition = twin.condition(clock.now())
        assert condition.temperature == pytest.approx(temperature, abs=0.1)
        assert condition.field == pytest.approx(field, abs=0.015)


def test_a_cold_temperature_is_reached_past_the_pot(cryostat, twin, clock):
    cryostat.start_polling()
    cryostat.set_temperature(2.0)
    estimate = cryostat.temperature_time(2.0)
    assert reach(cryostat, clock, "temperature", 40_000.0) > 0.8 * estimate
    assert twin.condition(clock.now()).temperature == pytest.approx(2.0, abs=0.02)


def test_the_field_settles_persistent_and_comes_back_from_there(cryostat, clock):
    cryostat.start_polling()
    cryostat.set_field(0.1, mode="persistent")
    reach(cryostat, clock, "field")
    assert cryostat.reading.unsteady == ()
    cryostat.set_field(0.15, mode="driven")
    estimate = cryostat.field_time(0.15)
    assert reach(cryostat, clock, "field") == pytest.approx(estimate, rel=0.7)
    assert cryostat.reading.field == pytest.approx(0.15, abs=0.5e-3)


def test_a_hold_stops_the_magnet_where_it_is(cryostat, clock):
    cryostat.start_polling()
    cryostat.set_field(1.0)
    clock.sleep(120.0)
    cryostat.hold()
    stopped = cryostat.reading.field
    assert 0.0 < stopped < 1.0
    reach(cryostat, clock, "field")
    assert cryostat.reading.field == pytest.approx(stopped, abs=0.03)


def test_make_safe_takes_the_field_to_zero(cryostat, twin, clock):
    cryostat.start_polling()
    cryostat.set_field(0.2)
    clock.sleep(60.0)
    cryostat.make_safe()
    reach(cryostat, clock, "field")
    assert cryostat.reading.field == pytest.approx(0.0, abs=0.5e-3)


@pytest.mark.parametrize(
    ("fault", "quantity"),
    [("quench", "field"), ("failure", "temperature"), ("impedance_error", "temperature")],
)
def test_a_failure_of_the_cryostat_ends_the_wait(cryostat, twin, clock, fault, quantity):
    cryostat.start_polling()
    cryostat.set_field(1.0)
    cryostat.set_temperature(250.0)
    clock.sleep(60.0)
    getattr(twin.faults, fault)()
    clock.sleep(6.0)
    with pytest.raises(InstrumentError) as caught:
        reach(cryostat, clock, quantity, 600.0)
    assert "cannot settle" in str(caught.value)


def test_a_hand_at_the_front_panel_is_noticed(cryostat, twin, clock):
    cryostat.start_polling()
    twin.set_temperature(200.0, 5.0, 0)
    clock.sleep(30.0)
    assert "200" in cryostat.foreign_setpoint


FAULTS: dict[str, Callable[[PpmsTwin], None]] = {
    "stale": lambda twin: twin.faults.stale_reply(),
    "truncated": lambda twin: twin.faults.truncated_reply(),
    "missing": lambda twin: twin.faults.missing_reply(),
    "garbled": lambda twin: twin.faults.garbled_reply(),
    "late": lambda twin: twin.faults.late_reply(4.0),
    "not fresh": lambda twin: twin.faults.not_fresh(2),
    "no confirmation": lambda twin: twin.faults.drop_confirmation(2),
    "lost request": lambda twin: twin.faults.drop_request(2),
    "vanished": lambda twin: twin.faults.drop_connection(),
    "unknown status": lambda twin: twin.faults.transient_zero(),
    "zero": lambda twin: twin.faults.zero_reading(),
    "unconfirmed": lambda twin: twin.faults.set_point_unconfirmed(),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_on_the_line_never_gets_into_the_data_and_passes(cryostat, twin, clock, fault):
    cryostat.start_polling()
    cryostat.set_field(0.05)
    seen = []
    for _ in range(40):
        FAULTS[fault](twin)
        clock.sleep(5.0)
        seen.append((cryostat.reading.temperature, cryostat.reading.field, cryostat.reading.angle))
        assert cryostat.reading.temperature == pytest.approx(300.0, abs=0.5)
    twin.faults.repair()
    clock.sleep(20.0)
    assert cryostat.trouble is None
    assert cryostat.age() <= 2.5
    reach(cryostat, clock, "field")
    assert np.all(np.diff([field for _, field, _ in seen]) > -1e-3)  # no old value on the ramp


def test_orders_get_through_faults_on_the_line(cryostat, twin, clock):
    cryostat.start_polling()
    faults = list(FAULTS.values())
    for number in range(60):
        target = 0.01 + 0.001 * number
        faults[number % len(faults)](twin)
        try:
            cryostat.set_field(target)
        except CommunicationError:
            twin.faults.repair()
            cryostat.set_field(target)
        twin.faults.repair()
        clock.sleep(5.0)
    reach(cryostat, clock, "field")
    assert cryostat.reading.field == pytest.approx(0.069, abs=0.5e-3)


def test_standby_behind_our_back_is_told(cryostat, twin, clock):
    cryostat.start_polling()
    cryostat.set_temperature(250.0)
    clock.sleep(30.0)
    twin.faults.standby()
    with pytest.raises(InstrumentError, match="cannot settle"):
        reach(cryostat, clock, "temperature", 3600.0)


@pytest.mark.parametrize("driver", ["Model6000", "MultiVu"])
def test_a_cryostat_over_tcp_runs_a_hundred_times_as_fast_as_life(driver, generator):
    clock = ScaledClock(scale=100.0)
    twin = PpmsTwin(clock, generator)
    lines = [LinePort("ppms", gpib.Model6000(twin, generator), b";")]
    with serve(lines, clock, multivu=MultiVuServer(twin)) as servers:
        if driver == "MultiVu":
            cryostat: Cryostat = MultiVu("127.0.0.1", servers.ports["multivu"], clock=clock)
        else:
            resource = f"TCPIP::127.0.0.1::{servers.ports['ppms']}::SOCKET"
            cryostat = Model6000(resource, clock=clock, visa_library="@py")
        cryostat.start_polling()
        cryostat.set_field(0.01)
        story = settle(clock, cryostat.field_settled, "field", timeout=1000.0)
        drive(story, clock, stopped=lambda: False, handle=lambda _event: None)
        assert cryostat.reading.field == pytest.approx(0.01, abs=0.5e-3)
        assert cryostat.trouble is None
        cryostat.close()
    clock.close()


def test_the_session_is_given_free_for_the_next_client(twin, clock):
    server = MultiVuServer(twin)

    def connect() -> MultiVu:
        return MultiVu(clock=clock, open_stream=lambda: MultiVuStream(server, clock))

    first = connect()
    with pytest.raises(CommunicationError, match="serves another client"):
        connect()
    first.close()
    connect().close()


def test_what_nobody_has_set_stays_settled_while_it_is_watched(cryostat, clock):
    cryostat.start_polling()
    clock.sleep(60.0)
    judged = []
    for _ in range(30):
        clock.sleep(2.0)
        judged.append(cryostat.angle_settled() and cryostat.field_settled())
    assert all(judged)
