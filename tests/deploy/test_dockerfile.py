"""The Dockerfile, as a file; scripts/verify_dockerfile builds it and runs what comes out."""
import re

from sources import text

DOCKERFILE = text("Dockerfile")
STAGES = re.split(r"^FROM ", DOCKERFILE, flags=re.M)[1:]


def test_two_stages_of_the_same_debian():
    assert [stage.split()[0] for stage in STAGES] == ["debian:bookworm-slim"] * 2


def test_the_last_stage_holds_no_tools_and_runs_as_a_number():
    final = STAGES[-1]
    assert not re.search(r"\b(g\+\+|gcc|clang|cmake|ninja|make)\b|-dev\b", final)
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", final, re.M)
    assert re.search(r"^STOPSIGNAL SIGTERM$", final, re.M)
    assert re.search(r'^HEALTHCHECK .*CMD \["hash-realtime", "status", "--probe"\]$', final, re.M)


def test_it_is_built_from_what_the_ignore_file_lets_in():
    copied = set(re.findall(r"^COPY (?!--from)(\S+)", DOCKERFILE, re.M))
    let_in = {line[1:] for line in text(".dockerignore").splitlines() if line.startswith("!")}
    assert copied == let_in


def test_what_it_is_built_with_is_what_the_scripts_build_with():
    scripts = re.search(r"^PACKAGES_BUILD=\((.*?)\)", text("scripts/lib/packages.sh"), re.M | re.S).group(1).split()
    line = re.search(r"install -y --no-install-recommends (g\+\+.*?)&&", STAGES[0], re.S).group(1)
    assert set(line.replace("\\", " ").split()) == set(scripts)
