"""``probation-etl contract prove``: shows that every rule of a contract fires where it should, and it alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from probation_etl.contracts.model import Contract
    from probation_etl.contracts.rulebook import Rulebook
    from probation_etl.proof import Proof


@click.command()
@click.argument("contract_ids", nargs=-1, metavar="[ID]...")
@click.option("--contracts", type=click.Path(path_type=Path), help="Directory of contracts (default: those shipped).")
@click.option("--json", "as_json", is_flag=True, help="Print the proofs as JSON.")
def prove(contract_ids: tuple[str, ...], contracts: Path | None, as_json: bool) -> int:
    """Proves every rule of contracts of returns, each by a counter-example on which it fires, and it alone.

    ID is the id of a contract of a return (default: all, in every version). The counter-examples are judged as returns
    are. Ends with 1 where a rule cannot be proved, and says why.
    """
    from probation_etl.contracts.rulebook import load_rulebook
    from probation_etl.proof import prove as prove_contract

    rulebook = load_rulebook(contracts)
    chosen = _chosen(contract_ids, rulebook)
    proofs = [proof for each in chosen for proof in prove_contract(each, rulebook)]
    _show(proofs, as_json=as_json)
    failed = sum(not proof.proved for proof in proofs)
    click.echo(f"{len(chosen)} contract(s), {len(proofs)} rule(s): {failed} not proved.", err=True)
    return 1 if failed else 0


def _chosen(ids: tuple[str, ...], rulebook: Rulebook) -> list[Contract]:
    from probation_etl.contracts.odcs.properties import did_you_mean
    from probation_etl.errors import UsageError

    known = rulebook.contracts.return_versions()
    names = {each.id for each in known}
    for name in ids:
        if name not in names:
            raise UsageError(f"There is no contract of a return ‘{name}’{did_you_mean(name, sorted(names))}")
    return [each for each in known if not ids or each.id in ids]


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
