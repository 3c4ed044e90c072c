"""Builds the sample returns in `sample_data/` from the tables in `sample_data/figures/`.

Usage: python scripts/build_sample_data.py [--output DIR]

Running it again gives the same files byte for byte.
"""

from sample_builder.build import main

if __name__ == "__main__":
    main()
