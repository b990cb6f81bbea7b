"""Virtual samples of the papers."""
