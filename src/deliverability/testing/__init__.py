"""For tests of software that sends mail: an SMTP server that takes mail and delivers none of it."""
