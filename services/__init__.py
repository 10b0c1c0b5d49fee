"""The eight services: strangers to each other, each with the same rooms."""
