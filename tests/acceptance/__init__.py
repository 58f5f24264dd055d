"""Whole runs, as customers start them."""
