"""Who is told of a run while it works and when it has ended: monitors, files, people. None of them changes how it ends.

One class tells one target: :class:`~probation_etl.operations.events.Observer` is what they have in common, and
:class:`~probation_etl.operations.watch.Watch` tells them all.
"""
