"""A run on a known resistor on disk, as a calibration."""

from daq.analysis import calibration, tunnel_calibration
from daq.runs.files import Run
from instruments.calibration import Calibration
from instruments.errors import ConfigurationError
from instruments.status import Status
from instruments.tunnel_calibration import KIND, TunnelCalibration

PROCEDURE, TUNNEL_PROCEDURE = "calibrate", "calibrate_tunnel"


def calibration_of(run: Run) -> Calibration | TunnelCalibration:
    """Fit a run on a known resistor; rows that are marked bad are left out.

    Parameters
    ----------
    run
        Of the procedure calibrate, or calibrate_tunnel.

    Returns
    -------
    Calibration or TunnelCalibration
        With one standard error for every value.

    Raises
    ------
    ConfigurationError
        It is a run of something else, or not whole, or says nothing reliable.
    """
    if run.procedure not in (PROCEDURE, TUNNEL_PROCEDURE):
        raise ConfigurationError(
            f"calibrate: {run.path} is a run of {run.procedure or 'something else'}, expected one"
            f" of {PROCEDURE}, or {TUNNEL_PROCEDURE} where a voltage is applied; measure a known"
            " resistor with it first"
        )
    if run.outcome != "finished":
        raise ConfigurationError(
            f"calibrate: {run.path} ended as {run.outcome!r}, expected 'finished'; measure it anew"
        )
    data = run.good_data
    rows = {str(name): data[name].to_numpy() for name in data}
    bad = sum(bool(int(status) & (Status.OVERLOAD | Status.UNLOCKED)) for status in rows["Status"])
    if bad:
        raise ConfigurationError(
            f"calibrate: {bad} of {run.rows} readings of {run.path} were overloaded or had no"
            " reference, expected none; measure it anew with less excitation"
        )
    started, contact = run.metadata.get("started", ""), run.metadata.get("contact", "")
    try:
        if run.procedure == TUNNEL_PROCEDURE:
            return tunnel_calibration.calibrate_tunnel(rows, date=started, contact=contact)
        return calibration.calibrate(rows, date=started, contact=contact)
    except ValueError as problem:
        raise ConfigurationError(f"calibrate: {run.path}: {problem}; measure it anew") from None


def scale_error_of(run: Run) -> float:
    """Return the relative error that a calibration left in the voltages of a run.

    Parameters
    ----------
    run
        Of a tunnel spectrum.

    Returns
    -------
    float
        One sigma; 0 where the station had no calibration of a voltage: then nobody knows.
    """
    found = run.document.get("snapshot", {}).get("calibration", {})
    if found.get("kind") != KIND:
        return 0.0
    return TunnelCalibration.from_summary(found).scale_error
