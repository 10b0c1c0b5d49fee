"""Starting everything on one machine."""
