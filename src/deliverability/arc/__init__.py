"""The Authenticated Received Chain (RFC 8617): shown, never scored."""
