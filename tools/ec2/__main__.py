"""`python -m tools.ec2 ec2-run-instances …`: runs a command that is not installed by its name."""

import sys

from tools.ec2.main import main

if __name__ == "__main__":
    sys.exit(main())
