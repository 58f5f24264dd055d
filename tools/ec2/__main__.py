"""`python -m tools.ec2 ec2-run-instances …`: a command where its own name is not installed."""

import sys

from tools.ec2.main import main

if __name__ == "__main__":
    sys.exit(main())
