"""`python -m tests.web.browser.screenshots`: the pictures of docs/images, of a shop that has lived four weeks."""

import tempfile
import threading
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from mailbot.commands.pages import open_office
from mailbot.config import Web
from mailbot.edges.store import replies
from mailbot.web.server import serve
from tests.web.browser.conftest import ARGUMENTS, CHROMIUM, House
from tests.web.browser.lived_in import shop

IMAGES = Path(__file__).parents[3] / "docs" / "images"
SITUATION = "colis_non_recu/delai_depasse"
SHOWN = "sandrine.legall@courriel.example"


def main() -> None:
    """Write all pictures."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, shop(Path(folder)) as workplace:
        office, listening = open_office(workplace, Web(port=0))
        stop = threading.Event()
        thread = threading.Thread(target=serve, args=(office, listening, stop))
        thread.start()
        try:
            with sync_playwright() as playwright:
                chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
                _take(House(f"http://127.0.0.1:{office.web.port}", workplace.store, office, chromium))
                chromium.close()
        finally:
            stop.set()
            thread.join(10)
            listening.close()


def _take(house: House) -> None:
    ticket = next(one.case.id for one in replies.list_drafts(house.store) if one.reply.to.addr == SHOWN)
    pictures = (
        ("file", "Claire", "/", "light", 1366, 768),
        ("file-sombre", "Claire", "/", "dark", 1366, 768),
        ("ticket", "Claire", f"/tickets/{ticket}", "light", 1366, 768),
        ("ticket-telephone", "Claire", f"/tickets/{ticket}", "light", 390, 844),
        ("situation", "Line", f"/situations/{SITUATION}", "light", 1366, 768),
        ("chiffres", "Line", "/chiffres", "light", 1366, 768),
    )
    for name, person, path, colours, width, height in pictures:
        page = house.window(person, width=width, height=height)
        page.emulate_media(color_scheme="dark" if colours == "dark" else "light")
        page.goto(house.address + path)
        file = IMAGES / f"{name}.png"
        picture = Image.open(BytesIO(page.screenshot()))
        picture.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
            file, optimize=True
        )
        print(f"{file.name}: {file.stat().st_size / 1000:.0f} kB")
        page.context.close()


if __name__ == "__main__":
    main()
