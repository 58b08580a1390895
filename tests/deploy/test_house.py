"""The check of the house, on copies of the sources in each of which one wall is broken: it must go red and say where."""
import os
import shutil
import subprocess

import pytest

from sources import ROOT

CHECK = os.path.join(ROOT, "scripts", "checks", "15-house")


@pytest.fixture
def house(tmp_path):
    for folder in ("src", "include"):
        shutil.copytree(os.path.join(ROOT, folder), tmp_path / folder)
    shutil.copy(os.path.join(ROOT, "CMakeLists.txt"), tmp_path)
    return tmp_path


def red(house, *words):
    done = subprocess.run([CHECK, str(house)], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout
    lines = done.stderr.splitlines()
    assert any(all(word in line for word in words) for line in lines), done.stderr


def add(path, text, before=""):
    """Puts a line into a file: at its end, or before the first `before`."""
    old = path.read_text()
    at = old.index(before) if before else len(old)
    path.write_text(old[:at] + text + "\n" + old[at:])


def test_the_house_as_it_is(house):
    done = subprocess.run([CHECK, str(house)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("line", ['#include "postgres/slot.hpp"', '  #  include   "postgres/slot.hpp"  // why', '#include"postgres/slot.hpp"',
                                  "#include <postgres/slot.hpp>", "#include /* a */ \"postgres/slot.hpp\"", '#include "../postgres/slot.hpp"',
                                  '#include "base/../postgres/slot.hpp"', '#include \\\n  "postgres/slot.hpp"', "#include SLOT_HEADER"])
def test_an_include_through_a_wall(house, line):
    file = house / "src/pipeline/pipeline.cpp"
    add(file, line)
    number = len(file.read_text().splitlines()) - line.count("\n")
    red(house, f"src/pipeline/pipeline.cpp:{number}:")


def test_an_include_upwards_from_the_contracts(house):
    add(house / "include/realtime/lsn.hpp", '#include "pipeline/stage.hpp"', before="namespace")
    red(house, "include/realtime/lsn.hpp:", "contracts may not include pipeline", "a ring")


def test_a_comment_is_no_include(house):
    add(house / "src/pipeline/pipeline.cpp", '// #include "postgres/slot.hpp"\n/*\n#include "redis/client.hpp"\n*/')
    test_the_house_as_it_is(house)


@pytest.mark.parametrize("text", ["target_link_libraries(rt_postgres PUBLIC rt_redis)", "TARGET_LINK_LIBRARIES( rt_postgres\n  INTERFACE\n  rt_redis )",
                                  "set(MORE rt_redis)\ntarget_link_libraries(rt_postgres PRIVATE ${MORE})",
                                  "target_link_libraries(rt_postgres PRIVATE $<LINK_ONLY:rt_redis>)",
                                  "set_property(TARGET rt_postgres APPEND PROPERTY LINK_LIBRARIES rt_redis)"])
def test_a_link_to_a_sibling(house, text):
    add(house / "src/postgres/CMakeLists.txt", text)
    red(house, "src/postgres/CMakeLists.txt:", "postgres may not link redis")


def test_two_rooms_that_link_each_other(house):
    add(house / "src/check/CMakeLists.txt", "target_link_libraries(rt_check PUBLIC rt_app)")
    red(house, "check may not link app", "a ring")
    red(house, "a ring: app -> check -> app")


def test_a_ring_in_the_table_itself(house):
    table = house / "src/rooms.txt"
    table.write_text(table.read_text().replace("rt_contracts     base", "rt_contracts     base pipeline"))
    red(house, "src/rooms.txt:", "contracts may know pipeline, which no row above names")


def test_a_link_from_the_root(house):
    add(house / "CMakeLists.txt", "target_link_libraries(rt_base PUBLIC rt_redis)")
    red(house, "CMakeLists.txt:", "links for all rooms")


def test_a_folder_that_is_not_in_the_table(house):
    (house / "src/postgres/spare").mkdir()
    (house / "src/postgres/spare/one.cpp").write_text("int one = 1;\n")
    red(house, "src/postgres/spare is no room")


def test_a_library_that_is_not_in_the_table(house):
    add(house / "src/pipeline/CMakeLists.txt", "add_library(rt_more STATIC reader.cpp)")
    red(house, "no room has the library rt_more")


def test_sources_of_another_room(house):
    add(house / "src/pipeline/CMakeLists.txt", "target_sources(rt_pipeline PRIVATE ../redis/client.cpp)")
    red(house, "src/pipeline/CMakeLists.txt:", "leaves the folder")


def test_a_header_of_another_rooms_library(house):
    add(house / "src/pipeline/pipeline.cpp", "#include <libpq-fe.h>")
    red(house, "pipeline may not include <libpq-fe.h>", "postgres")


def test_an_include_without_its_link_and_a_link_without_an_include(house):
    cmake = house / "src/http/CMakeLists.txt"
    cmake.write_text(cmake.read_text().replace(" rt_status", ""))
    red(house, "http includes status and does not link it")
    cmake = house / "src/cli/terminal/CMakeLists.txt"
    cmake.write_text(cmake.read_text().replace("rt_base", "rt_net rt_base"))
    red(house, "cli/terminal links net and includes nothing of it")


def test_an_empty_tree_is_not_in_order(house):
    shutil.rmtree(house / "src")
    (house / "src").mkdir()
    shutil.copy(os.path.join(ROOT, "src/rooms.txt"), house / "src")
    red(house, "nothing to look at")
