"""A browser for a story: a page in it, what is typed into it, and what it shows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, sync_playwright

from tests.e2e.world import World, until

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
COPY = """() => {
    const taken = new DataTransfer()
    const copy = new ClipboardEvent("copy", {clipboardData: taken, bubbles: true, cancelable: true})
    document.querySelector(".xterm").dispatchEvent(copy)
    return taken.getData("text/plain")
}"""

PASTE = """text => {
    const held = new DataTransfer()
    held.setData("text/plain", text)
    const paste = new ClipboardEvent("paste", {clipboardData: held, bubbles: true, cancelable: true})
    document.querySelector(".xterm-helper-textarea").dispatchEvent(paste)
}"""


@contextmanager
def a_page_of(world: World, address: str) -> Iterator[Page]:
    """The browser carries the world's folders: one that stays behind is found."""
    environ: dict[str, str | float | bool] = {**world.env}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=["--no-sandbox"], env=environ)
        try:
            context = browser.new_context(viewport={"width": 1280, "height": 800})
            context.grant_permissions(["clipboard-read", "clipboard-write"])
            page = context.new_page()
            page.goto(address)
            yield page
        finally:
            browser.close()


def screen(page: Page) -> str:
    """What a person copies who selects all of it."""
    box = page.locator(".xterm-screen").bounding_box()
    assert box is not None
    page.keyboard.down("Shift")
    page.mouse.move(box["x"] + 1, box["y"] + 1)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] - 2)
    page.mouse.up()
    page.keyboard.up("Shift")
    return str(page.evaluate(COPY))


def paste(page: Page, text: str) -> None:
    page.evaluate(PASTE, text)


def shows(page: Page, *words: str) -> str:
    seen = ""

    def ready() -> bool:
        nonlocal seen
        seen = screen(page)
        return all(each in " ".join(seen.split()) for each in words)

    try:
        until(ready, f"{words} in the browser", 30.0)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{seen}") from None
    return seen


def is_told(page: Page, key: str, words: str) -> None:
    """What a key is answered with leaves by itself, so that a busy machine may miss it: it is pressed again."""

    def pressed() -> bool:
        page.keyboard.press(key)
        return words in " ".join(screen(page).split())

    until(pressed, f"{words!r} after {key}", 30.0)
