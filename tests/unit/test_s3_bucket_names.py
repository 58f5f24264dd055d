"""The names of buckets that cases try, whatever the length of the run's own name."""

from __future__ import annotations

import pytest

from fixtures.setup.s3_buckets import bucket_names


@pytest.mark.parametrize("length", [6, 14, 32, 40])
def test_lengths_do_not_depend_on_the_name_of_the_run(length: int) -> None:
    """The longest name has 63 characters, the one that is refused 64."""
    names = bucket_names("n" * length)
    assert (len(names["longest"]), len(names["longer"])) == (63, 64)
    assert all(name.startswith(names["id"]) for name in names.values())
