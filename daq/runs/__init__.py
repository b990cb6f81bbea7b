"""Runs: executing one procedure, and its files on disk."""
