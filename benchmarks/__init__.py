"""Measurements of the whole line against a bare download loop and a rival. See README.md."""
