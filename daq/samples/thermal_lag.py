"""How a sample follows the block that it sits on."""

import math

COLD_LAG, WARM_LAG = 3.0, 20.0
"""Time constants in s at 4 K and below, and at 300 K and above (assumed)."""
COLD, WARM = 4.0, 300.0
SETTLED = 1e-5
"""Relative difference of the temperatures below which the sample has followed."""


def time_constant(temperature: float) -> float:
    """Return the time constant in s at a temperature of the block in K (assumed)."""
    warmth = min(1.0, max(0.0, (temperature - COLD) / (WARM - COLD)))
    return COLD_LAG + (WARM_LAG - COLD_LAG) * warmth


def followed(sample: float, block: float, seconds: float) -> float:
    """Return the temperature of the sample after it has followed the block for a time.

    Exact, whatever the length of the step: the time constant is that of the block.

    Parameters
    ----------
    sample
        Temperature of the sample in K.
    block
        Temperature of the block in K, which is constant meanwhile.
    seconds
        How long, in s.

    Returns
    -------
    float
        In K.
    """
    return block + (sample - block) * math.exp(-seconds / time_constant(block))


def settled(sample: float, block: float) -> bool:
    """Tell whether the sample has followed, for all that one could measure."""
    return abs(sample - block) <= SETTLED * block
