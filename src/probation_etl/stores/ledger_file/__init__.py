"""The ledger file: what was loaded into a store, written down beside it, so that a store that has lost something is noticed.

A store cannot tell that it is an older one, or that a part of it is gone: its own ledger is as old as its rows. See
decision 25, and the page on the store.
"""
