"""Builds the sample returns in `sample_data/` from the tables in `sample_data/figures/`.

Usage: python scripts/build_sample_data.py [--output DIR]

Running it again gives the same files byte for byte.
"""

import argparse
from pathlib import Path

from probation_etl.sample.project_data import write_project_data


def main() -> None:
    parser = argparse.ArgumentParser(description="Build the sample returns.")
    parser.add_argument(
        "--output", type=Path, default=Path(__file__).parents[1] / "sample_data", help="folder to write to"
    )
    write_project_data(parser.parse_args().output)


if __name__ == "__main__":
    main()
