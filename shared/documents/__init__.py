"""Papers that a state body or a citizen is given: PDF, in Kazakh and Russian side by side, the same bytes for the same
content. The letters are DejaVu Sans (`fonts/`, with its licence).
"""
