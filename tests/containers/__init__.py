"""The shipped images and the compose stack: every ending, and what becomes of all when containers fall."""
