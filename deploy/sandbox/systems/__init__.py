"""The state's systems as pure machines in memory: asked with the business time, they answer; no I/O, no clock."""
