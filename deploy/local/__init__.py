"""Start everything on one machine: no root, no containers, nothing installed."""
