"""The sandbox: its people, its systems, its portal, its staff."""
