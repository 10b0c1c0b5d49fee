"""These tests are there only where a Chromium is."""

from __future__ import annotations

from tests.browser.chromium import found

collect_ignore = [] if found() else ["test_console.py"]
