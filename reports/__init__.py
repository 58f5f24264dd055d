"""The record of a run, what it may claim, and everything that is rendered from it."""
