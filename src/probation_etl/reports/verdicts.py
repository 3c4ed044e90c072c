"""What can become of a return, in a word."""

from __future__ import annotations

#: Verdicts, the worst last.
VERDICTS = ("unchanged", "accepted", "accepted_with_warnings", "partly_accepted", "rejected")
#: Verdicts that ask somebody to do something.
NEED_ATTENTION = ("partly_accepted", "rejected")
