"""One stream of an adb connection."""

import pytest

from tests.simulated_phone.messages import Message
from tests.simulated_phone.stream import Stream, StreamClosed


def test_no_write_waits_for_a_client_that_is_gone() -> None:
    sent: list[Message] = []
    stream = Stream(sent.append, local_id=1, remote_id=1)
    stream.mark_closed()

    for _ in range(2):
        with pytest.raises(StreamClosed):
            stream.write(b"exit code")

    assert sent == []
