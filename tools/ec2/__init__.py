"""The 38 classic `ec2-*` commands: what users of EC2 type, sent as signed SOAP.

A client of its own: it shares nothing with the drivers or the simulated deployment. To add an
option, add one line to a command in `tables/`; to add a column, one line in `records.py`.
"""
