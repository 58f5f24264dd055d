"""`conform`: the command line, a module for each subcommand."""
