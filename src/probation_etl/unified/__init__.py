"""Accepted rows become one model, and nothing is lost on the way."""
