"""``probation-etl contract prove``: for each rule of a contract, a return that breaks it and no other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from probation_etl.contracts.model import ReturnContract
    from probation_etl.contracts.rulebook import Rulebook
    from probation_etl.proof import Proof


@click.command()
@click.argument("contract_ids", nargs=-1, metavar="[ID]...")
@click.option("--contracts", type=click.Path(path_type=Path), help="Directory of contracts (default: those shipped).")
@click.option("--json", "as_json", is_flag=True, help="Print the proofs as JSON.")
def prove(contract_ids: tuple[str, ...], contracts: Path | None, as_json: bool) -> int:
    """Finds for each rule of a contract a return that breaks it and no other.

    ID is the id of a return contract (default: every version of all of them). Rules that the engine adds to every
    contract, such as missing columns and control characters, are not listed. Each rule that cannot be proved is named
    with the reason, and the command ends with 1.
    """
    from probation_etl.contracts.rulebook import load_rulebook
    from probation_etl.proof import prove as prove_contract

    rulebook = load_rulebook(contracts)
    chosen = _chosen(contract_ids, rulebook)
    proofs = [proof for each in chosen for proof in prove_contract(each, rulebook)]
    _show(proofs, as_json=as_json)
    unproved = [proof for proof in proofs if not proof.proved]
    for line in _reasons(unproved):
        click.echo(line, err=True)
    click.echo(f"{len(chosen)} contract(s), {len(proofs)} rule(s): {len(unproved)} not proved.", err=True)
    return 1 if unproved else 0


def _chosen(ids: tuple[str, ...], rulebook: Rulebook) -> list[ReturnContract]:
    from probation_etl.contracts.suggestions import did_you_mean
    from probation_etl.errors import UsageError

    known = rulebook.contracts.return_versions()
    names = {each.id for each in known}
    for name in ids:
        if name not in names:
            raise UsageError(f"There is no contract of a return ‘{name}’{did_you_mean(name, sorted(names))}")
    return [each for each in known if not ids or each.id in ids]


def _reasons(unproved: list[Proof]) -> Iterator[str]:
    """One sentence for each reason, with the rules that could not be proved because of it."""
    rules: dict[tuple[str, str], list[str]] = {}
    for each in unproved:
        rules.setdefault((f"{each.contract} {each.version}", each.how), []).append(f"‘{each.rule}’")
    for (contract, how), names in rules.items():
        yield f"{contract}: {', '.join(names)} cannot be proved: {how}."


def _show(proofs: list[Proof], *, as_json: bool) -> None:
    from probation_etl.cli.tables import show_table

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
