"""Analysis of measured arrays: frozen results with uncertainties."""
