"""The whole system in one interpreter: real services, virtual time, seeded bad luck, and an oracle that judges."""
