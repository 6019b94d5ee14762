"""All SQL on the tables of the contract: rows, catalogue, bookkeeping, runs, locks; one file a dialect.

A file is imported for what it holds: a dry run does not load what a scheduler writes.
"""
