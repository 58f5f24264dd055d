"""`python -m tools.conform …`."""

from tools.conform.main import main

if __name__ == "__main__":
    raise SystemExit(main())
