"""How every service runs: messages in, one transaction, messages out. See `ports` for what it stands on."""
