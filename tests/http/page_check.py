#!/usr/bin/env python3
"""Looks at the page in a real headless browser: no complaint in the console, no request elsewhere, it follows the
figures, says when nobody answers and recovers by itself, fits desktop and phone, and hostile names stay text.

  page_check.py DEMO_SERVER [--shots FOLDER]      DEMO_SERVER: the built http_demo_server
"""
import argparse
import os
import subprocess
import sys
import time

from browser import Browser, Page

SIZES = {"desktop": (1280, 900), "phone": (390, 844)}


class Demo:
    """The demo server in one situation; use as a context."""

    def __init__(self, program, situation, port=0, hostile=False):
        words = [program, situation, str(port)] + (["hostile"] if hostile else [])
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        self.url = f"http://127.0.0.1:{self.port}/"

    def stop(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()


def expect(truth, what):
    if not truth:
        raise AssertionError(what)


def text(page, element):
    return page.eval(f"document.getElementById('{element}').textContent")


def opened(browser, url, size="desktop", scheme="light"):
    page = Page(browser, *SIZES[size], scheme)
    page.open(url)
    page.wait_for("document.getElementById('role') && document.getElementById('role').textContent !== '—'")
    return page


def expect_sound(page, url):
    complaints = page.complaints()
    expect(not complaints, f"the console complained: {complaints}")
    elsewhere = [r for r in page.requests() if not r.startswith(url) and not r.startswith("data:")]
    expect(not elsewhere, f"asked elsewhere: {elsewhere}")
    wide = page.eval("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    expect(wide <= 0, f"{wide} pixels wider than the screen")


def follows_the_figures(browser, options):
    with Demo(options.demo, "streaming") as demo:
        page = opened(browser, demo.url)
        expect(text(page, "headline").startswith("Streaming"), text(page, "headline"))
        before = text(page, "totals")
        page.wait_for(f"document.getElementById('totals').textContent !== {before!r}", 5)
        page.wait_for("document.querySelector('.plot .stroke').getAttribute('d').includes('L')", 5)
        expect(page.eval("document.querySelectorAll('.queue').length") == 3, "three queues")
        expect(page.eval("document.querySelectorAll('#ladder li:not(.ruler)').length") == 9, "nine positions")
        expect_sound(page, demo.url)


def survives_a_restart(browser, options):
    with Demo(options.demo, "streaming") as demo:
        page = opened(browser, demo.url)
        demo.stop()
        page.wait_for("document.getElementById('pulse-text').textContent.startsWith('no answer since')", 8)
        expect(page.eval("document.getElementById('main').classList.contains('away')"), "what is old looks old")
        expect(text(page, "headline").startswith("No answer since"), text(page, "headline"))
        moving = "[...document.getAnimations()].filter((a) => a.playState === 'running' && a.animationName).length"
        expect(page.eval(moving) == 0, "nothing moves any more")
        with Demo(options.demo, "standby", demo.port):
            page.wait_for("document.getElementById('pulse-text').textContent.startsWith('live')", 8)
            page.wait_for("document.getElementById('headline').textContent === 'In warm standby'", 3)
            expect(text(page, "pulse-text").startswith("live, restarted"), text(page, "pulse-text"))


def hostile_names_stay_text(browser, options):
    with Demo(options.demo, "stuck", hostile=True) as demo:
        page = opened(browser, demo.url)
        name = "<img src=x onerror=alert(1)>\"'&"
        page.wait_for("document.querySelectorAll('.queue > :first-child h3').length === 3")
        expect(page.eval("document.querySelectorAll('.queue > :first-child h3')[1].textContent") == name, "the name, as it is")
        expect(page.eval("document.querySelectorAll('img').length") == 0, "no element was made of a name")
        expect(name in text(page, "headline"), text(page, "headline"))
        expect_sound(page, demo.url)


def says_what_is_wrong(browser, options):
    for situation, words in {"stuck": ["is stuck", "holds a string", "Fix:"], "lost": ["Changes were lost", "degraded", "16/B3741AC8", "accept-loss"],
                             "silent": ["Streaming", "still reading its WAL"], "quiet": ["all is quiet"],
                             "starting": ["Connecting to Postgres", "output_plugin_libraries", "ALTER SYSTEM"],
                             "catching-up": ["Catching up", "% of 3 GiB", "left"]}.items():
        with Demo(options.demo, situation) as demo:
            page = opened(browser, demo.url)
            time.sleep(0.2)
            shown = page.eval("document.querySelector('.headline').innerText")
            for word in words:
                expect(word in shown, f"{situation}: {word!r} is not in {shown!r}")
            expect_sound(page, demo.url)


def fits_every_screen(browser, options):
    for situation in ("streaming", "stuck"):
        with Demo(options.demo, situation) as demo:
            for size in SIZES:
                for scheme in ("light", "dark"):
                    page = opened(browser, demo.url, size, scheme)
                    time.sleep(options.look_after)
                    expect_sound(page, demo.url)
                    if options.shots:
                        page.screenshot(os.path.join(options.shots, f"page-{situation}-{size}-{scheme}.png"))


def keeps_still_where_asked(browser, options):
    with Demo(options.demo, "streaming") as demo:
        page = opened(browser, demo.url)
        page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])
        expect(page.eval("document.getAnimations().length") == 0, "no animation where less motion is asked for")


def has_contrast(browser, options):
    """Every text against the page's ground: at least 4.5 (WCAG AA)."""
    script = """(() => {
      const parse = (c) => c.match(/[\\d.]+/g).map(Number);
      const light = (c) => c.slice(0, 3).map((x) => x / 255).map((x) => x <= .04045 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4)
        .reduce((sum, x, i) => sum + x * [.2126, .7152, .0722][i], 0);
      const over = (top, under) => { const a = top.length > 3 ? top[3] : 1; return under.map((x, i) => top[i] * a + x * (1 - a)); };
      const ground = (e) => e ? over(parse(getComputedStyle(e).backgroundColor), ground(e.parentElement)) : [255, 255, 255];
      const poor = [];
      for (const e of document.querySelectorAll('body *')) {
        if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) || !e.offsetParent) continue;
        const [a, b] = [light(parse(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
        if ((a + .05) / (b + .05) < 4.5) poor.push(e.textContent.slice(0, 30) + ' ' + ((a + .05) / (b + .05)).toFixed(2));
      }
      return poor; })()"""
    with Demo(options.demo, "stuck") as demo:
        for scheme in ("light", "dark"):
            poor = opened(browser, demo.url, scheme=scheme).eval(script)
            expect(not poor, f"{scheme}: too little contrast: {poor}")


CHECKS = [follows_the_figures, survives_a_restart, hostile_names_stay_text, says_what_is_wrong, fits_every_screen,
          keeps_still_where_asked, has_contrast]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("demo")
    arguments.add_argument("--shots", help="folder for screenshots")
    arguments.add_argument("--look-after", type=float, default=1.2, help="seconds before a screenshot")
    options = arguments.parse_args()
    if options.shots:
        os.makedirs(options.shots, exist_ok=True)
    failed = 0
    for check in CHECKS:
        browser = Browser()
        try:
            check(browser, options)
            print(f"ok      {check.__name__}")
        except Exception as error:  # each check by itself
            failed += 1
            print(f"FAILED  {check.__name__}: {error}")
        finally:
            browser.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
