"""Certificates: signed statements about a recorded run, and what makes one refused."""
