"""The record of a run, its claim, and the reports that are rendered from it."""
