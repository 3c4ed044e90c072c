"""Debian's Chromium, driven by Playwright, so that no browser need be downloaded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import sync_playwright
from windows import Window

HOW_TO_INSTALL = "Chromium is not installed: on Debian, ‘apt-get install chromium fonts-liberation’"


@pytest.fixture(scope="session")
def window() -> Iterator[Window]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip(HOW_TO_INSTALL)
    # Chromium does not run as root in its sandbox; in a container there is no other user.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield Window(browser.new_page())
        browser.close()
