"""Rules about DKIM: selectors, microsoft, keys and practice are about the keys in DNS; message, validity and coverage about
the signatures of a message. The registry names each, so that a domain's audit loads the former only.
"""
