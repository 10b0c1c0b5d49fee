"""The whole system on real servers under load while victims fall: `make chaos [MINUTES=10]`."""
