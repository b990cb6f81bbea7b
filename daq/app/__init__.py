"""The application: commands and reports."""
