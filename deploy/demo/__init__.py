"""`make demo`: applications travel all nineteen steps to every ending, in three acts, before your eyes."""
