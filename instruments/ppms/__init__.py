"""The Quantum Design PPMS: one cryostat interface, two transports."""
