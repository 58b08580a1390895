"""Runs `hash-realtime check` with the settings of a world and reads what it found."""
import json
import subprocess
import tempfile

from .fair import Stopwatch
from .processes import PATIENCE
from .service import binary


class Report:
    def __init__(self, world, *, at_most=15, **changes):
        settings = world.service(**changes).settings
        self.settings = {name: value for name, value in settings.items() if value != ""}
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            process = subprocess.Popen([binary(), "check", "--json"], env=self.settings, stdout=out, stderr=err)
            watch = Stopwatch(process.pid)
            self.code = watch.wait(process, PATIENCE)
            self.seconds = watch.seconds()
            out.seek(0), err.seek(0)
            said = out.read()
            self.text = said + err.read()
        assert self.seconds < at_most, f"it took {self.seconds:.1f} s\n{self.text}"
        self.json = json.loads(said)
        self.found = self.json["findings"]
        assert self.code == (1 if self.of("error") else 0), self.text

    def of(self, *levels):
        return [one for one in self.found if one["level"] in levels]

    def finding(self, level, *words):
        """The one finding of this level that says all of the words (in what is wrong or in the remedy)."""
        for one in self.of(level):
            text = f"{one['check']}: {one['what']} | {one['remedy']}"
            if all(word in text for word in words):
                return one
        raise AssertionError(f"no {level} says {words}:\n" + "\n".join(map(str, self.found)))

    def remedy(self, level, *words):
        return self.finding(level, *words)["remedy"]
