"""The whole system on real servers: killed, starved, poisoned and fed with nonsense."""
