"""Configuration: quantities with units, strict YAML with line numbers, and the station file."""
