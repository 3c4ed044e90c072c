"""``python -m probation_etl``: the command line."""

from probation_etl.cli import main

if __name__ == "__main__":
    main()
