"""Reports: one summary model, rendered as HTML, CSV and JSON."""
