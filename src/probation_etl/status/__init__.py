"""Who has sent what, and who is late."""
