"""Data about mail providers, and the code that reads it."""
