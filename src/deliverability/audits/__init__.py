"""Audits: gather the topics' facts, run the rules, make the report. Each audit is a plan."""
