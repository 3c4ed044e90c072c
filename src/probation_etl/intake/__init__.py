"""From a file to validated returns."""
