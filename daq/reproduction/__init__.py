"""The papers, measured again on virtual samples and compared, row by row."""
