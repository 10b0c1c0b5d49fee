"""Fixtures that many levels of tests share."""

pytest_plugins = ["tests.servers"]
