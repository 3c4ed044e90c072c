"""The limits of the process that reads files, where who runs the program has set limits of their own."""

from __future__ import annotations

import subprocess
import sys

import pytest

_LIMITED = """
import os, resource
from probation_etl.intake.readers import DEFAULT_LIMITS
from probation_etl.intake.readers.apart.restricted import restrict
if not os.getuid():
    os.setuid(4321)  # root may raise any limit
highest = 64_000_000_000
resource.setrlimit(resource.RLIMIT_AS, (highest, highest))
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, 1_000))
restrict(DEFAULT_LIMITS)
restrict(DEFAULT_LIMITS)
print(resource.getrlimit(resource.RLIMIT_AS)[0] < highest, resource.getrlimit(resource.RLIMIT_FSIZE)[0])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has these limits")
def test_a_lower_limit_of_the_system_stays_and_is_no_fault() -> None:
    done = subprocess.run([sys.executable, "-c", _LIMITED], check=False, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("True 1000\n", "")
