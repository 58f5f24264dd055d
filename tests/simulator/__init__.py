"""Tests of the simulated deployment: bridge, S3 store, management server."""
