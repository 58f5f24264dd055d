"""Which case notices what: every leaf of every reply, every parameter of every CloudStack call, and
the statements of the documentation, as tables that are measured and written to docs/coverage.md."""
