import io
from datetime import UTC, datetime, timedelta

from rich.console import Console

from daq.app.progress import CampaignProgress, left_in_words
from daq.campaign.forecast import Forecast
from instruments.clock import VirtualClock
from instruments.station import Station
from instruments.waiting import Progress


def test_what_is_left_is_told_with_the_time_of_the_end():
    now = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
    ends = (now + timedelta(hours=3, minutes=12)).astimezone()
    assert left_in_words(timedelta(hours=3, minutes=12), now) == (
        f"3:12:00 left, ends {ends:%a %H:%M}"
    )


def test_the_bars_show_what_is_left_once_it_is_foreseen():
    clock = VirtualClock()
    console = Console(file=io.StringIO(), force_terminal=True, width=160)
    forecast = Forecast(clock, lambda: 300.0, [{"temperature": 3600.0}])
    with CampaignProgress(1, console) as progress:
        progress.announce(0, "temperature to 10 K")
        progress.offer(Progress(0.0), 0)
        progress.foreseen(forecast, Station("twins", clock, {}, None))
        progress.offer(Progress(0.1), 0)
    assert "1:00:00 left, ends" in console.file.getvalue()
