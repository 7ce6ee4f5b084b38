"""Real spam filters that the user runs: SpamAssassin's spamd and rspamd."""
