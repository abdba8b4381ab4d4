"""`python -m academy.server web DESCRIPTOR` or `python -m academy.server worker`: what the parent starts."""

import sys

if __name__ == "__main__":
    # Each imports only what it needs, and neither is itself the main module, which jobs would be named after.
    if sys.argv[1] == "web":
        from academy.server.web import main
    else:
        from academy.server.worker import main
    main()
