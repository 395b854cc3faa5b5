"""``python -m softpower`` is the command ``softpower``."""

from softpower.cli import main

if __name__ == "__main__":
    main(prog_name="softpower")
