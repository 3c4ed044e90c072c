"""Contracts that are drafted from sample files, with the evidence for each line beside it.

The package reads in this order: ``samples`` (files), ``parts`` and ``covers`` (which sheets are tables), ``headers``, ``left_out``,
``likeness`` and ``columns`` (which columns of several files are one), ``evidence`` (cells), ``types`` with ``typed``, ``days``, ``times``
and ``numbers``, ``drafted`` with ``patterns`` and ``privacy`` (what is said of a column), ``keys``, ``file_names``, ``tables``,
``draft_table``, ``document`` and ``yaml_text`` (the contract), ``read_back`` and ``loosened`` (what becomes of the samples by it), ``draft``.

What may tell people apart is never written down: evidence is counts and shapes. Where two readings are possible, the draft asks.
"""

from probation_etl.drafting.draft import ContractDraft, draft_contract

__all__ = ["ContractDraft", "draft_contract"]
