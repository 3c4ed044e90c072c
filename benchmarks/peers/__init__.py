"""Tools that do the same work as ours, one module each.

Each module has ``checker(work)``, which gives a function from a file to the number of its faulty rows. It reads the file as it
would be read in practice, makes every check, and knows for each fault its row and its rule. The columns and rules come from
``work.py``.
"""
