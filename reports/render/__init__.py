"""Everything that people and CI systems read of a run, made from its record."""
