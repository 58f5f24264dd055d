"""The text of a live profile, for tests that need one but no deployment."""

from __future__ import annotations

LIVE = """
name = "staging"
kind = "live"
[endpoint]
ec2 = "http://127.0.0.1:7080/awsapi"
[user]
access_key = "a"
secret_key = "s3cr3t"
[cloudstack]
url = "http://127.0.0.1:8080/client/api"
api_key = "a"
secret_key = "s3cr3t"
"""
