"""What mailbox providers tell a sender about itself: exports of SNDS and Postmaster Tools, and the texts of bounces."""
