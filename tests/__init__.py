"""What proves that the system does what the order says."""
