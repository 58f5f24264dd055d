"""`python -m tools.coverage …`."""

from tools.coverage.main import main

if __name__ == "__main__":
    raise SystemExit(main())
