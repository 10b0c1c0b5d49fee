"""The officers' console over 1.2 million cases under an open loop of pages, claims and decisions."""
