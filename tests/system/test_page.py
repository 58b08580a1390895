"""The page of a running service in a real browser, where there is one (scripts/checks/70-page installs it)."""
import os
import re
import shutil
import subprocess
import sys
import time

import pytest

from support.load import TABLES, Load
from support.processes import PATIENCE, wait_until
from support.service import ROOT, binary

sys.path.insert(0, f"{ROOT}/tests/http")
from browser import Browser  # noqa: E402
from page_check import expect_sound, opened, text  # noqa: E402

pytestmark = pytest.mark.skipif(not shutil.which("chromium-headless-shell"), reason="no chromium-headless-shell here")


@pytest.fixture
def browser():
    browser = Browser()
    yield browser
    browser.close()


def shot(page, name):
    if "PAGE_SHOTS" in os.environ:
        os.makedirs(os.environ["PAGE_SHOTS"], exist_ok=True)
        page.screenshot(f"{os.environ['PAGE_SHOTS']}/service-{name}.png", whole=True)


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_streaming_restarted_and_stuck(world, browser, size):
    world.sql(TABLES)
    service = world.start()
    standby = world.service().start().wait_role("standby")
    url = f"http://127.0.0.1:{service.port}/"
    page = opened(browser, url, size, "dark" if size == "phone" else "light")
    with Load(world):
        page.wait_for("document.getElementById('headline').textContent.startsWith('Streaming')", 10)
        before = text(page, "totals")
        page.wait_for(f"document.getElementById('totals').textContent !== {before!r}", 5)
        assert page.eval("document.querySelectorAll('.queue').length") == 2
        page.wait_for(f"document.body.innerText.includes({standby.status()['instance']!r})", 10)
        time.sleep(3)
        shot(page, f"streaming-{size}")
        world.redis.client.rename("search", "aside")
        world.redis.client.set("search", "no list")
        page.wait_for("document.getElementById('headline').textContent.includes('search is stuck')", 15)
        page.wait_for("document.querySelector('.headline').innerText.includes('Fix:')", 5)
        shot(page, f"stuck-{size}")
        world.redis.client.delete("search")
        page.wait_for("document.getElementById('headline').textContent.startsWith('Streaming')", 20)
    expect_sound(page, url)
    standby.stop()
    service.stop()
    page.wait_for("document.getElementById('pulse-text').textContent.startsWith('no answer since')", 8)
    service.start().wait_ready()
    page.wait_for("document.getElementById('pulse-text').textContent.startsWith('live')", 8)


def test_degraded_until_it_is_accepted(world, browser):
    world.sql(TABLES)
    service = world.start()
    world.sql("insert into load_a values (1, 0, 'x')")
    world.caught_up()
    wait_until("it is confirmed", lambda: world.postgres.held_back(world.slot) < 1000)
    page = opened(browser, f"http://127.0.0.1:{service.port}/")
    world.redis.client.flushall()
    world.sql("insert into load_a values (2, 0, 'x')")
    page.wait_for("document.getElementById('headline').textContent === 'Changes were lost'", 20)
    words = page.eval("document.querySelector('.headline').innerText")
    assert all(word in words for word in ("degraded", "Lost in queue search:", "is sent again", "accept-loss")), words
    assert re.search(r"[0-9A-F]+/[0-9A-F]+\.\.[0-9A-F]+/[0-9A-F]+", words), words
    assert page.eval("document.getElementById('queues').innerText.includes('lost changes')")
    shot(page, "degraded")
    subprocess.run([binary(), "accept-loss", "--yes"], env=service.settings, check=True, capture_output=True, timeout=PATIENCE)
    page.wait_for("document.getElementById('headline').textContent.startsWith('Streaming')", 20)
    expect_sound(page, f"http://127.0.0.1:{service.port}/")


def test_not_ready(world, browser):
    world.postgres.sql("create role nobody_may login")
    service = world.service(HASH_PG_USER="nobody_may").start()
    service.wait_log("REPLICATION")
    page = opened(browser, f"http://127.0.0.1:{service.port}/")
    page.wait_for("document.body.innerText.includes('ALTER ROLE \"nobody_may\" WITH REPLICATION')", 5)
    assert text(page, "headline") == "Waiting for Postgres"
    shot(page, "not-ready")
    service.stop()
    world.postgres.sql("drop role nobody_may")
