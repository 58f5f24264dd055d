"""`python -m tools.soak …`."""

from tools.soak.main import main

if __name__ == "__main__":
    raise SystemExit(main())
