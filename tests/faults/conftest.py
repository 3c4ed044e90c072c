"""Shared by the trials: scenes, and the record of what was tried."""

from __future__ import annotations

import itertools
import platform
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from faulty_calls import allowed, counted
from scene import NewScene, Scene
from trials import PLACES, Trial, write_page

from probation_etl.version import VERSION

_trials: list[Trial] = []


@pytest.fixture
def trial(request: pytest.FixtureRequest) -> Iterator[Callable[[str, str], Trial]]:
    """Begins a trial by its promise and by how it is tried; at the end of the test nothing may have been violated."""
    begun: list[Trial] = []
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def tell(line: str) -> None:
        with capture.global_and_fixture_disabled():
            sys.stderr.write(f"{line}\n")

    def begin(promise: str, how: str) -> Trial:
        begun.append(Trial(promise, how, tell=tell))
        return begun[-1]

    yield begin
    _trials.extend(begun)
    for each in begun:
        each.verdict()


@pytest.fixture
def scenes(tmp_path: Path) -> NewScene:
    """New scenes with returns in their inboxes. In a long pass a scene goes when the next one is made."""
    numbers = itertools.count(1)

    def new() -> Scene:
        if PLACES:
            for each in tmp_path.glob("scene*"):
                shutil.rmtree(each, ignore_errors=True)
        made = Scene(tmp_path / f"scene{next(numbers)}")
        made.fill()
        return made

    return new


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """A scene after a run without a fault."""
    scene = Scene(tmp_path_factory.mktemp("undisturbed") / "scene")
    scene.fill()
    assert scene.run().code == 1
    return scene


@pytest.fixture(scope="session")
def wanted(undisturbed: Scene) -> list[Any]:
    """The content of a store after a run without a fault."""
    return undisturbed.content()


@pytest.fixture(scope="session")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Counter[str]:
    """How often one thread of a run that nothing disturbs makes each of the calls that change a disk, at most."""
    scene = Scene(tmp_path_factory.mktemp("counted") / "scene")
    scene.fill()
    return counted(scene, *scene.arguments)


@pytest.fixture
def mounted() -> Iterator[Callable[[Path, int], bool]]:
    """Puts a small disk in the place of a folder, or, for a size of 0, lets it have all the room there is."""
    places: set[Path] = set()

    def put(place: Path, kilobytes: int) -> bool:
        again = place in places
        places.add(place)
        size = f"size={kilobytes}k" if kilobytes else "size=500m"
        options = f"remount,{size}" if again else f"{size},mode=700"
        return allowed("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place))

    yield put
    for each in places:
        allowed("umount", "--lazy", str(each))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Takes over what was tried in another process."""
    _trials.extend(Trial(**each) for each in getattr(node, "workeroutput", {}).get("trials", ()))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Writes the page after a pass for which a number of places was asked for."""
    told = getattr(session.config, "workeroutput", None)
    if told is not None:
        told["trials"] = [each.plain for each in _trials]
    elif PLACES and _trials and exitstatus in (0, 1) and not session.config.getoption("keyword"):
        places = "every place" if PLACES == "all" else f"up to {PLACES} places of each kind"
        when = f"Tried at {places} on {date.today():%d %B %Y} with version {VERSION}, Python {platform.python_version()}, Linux."
        write_page(sorted(_trials, key=lambda each: (each.promise, each.how)), when)
