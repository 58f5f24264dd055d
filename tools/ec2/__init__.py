"""The 38 classic `ec2-*` commands, which send EC2 requests as signed SOAP.

A client of its own: it shares no code with the drivers or the simulated deployment. To add an
option, add one line to a command in `tables/`; to add a column, one line in `records.py`.
"""
