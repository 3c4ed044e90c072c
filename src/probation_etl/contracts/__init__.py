"""What a return must be: contracts are read, compiled, put into words and linted here."""
