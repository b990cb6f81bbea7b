import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.errors import DesynchronisedError
from instruments.ppms.frames import FrameReader, Message, encode

TEXT = st.text(max_size=40)
MESSAGES = st.lists(
    st.builds(
        Message,
        id=TEXT,
        action=TEXT,
        query=TEXT,
        result=TEXT,
        type=st.sampled_from(["", "confirmed", "completed"]),
    ),
    max_size=4,
)


@given(messages=MESSAGES, size=st.integers(min_value=1, max_value=50))
def test_frames_survive_any_cutting(messages, size):
    data = b"".join(encode(message) for message in messages)
    reader = FrameReader()
    found = []
    for start in range(0, len(data), size):
        found += reader.feed(data[start : start + size])
    assert found == messages


def test_a_frame_is_two_bytes_of_length_a_header_and_a_body():
    data = encode(Message("1", "TEMP?"))
    length = int.from_bytes(data[:2], "big")
    header = json.loads(data[2 : 2 + length])
    assert header["message-length"] == len(data) - 2 - length
    assert json.loads(data[2 + length :]) == {
        "id": "1",
        "action": "TEMP?",
        "query": "",
        "result": "",
    }


@pytest.mark.parametrize(
    "header", [b"{not json}", b"[]", b'{"message-length": -1}', b'{"message-length": "9"}', b"{}"]
)
def test_bytes_that_are_no_frame_are_refused(header):
    with pytest.raises(DesynchronisedError):
        FrameReader().feed(len(header).to_bytes(2, "big") + header + b"     ")


@given(data=st.binary(max_size=200))
def test_garbage_never_raises_anything_else(data):
    with contextlib.suppress(DesynchronisedError):
        FrameReader().feed(data)
