"""The benches: the simulated deployment beside moto, observers, S3, failover."""
