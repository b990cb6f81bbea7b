import pytest

from instruments.errors import CommunicationError, InstrumentError
from instruments.ppms.session import MultiVuSession


@pytest.fixture
def session(server, clock):
    return MultiVuSession(server.open, clock)


def test_a_question_is_asked_confirmed_and_answered(session, server):
    assert session.ask("TEMP?") == "300.0,K,Stable"
    assert server.actions() == ["START", "TEMP?"]
    assert server.confirmed == server.ids
    assert session.version == "3.8.0;s;t"


def test_replies_in_single_bytes_are_put_together(session, server):
    server.piece = 1
    assert session.ask("FIELD?") == "0.0,Oe,Holding (driven)"


def test_a_request_that_is_not_confirmed_is_sent_again_with_the_same_id(session, server):
    session.ask("TEMP?")
    server.drop_requests = 2
    session.ask("FIELD?")
    assert server.actions() == ["START", "TEMP?", "FIELD?", "FIELD?", "FIELD?"]
    assert len(set(server.ids[2:])) == 1
    assert server.times[3] - server.times[2] == pytest.approx(1.5)


def test_an_answer_without_a_confirmation_is_still_an_answer(session, server):
    server.drop_confirmations = 1
    assert session.ask("TEMP?") == "300.0,K,Stable"


def test_a_server_that_is_silent_is_given_up_after_three_tries_and_a_new_session(
    session, server, clock
):
    session.ask("TEMP?")
    server.mute = True
    with pytest.raises(CommunicationError, match="does not confirm START"):
        session.ask("TEMP?")
    assert server.actions()[2:] == ["TEMP?"] * 3 + ["START"] * 2
    assert clock.now() < 12.0
    server.mute = False
    assert session.ask("TEMP?") == "300.0,K,Stable"


def test_a_reply_with_another_id_is_never_data(session, server):
    session.ask("TEMP?")
    server.before = lambda request: [
        {**request, "id": "other", "result": "4.2,K,Stable", "message_type": "completed"}
    ]
    assert session.ask("TEMP?") == "300.0,K,Stable"
    assert "other" in server.confirmed


def test_a_reply_to_another_action_ends_the_session(session, server):
    session.ask("TEMP?")
    replies = [[{"action": "FIELD?", "message_type": "completed", "result": "1,Oe,Stable"}]]
    server.before = lambda request: [
        {**request, **reply} for reply in (replies.pop() if replies else [])
    ]
    assert session.ask("TEMP?") == "300.0,K,Stable"
    assert server.connections == 2


def test_an_error_of_the_server_ends_the_session_and_a_new_one_is_opened(session, server):
    server.answers["TEMP?"] = "MultiPyVuError: status 0"
    with pytest.raises(CommunicationError, match="status 0"):
        session.ask("TEMP?")
    assert server.connections == 2
    server.answers["TEMP?"] = "300.0,K,Stable"
    assert session.ask("TEMP?") == "300.0,K,Stable"
    assert server.connections == 3


def test_an_order_is_sent_once_and_a_refusal_is_an_error_of_the_instrument(session, server):
    server.answers["CHAMBER"] = "MultiPyVuError: no"
    with pytest.raises(InstrumentError, match="refused") as caught:
        session.order("CHAMBER", "1")
    assert not isinstance(caught.value, CommunicationError)
    assert server.actions().count("CHAMBER") == 1


def test_a_command_that_the_server_does_not_know_is_refused(session, server):
    server.answers["LEVEL"] = "The command 'LEVEL' has not been implemented."
    with pytest.raises(InstrumentError, match="not been implemented"):
        session.order("LEVEL", "")


def test_an_order_that_is_answered_by_something_else_is_an_error(session, server):
    server.answers["TEMP"] = "FIELD Command Received"
    with pytest.raises(InstrumentError, match="look at MultiVu"):
        session.order("TEMP", "1,1,0")


def test_the_server_of_another_cryostat_is_refused(session, server):
    server.start = "Connected to DYNACOOL MultiVuServer at ('127.0.0.1', 27183)"
    with pytest.raises(CommunicationError, match="expected the MultiPyVu server of a PPMS"):
        session.ask("TEMP?")


def test_a_stream_that_breaks_is_replaced(session, server):
    session.ask("TEMP?")

    def broken(_timeout):
        raise ConnectionResetError("reset")

    session._stream.receive = broken  # noqa: SLF001 (the test breaks the wire)
    assert session.ask("TEMP?") == "300.0,K,Stable"
    assert server.connections == 2


def test_closing_a_session_that_was_never_opened_says_nothing(session, server):
    session.close()
    assert server.requests == []


def test_closing_never_raises_even_if_the_server_is_silent(session, server):
    session.ask("TEMP?")
    server.mute = True
    session.close()
    assert server.actions()[-1] == "CLOSE"
    assert server.closed == 1
