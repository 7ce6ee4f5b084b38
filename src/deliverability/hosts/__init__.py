"""Hosts: who takes the domain's mail (MX), who sends it (PTR, HELO), and the health of the zone they stand in."""
