"""Options of ``run`` that say what it takes from an inbox, and what becomes of the files."""

from __future__ import annotations

from pathlib import Path

import click

#: Seconds: long enough for a copy that is at work, and short enough for a person who waits.
SETTLE = 2.0

newest_by_option = click.option(
    "--newest-by",
    type=click.Choice(["modified", "name"]),
    help="What decides which of several files of one return is the newest: when it was last written, or its name, with the "
    "numbers in it compared as numbers (default: nothing; they are all rejected).",
)
settle_option = click.option(
    "--settle", type=click.FloatRange(min=0, max=3600), default=SETTLE, show_default=True, metavar="SECONDS",
    help="Take a new file only if it has not changed for so long. The run waits so long once, if it must; a file that changes "
    "meanwhile is left for the next run.",
)  # fmt: skip
archive_option = click.option(
    "--archive", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="Move files that were loaded, or rejected and reported, to a folder for this run in DIR (default: they stay).",
)  # fmt: skip
read_all_option = click.option(
    "--read-all", is_flag=True,
    help="Read every file (default: not those that an earlier run has taken and whose size, times and number in the file system "
    "are the same).",
)  # fmt: skip
workers_option = click.option(
    "--workers", type=click.IntRange(1, 64), metavar="NUMBER",
    help="How many processes judge small files (default: as many as there are processors, if there are enough new files; the outcome is "
    "the same for any number).",
)  # fmt: skip
release_option = click.option(
    "--no-release", "release", is_flag=True, flag_value=False, default=True,
    help="Load, and leave the release checks and the release to ‘check --release’.",
)  # fmt: skip
ledger_option = click.option(
    "--ledger", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Ledger file, in which every load is written down: where it is started (default: beside an embedded store, else in the "
    "reports directory).",
)  # fmt: skip
