import os
import signal

import pytest

from daq.app.terminal import interruptible


def test_control_c_asks_once_and_breaks_off_the_second_time(capsys):
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        with interruptible() as stop:
            assert not stop.is_set()
            os.kill(os.getpid(), signal.SIGINT)
            assert stop.is_set()
            os.kill(os.getpid(), signal.SIGINT)
    assert "again" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) is before
