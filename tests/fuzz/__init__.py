"""Uploads nobody would send: mutated images at intake's door, and what is watched while they knock."""
