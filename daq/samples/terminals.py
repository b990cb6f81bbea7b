"""Which terminals a virtual sample has."""

from collections.abc import Mapping


def check_terminals(
    sample: str, terminals: str, source: str, pairs: Mapping[str, tuple[str, ...]]
) -> None:
    """Refuse terminals that a sample does not have.

    Parameters
    ----------
    sample
        Its name, for the message.
    terminals
        Between which a voltage is asked for.
    source
        Through which the current flows.
    pairs
        Terminals of the voltage, by those of the source.

    Raises
    ------
    ValueError
        There are no such terminals.
    """
    if source not in pairs:
        raise ValueError(
            f"sample {sample} has no terminals {source!r} for a source; use one of {sorted(pairs)}"
        )
    if terminals not in pairs[source]:
        raise ValueError(
            f"sample {sample} has no terminals {terminals!r}; use one of {sorted(pairs[source])}"
        )
