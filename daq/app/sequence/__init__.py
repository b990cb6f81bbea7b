"""A sequence file as it is edited: its text, what can be said in it, and what is wrong with it."""
