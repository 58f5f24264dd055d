"""`python -m tools.fuzz …`."""

from tools.fuzz.main import main

if __name__ == "__main__":
    raise SystemExit(main())
