"""The pages of the window, in the order of the navigation; see `daq.app.gui.page` to add one."""

from typing import Final

from daq.app.gui.browser_page import BrowserPage
from daq.app.gui.campaign_page import CampaignPage
from daq.app.gui.live_page import LivePage
from daq.app.gui.page import Page
from daq.app.gui.queue_page import QueuePage
from daq.app.gui.sequence_page import SequencePage
from daq.app.gui.start_page import StartPage
from daq.app.gui.station_page import StationPage

PAGES: Final[tuple[type[Page], ...]] = (
    StartPage,
    StationPage,
    SequencePage,
    QueuePage,
    CampaignPage,
    LivePage,
    BrowserPage,
)
