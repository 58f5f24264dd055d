"""Tests of single modules: checkers, clients, plan, records, redaction."""
