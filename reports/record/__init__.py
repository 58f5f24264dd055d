"""The record of a run, and pure functions of it: claim, comparison, merging."""
