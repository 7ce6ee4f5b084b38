"""The DMARC rules: record.py (how it is written), policy.py (what it says), reports.py (where reports go),
organization.py (where the organization ends), domain.py (whether there is DMARC at all, and whose it is),
message.py (what it says about one message). The registry names each, so that a domain's audit loads no reader of mail.
"""
