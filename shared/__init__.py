"""What every service stands on: the process, the contracts, the engine and the law."""
