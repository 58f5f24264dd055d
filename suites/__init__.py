"""What is certified: one module per mapping table of the documentation."""
