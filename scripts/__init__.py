"""Programs for whoever works on the project; `python scripts/NAME.py` from the checkout."""
