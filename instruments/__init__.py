"""What stands on the bench: drivers, stations, and simulated twins."""
