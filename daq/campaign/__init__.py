"""Campaigns: sequences of steps, carried out and resumed."""
