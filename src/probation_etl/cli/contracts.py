"""``probation-etl contract``: work with contracts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from probation_etl.cli.contract_diff import diff
from probation_etl.cli.contract_draft import draft
from probation_etl.cli.guide import docs
from probation_etl.cli.hand_over import export, schema, template
from probation_etl.cli.logs import remark
from probation_etl.cli.options import chosen
from probation_etl.cli.show import show

if TYPE_CHECKING:
    from probation_etl.contracts.model import ReturnContract
    from probation_etl.contracts.rulebook import Rulebook
    from probation_etl.proof import Proof


@click.group()
def contract() -> None:
    """Work with contracts."""


@contract.command("list")
@click.option(
    "--contracts", type=click.Path(path_type=Path), help="Directory of contracts (default: the shipped ones)."
)
def list_contracts(contracts: Path | None) -> None:
    """Lists the contracts: id, version, layer, title."""
    from probation_etl.cli.output import show_table
    from probation_etl.contracts.odcs import load_contracts, load_reference_contracts

    found = load_contracts(contracts)
    listed = [*found.of_layer("return", "unified", "view"), *load_reference_contracts(found.directory)]
    rows = [(each.id, each.version, each.layer, each.title) for each in listed]
    show_table(("contract", "version", "layer", "title"), rows)


@contract.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--store", metavar="URL", help="PostgreSQL database in which queries are also tried; nothing is left there."
)
def lint(paths: tuple[Path, ...], store: str | None) -> int:
    """Checks contracts and lists every fault with its file, line and path.

    PATHS are contract files or directories of them (default: the shipped contracts). For a directory, rules and mappings
    are compiled, queries are tried, and reference tables are checked against their contracts. A rule of which no return
    was found that breaks it is a warning.
    """
    from probation_etl.contracts.shipped import shipped
    from probation_etl.runs.lint import lint as lint_contracts

    linted = lint_contracts(list(paths) or [shipped("contracts")], store=store)
    for fault in linted.faults:
        click.echo(fault)
    for warning in linted.warnings:
        click.echo(f"{warning} [warning]")
    warned = f", {len(linted.warnings)} warning(s)" if linted.warnings else ""
    remark(f"{linted.contracts} contract(s) checked, {len(linted.faults)} fault(s) found{warned}.")
    return 2 if linted.faults or not linted.contracts else 0


@contract.command()
@click.argument("contract_ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--contracts", type=click.Path(path_type=Path), help="Directory of contracts (default: the shipped ones)."
)
@click.option("--json", "as_json", is_flag=True, help="Print the proofs as JSON.")
def prove(contract_ids: tuple[str, ...], contracts: Path | None, as_json: bool) -> int:
    """Finds for each rule of a contract a return that breaks it and no other.

    ID is the id of a return contract (default: every version of all of them). Rules that the engine adds to every
    contract, such as missing columns and control characters, are not listed. Each rule that cannot be proved is named
    with the reason, and the command ends with 1.
    """
    from probation_etl.proof import prove as prove_contract
    from probation_etl.runs.admission import load_rulebook

    rulebook = load_rulebook(contracts)
    found = _chosen(contract_ids, rulebook)
    proofs = [proof for each in found for proof in prove_contract(each, rulebook)]
    _show(proofs, as_json=as_json)
    unproved = [proof for proof in proofs if not proof.proved]
    for line in _reasons(unproved):
        remark(line, warns=True)
    remark(f"{len(found)} contract(s), {len(proofs)} rule(s): {len(unproved)} not proved.")
    return 1 if unproved else 0


def _chosen(ids: tuple[str, ...], rulebook: Rulebook) -> list[ReturnContract]:
    """Every version of the contracts that are named; of all where none is."""
    known = rulebook.contracts.return_versions()
    by_id = {each.id: each for each in known}
    named = {chosen(name, by_id, kind="return").id for name in ids} or set(by_id)
    return [each for each in known if each.id in named]


def _reasons(unproved: list[Proof]) -> Iterator[str]:
    """One sentence for each reason, with the rules that could not be proved because of it."""
    rules: dict[tuple[str, str], list[str]] = {}
    for each in unproved:
        rules.setdefault((f"{each.contract} {each.version}", each.how), []).append(f"‘{each.rule}’")
    for (contract, how), names in rules.items():
        yield f"{contract}: {', '.join(names)} cannot be proved: {how}."


def _show(proofs: list[Proof], *, as_json: bool) -> None:
    from probation_etl.cli.output import show_table

    if as_json:
        click.echo(json.dumps({"format_version": "1", "proofs": [_entry(each) for each in proofs]}, ensure_ascii=False))
        return
    rows = [
        (f"{each.contract} {each.version}", each.rule, each.code, "proved" if each.proved else "not proved", each.how)
        for each in proofs
    ]
    show_table(("contract", "rule", "code", "", "counter-example"), rows)


def _entry(proof: Proof) -> dict[str, str | bool]:
    return {
        "contract": proof.contract, "version": proof.version, "rule": proof.rule, "code": proof.code,
        "proved": proof.proved, "how": proof.how,
    }  # fmt: skip


for command in (diff, docs, draft, export, schema, show, template):
    contract.add_command(command)
