"""What every HTTP side shares: endpoints as data, problems (RFC 9457), who knocks, signed call-backs."""
