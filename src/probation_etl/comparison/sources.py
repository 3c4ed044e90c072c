"""Where the contracts to compare come from: a file, a folder, an id with a version, a revision of either."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from probation_etl.comparison.git import path_in_repository, revision
from probation_etl.contracts.model import Contract, ReferenceContract
from probation_etl.contracts.odcs import REFERENCE, assemble, load_reference_contracts, model_files, read_contracts
from probation_etl.contracts.organisations import Reference
from probation_etl.contracts.reference_files import read_tables
from probation_etl.contracts.rulebook import Parts, Rulebook, load_rulebook
from probation_etl.contracts.shipped import shipped
from probation_etl.contracts.suggestions import did_you_mean
from probation_etl.discreet import Discreet
from probation_etl.errors import ContractError, UsageError

_YAML = (".yaml", ".yml")


@dataclass(frozen=True)
class Source(Discreet):
    """One side of a comparison.

    Attributes:
        rulebook: Contracts and reference tables that belong together.
        contracts: Those to compare, each id from the oldest version to the newest.
        is_whole: Whether they are all of a folder; else there is one.
    """

    rulebook: Rulebook
    contracts: tuple[Contract, ...]
    is_whole: bool = False


@contextmanager
def opened(
    before: str, after: str | None, *, since: str | None, contracts: Path | None
) -> Iterator[tuple[Source, Source]]:
    """Both sides of a comparison; a revision is there for as long as the context.

    Args:
        before: The first side.
        after: The second; None with ``since``.
        since: Revision at which ``before`` is the first side; as it is now it is the second.
        contracts: Directory in which ids are looked up, and beside whose contracts files are read.

    Raises:
        UsageError: One of them is not there.
        ContractError: A contract cannot be used.
        EnvironmentFailure: A revision cannot be read.
    """
    if (after is None) == (since is None):
        raise UsageError("Two things are compared: name a second one, or a revision with --from.")
    with TemporaryDirectory(prefix="probation-etl-") as made:
        folders = [Path(made) / name for name in ("before", "after")]
        for each in folders:
            each.mkdir(mode=0o700)
        if since is not None:
            yield _at_revision(since, before, folders[0], contracts), _named(before, folders[1], contracts)
        else:
            yield _named(before, folders[0], contracts), _named(after or "", folders[1], contracts)


def _named(name: str, to: Path, contracts: Path | None) -> Source:
    path = Path(name)
    if path.is_dir():
        return _folder(path)
    if path.is_file():
        return _file(path, contracts or root_of(path))
    rev, colon, inside = name.partition(":")
    if colon:
        return _of(revision(rev, inside or ".", Path.cwd(), to))
    if path.suffix in _YAML or "/" in name:
        raise UsageError(f"There is no file or folder {name}.")
    return _by_id(name, shipped("contracts") if contracts is None else contracts)


def _at_revision(rev: str, name: str, to: Path, contracts: Path | None) -> Source:
    path = Path(name)
    if path.exists():
        return _of(revision(rev, path_in_repository(path), path if path.is_dir() else path.parent, to))
    if contracts is None:
        raise UsageError(f"There is no file or folder {name}; for an id, name the directory with --contracts.")
    return _by_id(name, revision(rev, path_in_repository(contracts), contracts, to))


def _of(path: Path) -> Source:
    return _folder(path) if path.is_dir() else _file(path, root_of(path))


def root_of(path: Path) -> Path:
    """The directory of contracts that a file belongs to."""
    folder = path.parent
    return folder.parent if (folder.parent / REFERENCE).is_dir() else folder


def _folder(root: Path) -> Source:
    rulebook = load_rulebook(root)
    versions = [each for name in sorted(rulebook.contracts.versions) for each in rulebook.contracts.versions[name]]
    return Source(rulebook, (*versions, *load_reference_contracts(root)), is_whole=True)


def _by_id(name: str, root: Path) -> Source:
    wanted, _, version = name.partition("@")
    rulebook = load_rulebook(root)
    known = rulebook.contracts.versions
    if wanted not in known:
        raise UsageError(f"There is no contract ‘{wanted}’ in {root}{did_you_mean(wanted, known) or '.'}")
    found = {each.version: each for each in known[wanted]}
    if version and version not in found:
        raise UsageError(f"‘{wanted}’ has no version {version}; expected one of {', '.join(found)}.")
    return Source(rulebook, (found[version] if version else known[wanted][-1],))


def _file(path: Path, root: Path) -> Source:
    """A contract among those of its folder; where it does not fit there, such as a draft beside the original, instead of the other."""
    reading = read_contracts([path])
    if reading.faults:
        raise ContractError(f"{len(reading.faults)} fault(s) found in the contracts:", faults=reading.faults)
    (contract,) = reading.contracts
    if isinstance(contract, ReferenceContract):
        return Source(load_rulebook(root), (contract,))
    try:
        rulebook = load_rulebook(root)
    except ContractError:
        rulebook = _with_it_alone(path, contract, root)
    key = (contract.id, contract.version)
    found = [each for each in rulebook.contracts.versions.get(contract.id, ()) if (each.id, each.version) == key]
    if not found or found[0].path is None or not found[0].path.samefile(path):
        rulebook = _with_it_alone(path, contract, root)
        found = [*rulebook.contracts.versions[contract.id]]
    return Source(rulebook, (found[0],))


def _with_it_alone(path: Path, contract: Contract, root: Path) -> Rulebook:
    """The contracts of a directory with one from a file as the only version of its id.

    Raises:
        ContractError: They cannot be used together.
    """
    from probation_etl.contracts.examination import examined

    others = [each for each in read_contracts(model_files(root), within=root).contracts if each.id != contract.id]
    contracts = assemble(root, [*others, contract])
    reference = Reference.from_tables(read_tables(root / REFERENCE))
    rulebook, faults = examined(Parts(contracts, reference), [*contracts.faults])
    own = [each for each in faults if str(path) in each] or faults
    if faults or rulebook is None:
        beside = f"{path} and the contracts in {root} (--contracts names others)"
        raise ContractError(f"{len(own)} fault(s) found in {beside}:", faults=tuple(own))
    return rulebook
