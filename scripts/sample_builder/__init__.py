"""Builds the sample returns: the published caseload figures, synthetic breaches and one faulty workbook."""
