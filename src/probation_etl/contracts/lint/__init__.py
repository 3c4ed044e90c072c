"""All that can be wrong with contracts, found before data comes."""
