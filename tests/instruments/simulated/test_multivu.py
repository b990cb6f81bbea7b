"""The MultiPyVu protocol without sockets: frames, sessions, words, and what can go wrong."""

import json
import struct
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.clock import VirtualClock
from instruments.simulated.multivu import MultiVuServer, MultiVuStream, installed_version
from instruments.simulated.multivu_frames import FrameError, FrameReader, encode
from instruments.simulated.ppms import PpmsTwin
from instruments.simulated.ppms_motion import Latency
from instruments.simulated.ppms_options import PpmsOptions
from instruments.simulated.ppms_temperature_course import TemperatureOptions

OPTIONS = replace(
    PpmsOptions.at(temperature=10.0, field=1.0, angle=16.0),
    temperature=TemperatureOptions(
        noise=0.0, noise_below_ten=0.0, drift=0.0, latency=Latency(2.0, 4.0, 0.0, 0.0)
    ),
)


class Talk:
    """The three-way exchange of a client."""

    def __init__(self, server, clock):
        self.stream = MultiVuStream(server, clock)
        self.reader = FrameReader()
        self.bodies = []
        self.count = 0

    def send(self, action, query=""):
        self.count += 1
        body = {"id": f"{self.count}", "action": action, "query": query, "result": ""}
        self.stream.send(encode(body))

    def next(self, timeout=1.0):
        while not self.bodies:
            data = self.stream.receive(timeout)
            if not data:
                return None
            self.bodies += self.reader.feed(data)
        return self.bodies.pop(0)

    def ask(self, action, query="", timeout=1.0):
        self.send(action, query)
        confirmed = self.next(timeout)
        assert confirmed["message_type"] == "confirmed"
        completed = self.next(timeout)
        if completed is None:
            return None
        assert completed["message_type"] == "completed"
        assert completed["id"] == confirmed["id"] == f"{self.count}"
        self.stream.send(encode({**completed, "message_type": "confirmed"}))
        self.query = completed["query"]
        return completed["result"]


@pytest.fixture
def clock():
    return VirtualClock()


@pytest.fixture
def twin(clock):
    return PpmsTwin(clock, np.random.default_rng(1), OPTIONS)


@pytest.fixture
def server(twin):
    return MultiVuServer(twin)


@pytest.fixture
def client(server, clock):
    talk = Talk(server, clock)
    talk.ask("START")
    return talk


def test_a_frame_is_a_length_a_header_and_a_body():
    frame = encode({"action": "TEMP?"})
    (length,) = struct.unpack(">H", frame[:2])
    header = json.loads(frame[2 : 2 + length])
    body = frame[2 + length :]
    assert header["message-length"] == len(body)
    assert header["message-type"] == "text/json"
    assert header["message-encoding"] == "utf-8"
    assert header["byteorder"] in {"little", "big"}
    assert json.loads(body) == {"action": "TEMP?"}


@given(
    st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=9)), max_size=5),
    st.integers(1, 50),
)
def test_frames_survive_being_cut_into_pieces_of_any_length(bodies, size):
    data = b"".join(encode(body) for body in bodies)
    reader = FrameReader()
    found = []
    for start in range(0, len(data), size):
        found += reader.feed(data[start : start + size])
    assert found == bodies


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x02[]",
        b"\x00\x02{}",
        b"\x00\x04\xff\xfe\xfd\xfc",
        encode({}).replace(b'": 2}', b'":-2}'),
        encode({})[:-2] + b"}{",
    ],
)
def test_bytes_that_are_no_frame_are_refused(data):
    with pytest.raises(FrameError):
        FrameReader().feed(data)


def test_bytes_that_are_no_frame_end_the_session(client):
    client.stream.send(b"\x00\x05hello")
    with pytest.raises(ConnectionResetError, match="connect again"):
        client.stream.receive(1.0)


def test_start_greets_with_version_and_flavour(server, clock):
    talk = Talk(server, clock)
    result = talk.ask("START")
    assert result.startswith("Connected to PPMS MultiVuServer at (")
    assert talk.query.split(";")[0] == "3.8.0"


def test_the_version_can_be_that_of_the_installed_package():
    assert installed_version() == "3.8.0"


def test_a_second_client_is_turned_away_until_the_first_has_closed(client, server, clock):
    second = Talk(server, clock)
    assert second.ask("START").startswith("Connection attempt rejected from")
    with pytest.raises(ConnectionResetError):
        second.stream.receive(1.0)
    assert client.ask("TEMP?") == "10.0,K,Stable"
    assert client.ask("CLOSE") == ""
    assert Talk(server, clock).ask("START").startswith("Connected to PPMS")


def test_a_client_that_has_gone_frees_its_place(client, server, clock):
    client.stream.close()
    assert Talk(server, clock).ask("START").startswith("Connected to PPMS")


def test_alive_and_status_need_no_start_and_end_the_connection(server, client, clock):
    for word, result in (("ALIVE", ""), ("STATUS", "idle")):
        other = Talk(server, clock)
        assert other.ask(word) == result
        assert other.query == word
        with pytest.raises(ConnectionResetError):
            other.stream.receive(1.0)
    assert client.ask("STATUS") == "connected"
    assert client.ask("ALIVE") == ""


def test_anybody_may_send_exit_and_the_server_stops(server, client, clock):
    Talk(server, clock).ask("EXIT")
    assert not server.running
    with pytest.raises(ConnectionResetError):
        client.stream.receive(1.0)
    with pytest.raises(ConnectionRefusedError):
        MultiVuStream(server, clock)


def test_readings_have_value_unit_and_word(client):
    assert client.ask("TEMP?") == "10.0,K,Stable"
    assert client.ask("FIELD?") == "10000.0,Oe,Stable"
    assert client.ask("CHAMBER?") == "0.0,,Purged and Sealed"
    assert client.ask("POSITION?") == "16.0,Deg,Transport stopped at set point"


def test_set_points_are_the_last_that_were_set(client):
    assert client.ask("TEMP", "20.0,6.0,1") == "TEMP Command Received"
    assert client.ask("TEMP_SETPOINTS?") == "(20.0, 6.0, 1),K,Call was successful"
    assert client.ask("FIELD", "1000.0,40.0,0,1") == "FIELD Command Received"
    assert client.ask("FIELD_SETPOINTS?") == "(1000.0, 40.0, 0, 1),Oe,Call was successful"


def test_right_after_a_set_the_old_point_is_still_stable(client, clock):
    client.ask("TEMP", "20.0,6.0,0")
    assert client.ask("TEMP?") == "10.0,K,Stable"
    clock.elapse(30.0)
    assert client.ask("TEMP?").endswith("K,Tracking")


@pytest.mark.parametrize(
    ("action", "subsystem", "codes"),
    [
        ("TEMP?", "temperature", {1, 2, 5, 6, 7, 10, 13, 14, 15}),
        ("FIELD?", "magnet", set(range(16)) - {13}),
        ("CHAMBER?", "chamber", {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 14, 15}),
    ],
)
def test_every_code_has_a_word_or_ends_the_session(server, clock, action, subsystem, codes):
    for code in range(16):
        server.twin.faults.force_status(subsystem, code)
        talk = Talk(server, clock)
        talk.ask("START")
        result = talk.ask(action)
        assert result.startswith("MultiPyVuError: ") == (code not in codes)
        talk.stream.close()


def test_the_magnet_codes_read_as_another_family_of_cryostats_would(client, twin):
    for code, word in ((6, "Ramping"), (7, "Ramping"), (8, "Resetting"), (11, "Quenching")):
        twin.faults.force_status("magnet", code)
        assert client.ask("FIELD?").endswith(f",Oe,{word}")


def test_the_position_moves_as_long_as_the_counts_differ(client, clock):
    assert client.ask("POSITION", "32.0,1.0") == "POSITION Command Received"
    assert client.ask("POSITION?").endswith("Transport moving toward set point")
    clock.elapse(10.0)
    assert client.ask("POSITION?") == "32.0,Deg,Transport stopped at set point"


def test_a_position_beyond_the_travel_moves_nothing_without_an_error(client, clock):
    assert client.ask("POSITION", "500.0,1.0") == "POSITION Command Received"
    clock.elapse(60.0)
    assert client.ask("POSITION?") == "16.0,Deg,Transport stopped at set point"


def test_an_unknown_action_is_not_implemented(client):
    assert client.ask("LEVEL?") == "The command 'LEVEL?' has not been implemented."
    assert client.ask("TEMP?") == "10.0,K,Stable"


@pytest.mark.parametrize(
    ("action", "query"), [("TEMP", "x,1,0"), ("FIELD", "1,2"), ("WAITFOR?", "4")]
)
def test_an_error_ends_the_session(client, action, query):
    assert client.ask(action, query).startswith("MultiPyVuError: ")
    with pytest.raises(ConnectionResetError):
        client.ask("TEMP?")


def test_nothing_is_done_for_a_client_that_has_not_started(server, clock):
    talk = Talk(server, clock)
    assert talk.ask("TEMP", "20,6,0").startswith("MultiPyVuError: ")
    assert server.twin.block.setpoint[0] == 10.0


def test_a_request_takes_about_two_milliseconds(client, clock):
    began = clock.now()
    client.send("TEMP?")
    client.next()
    client.next()
    assert clock.now() - began == pytest.approx(2e-3)


def test_a_receive_with_nothing_to_say_lets_its_time_pass(client, clock):
    began = clock.now()
    assert client.stream.receive(3.0) == b""
    assert clock.now() - began == pytest.approx(3.0)


def test_asking_whether_all_is_settled_costs_a_tick(client, clock):
    began = clock.now()
    assert client.ask("WAITFOR?", "3") == "1,,Call was successful"
    assert clock.now() - began == pytest.approx(0.3, abs=0.01)
    client.ask("TEMP", "20.0,6.0,0")
    clock.elapse(20.0)
    assert client.ask("WAITFOR?", "1") == "0,,Call was successful"


def test_waiting_blocks_the_server_until_all_is_settled(client, server, clock):
    client.ask("TEMP", "12.0,6.0,1")
    clock.elapse(20.0)
    began = clock.now()
    client.send("WAITFOR", "5.0,0,1")
    other = Talk(server, clock)
    other.send("STATUS")
    assert other.next(4.0) is None
    client.next()
    assert client.next(3600.0)["result"] == "WAITFOR Command Received,0"
    assert 60.0 < clock.now() - began < 300.0
    assert other.next()["message_type"] == "confirmed"


def test_waiting_needs_two_settled_looks_in_a_row(client, clock):
    began = clock.now()
    assert client.ask("WAITFOR", "0,0,3", timeout=10.0) == "WAITFOR Command Received,0"
    assert clock.now() - began == pytest.approx(0.6, abs=0.01)


def test_waiting_times_out_with_a_code(client, clock):
    client.ask("TEMP", "300.0,6.0,1")
    clock.elapse(20.0)
    began = clock.now()
    assert client.ask("WAITFOR", "0,10,1", timeout=60.0) == "WAITFOR Command Received,258"
    assert clock.now() - began == pytest.approx(10.0, abs=0.5)


@pytest.mark.parametrize("code", [10, 13, 14, 15])
def test_a_failed_temperature_counts_as_settled(client, twin, code):
    twin.faults.force_status("temperature", code)
    assert client.ask("WAITFOR?", "1").startswith("1")


def test_a_field_step_within_half_a_percent_counts_as_reached(client):
    client.ask("FIELD", "10040.0,40.0,0,0")
    assert client.ask("WAITFOR?", "2").startswith("1")


def test_waiting_for_the_chamber_looks_at_the_last_command(client, clock):
    client.ask("CHAMBER", "1")
    clock.elapse(20.0)
    assert client.ask("WAITFOR?", "8").startswith("0")
    clock.elapse(600.0)
    assert client.ask("WAITFOR?", "8").startswith("1")


def test_a_set_point_that_is_not_reported_back_is_unconfirmed_after_two_seconds(
    client, twin, clock
):
    twin.faults.set_point_unconfirmed()
    began = clock.now()
    result = client.ask("TEMP", "20.0,6.0,0", timeout=5.0)
    assert result == "TEMP Command Received,SET_POINT_UNCONFIRMED"
    assert clock.now() - began == pytest.approx(2.0, abs=0.01)
    assert client.ask("TEMP", "500.0,6.0,0", timeout=5.0).endswith(",SET_POINT_UNCONFIRMED")


def test_a_dropped_confirmation_leaves_only_the_answer(client, twin):
    twin.faults.drop_confirmation()
    client.send("TEMP?")
    assert client.next()["message_type"] == "completed"


def test_a_dropped_request_is_never_answered_but_the_next_one_is(client, twin):
    twin.faults.drop_request()
    client.send("TEMP?")
    assert client.next(1.0) is None
    assert client.ask("TEMP?") == "10.0,K,Stable"


def test_a_vanishing_server_ends_the_connection_and_can_be_reached_again(client, server, clock):
    server.twin.faults.drop_connection()
    client.send("TEMP?")
    with pytest.raises(ConnectionResetError):
        client.stream.receive(1.0)
    assert Talk(server, clock).ask("START").startswith("Connected to PPMS")


def test_a_foreign_client_on_the_server_turns_us_away_until_it_goes(twin, server, clock):
    twin.faults.second_client = True
    assert Talk(server, clock).ask("START").startswith("Connection attempt rejected")
    twin.faults.repair()
    assert Talk(server, clock).ask("START").startswith("Connected")


def test_a_zero_reading_passes_as_data(client, twin):
    twin.faults.zero_reading()
    assert client.ask("TEMP?") == "0.0,K,Stable"


def test_a_transient_zero_is_an_error_for_the_temperature(client, twin):
    twin.faults.transient_zero()
    assert client.ask("TEMP?").startswith("MultiPyVuError: ")


def test_replies_can_be_lost_late_truncated_or_stale(client, twin, clock):
    twin.faults.missing_reply()
    assert client.ask("TEMP?") is None
    twin.faults.late_reply(5.0)
    began = clock.now()
    assert client.ask("TEMP?", timeout=10.0) == "10.0,K,Stable"
    assert clock.now() - began == pytest.approx(5.0, abs=0.01)
    twin.faults.stale_reply()
    client.send("FIELD?")
    client.next()
    assert client.next()["id"] == str(client.count - 1)
    twin.faults.truncated_reply()
    client.send("TEMP?")
    client.next()
    assert client.next(1.0) is None


def test_requests_that_arrive_in_one_piece_or_many_are_all_answered(client):
    frames = b"".join(
        encode({"id": name, "action": "TEMP?", "query": "", "result": ""}) for name in "abc"
    )
    client.stream.send(frames[:100])
    client.stream.send(frames[100:])
    answered = [client.next() for _ in range(6)]
    assert {body["id"] for body in answered} == {"a", "b", "c"}
