"""The wheel, away from the checkout: it must bring along all that it needs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from places import CHECKOUT


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content in a directory of its own."""
    root = tmp_path_factory.mktemp("installed")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(root)],
        cwd=CHECKOUT, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    (wheel,) = root.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(root / "site")
    return root / "site"


def python(
    installed: Path, cwd: Path, *arguments: str, before: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """An interpreter that finds the wheel and the dependencies, but not the checkout."""
    # -S leaves out the link to the checkout that an editable installation puts into site-packages. -B leaves the content
    # of the wheel as it was: another test lists it.
    paths = os.pathsep.join((str(installed), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))
    return subprocess.run(
        [*before, sys.executable, "-S", "-B", *arguments], cwd=cwd, env={**os.environ, "PYTHONPATH": paths},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_modules_contracts_and_sample_returns_come_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    code = (
        "import probation_etl; from probation_etl.contracts.shipped import shipped; "
        "print(probation_etl.__file__, shipped('contracts'), shipped('sample_data'), sep='\\n')"
    )
    done = python(installed, tmp_path, "-c", code)
    assert done.stdout.splitlines() == [
        str(installed / "probation_etl" / name) for name in ("__init__.py", "shipped/contracts", "shipped/sample_data")
    ]


def test_it_holds_no_tests_and_no_caches(installed: Path) -> None:
    names = {path.relative_to(installed).as_posix() for path in installed.rglob("*") if path.is_file()}
    assert {name.split("/")[0].split("-")[0] for name in names} == {"probation_etl"}
    assert not [name for name in names if "__pycache__" in name or "/tests/" in name or name.endswith(".duckdb")]
    assert "probation_etl/reports/templates/style.css" in names


def test_the_contracts_are_listed(installed: Path, tmp_path: Path) -> None:
    done = python(installed, tmp_path, "-m", "probation_etl", "contract", "list")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 1 + len(list((CHECKOUT / "contracts").rglob("*.odcs.yaml")))


def test_the_demonstration_comes_out_as_expected_and_needs_no_network(installed: Path, tmp_path: Path) -> None:
    unshare = shutil.which("unshare")
    alone = (unshare, "-rn") if unshare else ()
    tried = subprocess.run([*alone, "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        alone = ()
    done = python(installed, tmp_path, "-m", "probation_etl", "demo", before=alone)
    assert (done.returncode, done.stderr) == (0, "")
    assert "The outcome is as expected, including the faulty return." in done.stdout
    assert (tmp_path / "probation-etl-demo" / "reports" / "latest" / "index.html").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["probation-etl-demo"]
    if not alone:
        pytest.skip(f"all went well, but with a network: none can be taken away here: {tried.stderr.strip()}")
