"""Where a register may lie, and what of it is never shown."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from softpower.activities.register import default_address
from softpower.activities.register.address import parsed
from softpower.errors import BadRequest


def test_the_register_lies_where_the_user_says_or_among_the_users_data() -> None:
    assert default_address({"SOFTPOWER_REGISTER": "a.sqlite", "XDG_DATA_HOME": "/d"}) == "a.sqlite"
    assert default_address({}).endswith("register.sqlite")


@pytest.mark.parametrize(
    "text", ["~/register.sqlite", "sqlite:///register.sqlite", "registre é.sqlite", ":memory:", "a?b"]
)
def test_whatever_is_no_address_of_a_server_is_a_file(text: str) -> None:
    found = parsed(text)
    assert found.file is not None
    assert found.file.name == text.removeprefix("sqlite:///").removeprefix("~/")
    assert found.url.database == str(found.file.absolute())
    assert not str(found.file).startswith("~")


def test_a_path_is_a_file_even_with_colons_and_slashes() -> None:
    assert parsed(Path("postgresql://a")).file == Path("postgresql:/a")


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+pg8000"])
def test_passwords_reach_the_driver_and_nobody_else(scheme: str) -> None:
    found = parsed(f"{scheme}://embassy:p%40ss@db.mfa.example:6432/register?sslmode=require")
    assert (found.url.username, found.url.password, found.url.host) == ("embassy", "p@ss", "db.mfa.example")
    assert (found.url.port, found.url.database, found.url.drivername) == (6432, "register", "postgresql+pg8000")
    assert found.name == "postgresql://embassy@db.mfa.example:6432/register"
    for shown in (repr(found), str(found), found.name):
        assert "p@ss" not in shown
        assert "p%40ss" not in shown


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("mysql://u:s3cret@h/d", "cannot lie at mysql"),
        ("postgresql+psycopg://u:s3cret@h/d", "cannot lie at"),
        ("https://u:s3cret@h/d", "cannot lie at https"),
        ("postgresql://u:s3cret@h:port/d", "cannot be read"),
        ("postgresql://u:s3cret@h", "lacks the user or the database"),
        ("postgresql://:s3cret@h/d", "lacks the user or the database"),
        ("postgresql://", "lacks the user or the database"),
        ("postgresql://u:s3cret@h/d?password=s3cret", "unknown option 'password'"),
        ("postgresql://u:s3cret@h/d?sslmode=maybe", "sslmode 'maybe' is none of"),
        ("postgresql://u:s3cret@h/d?sslrootcert=/nowhere", "certificates in /nowhere cannot be read"),
    ],
)
def test_an_address_that_is_none_is_one_error_without_the_password(text: str, what: str) -> None:
    with pytest.raises(BadRequest, match=what) as raised:
        parsed(text)
    assert "s3cret" not in str(raised.value)


def test_a_connection_that_leaves_the_machine_is_encrypted_and_the_server_proves_who_it_is() -> None:
    def context(text: str) -> object:
        return parsed(text).arguments["ssl_context"]

    for here in ("localhost", "127.0.0.1", "[::1]"):
        assert context(f"postgresql://u@{here}/d") is False
    assert context("postgresql://u@/d?unix_sock=/s") is False
    assert context("postgresql://u@h/d?sslmode=disable") is False
    away = context("postgresql://u@db.mfa.example/d")
    assert isinstance(away, ssl.SSLContext)
    assert (away.verify_mode, away.check_hostname) == (ssl.CERT_REQUIRED, True)
    some = context("postgresql://u@db.mfa.example/d?sslmode=require")
    assert isinstance(some, ssl.SSLContext)
    assert (some.verify_mode, some.check_hostname) == (ssl.CERT_NONE, False)
