"""Coldpoint: low-temperature transport measurements."""
