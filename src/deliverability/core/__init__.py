"""Shared nouns: names, questions and answers, plans, tags, findings, rules, reports.

Nothing here touches the network, the clock or an event loop, and nothing here imports a topic.
"""
