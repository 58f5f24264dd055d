"""Runs over releases, in a database: how claims, durations and findings went, and which cases
change their mind."""
