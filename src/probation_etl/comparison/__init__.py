"""What changed between two contracts, and whether it breaks returns that passed before.

Nothing is concluded from a list of cases: example returns made by ``proof`` are judged by both contracts, with the code that
judges real ones. What a change says is taken for an answer only where it decides by itself, such as a wider bound.

The package reads in this order: ``changes`` (in what two contracts differ), ``decided`` (what that alone tells), ``sides`` and
``examples`` (returns to judge), ``trials`` (those that one accepts and the other refuses), ``mapped`` (what rows become),
``compare`` (all of it together), ``words``; then ``sources`` and ``git`` (where contracts come from), ``pairs``
(which is compared with which), ``replay`` (returns that a store keeps), ``diff`` (all of it).
"""
