"""A file becomes a judged return."""
