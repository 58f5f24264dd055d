"""Tests of the harness at work: setup, runners, observers, commands."""
