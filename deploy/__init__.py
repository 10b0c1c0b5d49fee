"""Every way to run the system, and what stands in for the state's systems."""
