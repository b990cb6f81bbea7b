"""Runs as files of other programs' formats, with units, remarks and the state of the bench."""
