"""Whose station it is, and whether it is made of twins, in words."""

from daq.app.gui.campaign_client import CampaignClient
from daq.app.gui.held_station import HeldStation
from daq.config.station import StationConfig
from daq.runs.lock import StationLock


def owned_by(campaign: CampaignClient, config: StationConfig | None) -> bool:
    """Tell whether the campaign that the window follows owns a station."""
    return config is not None and campaign.is_live and campaign.standing.station == config.name


def owner_in_words(
    config: StationConfig | None, campaign: CampaignClient, held: HeldStation
) -> str:
    """Return who owns a station.

    Parameters
    ----------
    config
        The station; None if none is chosen.
    campaign
        That the window follows.
    held
        Who holds it by hand.

    Returns
    -------
    str
        One sentence.
    """
    if config is None:
        return "choose a station"
    if owned_by(campaign, config):
        owner = campaign.standing.owner
        process = "" if owner is None else f", process {owner.pid}"
        what = campaign.standing.what.partition(" (")[0] if campaign.standing.in_step else ""
        what = f", {what}" if what else ""
        return (
            f"owned by the campaign {campaign.standing.title!r}{process}{what}; its latest values,"
            " setting is off"
        )
    if held.phase != "free" or held.words:
        return held.words
    holder = held.there
    if holder is not None:
        return f"held by hand by process {holder.owner.pid}, as by another window; take it to join"
    found = StationLock(config.name).owner()
    if found is not None:
        return f"owned by process {found.pid} on {found.host} ({found.command})"
    return "nobody holds the station; take it to see and to set"


def is_simulated(config: StationConfig) -> bool:
    """Tell whether twins stand in for the instruments of a station."""
    return config.simulated is not None or config.clock is not None


def kind_in_words(config: StationConfig, campaign: CampaignClient) -> str:
    """Return without a doubt whether instruments or twins are meant."""
    if is_simulated(config):
        return f"SIMULATED — station {config.name} is made of twins"
    only = " (only the campaign that is followed is simulated)" if campaign.simulated else ""
    return f"REAL INSTRUMENTS — station {config.name}{only}"
