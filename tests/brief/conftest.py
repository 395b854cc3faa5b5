"""The default index and its back-cast, shared with the tests of the index."""

from tests.index.conftest import back_cast, index

__all__ = ["back_cast", "index"]
