"""The subject of an invoice mail: normalised, scored, explained, rewritten."""
