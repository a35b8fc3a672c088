"""A real browser with a person at it: Chromium, without a window, driven from outside."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from oauth import PASSWORD

SCREENSHOTS = Path(__file__).parents[2] / ".build" / "screenshots"
SIZES = {"phone": (390, 844, True), "desktop": (1280, 800, False)}
PATIENCE = 20


class Chromium:
    def __init__(self, driver: Any) -> None:
        self.driver = driver
        self.seen: list[str] = []
        self.photographed: set[str] = set()

    # What a person does

    def agree(self, url: str, name: str = "ada", password: str = PASSWORD, picture: str = "") -> str:
        """Opens the address that an application sent them to, signs in if asked, agrees. Returns where that led."""
        self.driver.get(url)
        if self.find("form[action='/sign-in']"):
            self.photograph(f"{picture}sign-in")
            self.sign_in(name, password)
        self.wait("form[action='/authorize'] button[name='approve']")
        self.seen.append(self.text)
        self.photograph(f"{picture}consent")
        self.press("form[action='/authorize'] button[name='approve']")
        WebDriverWait(self.driver, PATIENCE).until(lambda driver: "code=" in driver.current_url)
        return self.driver.current_url

    def sign_in(self, name: str, password: str) -> None:
        self.write("input[name='username']", name)
        self.write("input[name='password']", password)
        self.press("form[action='/sign-in'] button")

    def write(self, place: str, text: str) -> None:
        field = self.wait(place)
        field.clear()
        field.send_keys(text)

    def press(self, place: str) -> None:
        self.wait(place).click()

    # What a person sees

    @property
    def text(self) -> str:
        return self.driver.find_element(By.TAG_NAME, "body").text

    def find(self, place: str) -> list[Any]:
        return self.driver.find_elements(By.CSS_SELECTOR, place)

    def wait(self, place: str) -> Any:
        return WebDriverWait(self.driver, PATIENCE).until(lambda driver: (self.find(place) or [None])[0])

    def overflow(self) -> int:
        """By how many pixels the page is wider than the screen."""
        return int(
            self.driver.execute_script(
                "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
        )

    def photograph(self, name: str) -> None:
        """The page on a phone and on a desktop, by day and by night; and it must fit on each."""
        if name in self.photographed:
            return
        self.photographed.add(name)
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        for size, (width, height, mobile) in SIZES.items():
            self.driver.execute_cdp_cmd(
                "Emulation.setDeviceMetricsOverride",
                {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile},
            )
            for shade in ("light", "dark"):
                self.driver.execute_cdp_cmd(
                    "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": shade}]}
                )
                shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
                (SCREENSHOTS / f"{name}-{size}-{shade}.png").write_bytes(base64.b64decode(shot["data"]))
                assert self.overflow() <= 0, f"{name} is wider than a {size}"
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@contextmanager
def chromium() -> Iterator[Chromium]:
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    # The tests may run as root, which Chromium's own sandbox does not like.
    for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    driver.set_page_load_timeout(PATIENCE)
    try:
        yield Chromium(driver)
    finally:
        driver.quit()
