"""Stand-ins for the state's systems, the portal and the people: real connections, invented citizens."""
