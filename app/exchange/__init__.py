"""Files in and out: sheets with typed columns, rejects with reasons, exports without formulas. Knows no feature."""
