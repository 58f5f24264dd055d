"""The contract of the suites of all eleven mapping tables, and the DSL they are written in."""
