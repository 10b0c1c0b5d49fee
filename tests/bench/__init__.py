"""What the engine costs beside others and what the whole product carries: `make bench [QUICK=1]`."""
