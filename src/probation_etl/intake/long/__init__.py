"""Returns too long to be held in memory: the steps of intake, piece by piece, with what spans the pieces put together.

What becomes of a return does not depend on how it is read: findings, rows, verdict and notes are those of the whole.
"""
