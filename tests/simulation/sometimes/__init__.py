"""What must be reached over many seeds: every branch, compensation, timeout and guard, by its name."""
