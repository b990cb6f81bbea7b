"""The window: the only place that sees Qt; a client that owns no station and no campaign."""
