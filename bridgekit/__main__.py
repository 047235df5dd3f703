"""The `bridgekit` command, and `python -m bridgekit`."""

import gc

gc.disable()  # nothing made while starting is garbage, and looking for it costs a sixth of a dry run

from bridgekit.again import forget_callers_folders  # noqa: E402  # after the line above, which is for this import

forget_callers_folders()

from bridgekit.cli import main  # noqa: E402  # after the line above, which is for this import

if __name__ == "__main__":
    main()
