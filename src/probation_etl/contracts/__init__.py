"""What a return must be: contracts read, compiled, put into words and linted."""
