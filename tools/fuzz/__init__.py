"""`fuzz`: changed requests and records for the simulated deployment and the reader of records."""
