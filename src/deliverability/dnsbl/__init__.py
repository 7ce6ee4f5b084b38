"""Blocklists: which lists there are, how each is asked, what its answers mean."""
