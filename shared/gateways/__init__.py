"""How the services reach the state's systems: one client for ШЭП, one for the others, one way to say `Unavailable`."""
