"""Tests of config.toml and what surrounds it."""
