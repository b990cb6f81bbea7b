"""Simulated instruments that answer the same bytes as the real ones."""
