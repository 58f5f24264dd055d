"""The reports of a run, for people and CI systems, rendered from its record."""
