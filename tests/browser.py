"""A Chromium for tests that look at pages: the pytest fixture `browser`, one a session.

Run as a script it says which Chromium that would be, and fails if there is none.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

INSTALLED = ("chromium", "google-chrome", "google-chrome-stable")  # not chromium-browser: Ubuntu's is a stub for a snap
FLAGS = (
    "--no-sandbox",  # Chromium refuses to run as root with it; the tests open only our own pages
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def executable(playwright: Playwright) -> str | None:
    """The path of the Chromium to drive: one installed on this machine, else Playwright's own; None without either."""
    for name in INSTALLED:
        if path := shutil.which(name):
            return path
    own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium. Without one the tests that need it skip, or fail where CI=true."""
    with sync_playwright() as playwright:
        path = executable(playwright)
        if path is None:
            reason = f"no Chromium: neither {', '.join(INSTALLED)} on PATH, nor one from `playwright install chromium`"
            if os.environ.get("CI") == "true":
                pytest.fail(reason)
            pytest.skip(reason)
        chromium = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield chromium
        finally:
            chromium.close()


if __name__ == "__main__":
    with sync_playwright() as found_by:
        print(executable(found_by) or sys.exit("no Chromium"))
