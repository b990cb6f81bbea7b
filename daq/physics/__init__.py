"""Physics as pure functions of arrays, in SI units with energies in eV."""
