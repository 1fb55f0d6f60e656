"""`key add`: a key on the command line, its secret alone on the last line."""

from hashlib import sha256


def test_a_key_is_made_and_its_secret_stands_alone_on_the_last_line(portal, install, sql):
    told = portal("key", "add", "Product back end", "--scope", "usage:write").worked()
    secret = told.splitlines()[-1]
    assert secret.startswith("fm_")
    ((name, digest),) = sql("SELECT name, digest FROM api_key")
    assert (name, digest) == ("Product back end", sha256(secret.encode()).hexdigest())
    assert sql("SELECT verb FROM activity ORDER BY id DESC LIMIT 1") == [("key_made",)]


def test_an_account_that_nobody_has_is_said(portal, install, sql):
    told = portal("key", "add", "Theirs", "--scope", "usage:write", "--account", "nobody").refused()
    assert "No account is called “nobody”" in told
    assert sql("SELECT count(*) FROM api_key") == [(0,)]


def test_a_scope_that_is_none_is_refused(portal, install):
    assert portal("key", "add", "Theirs", "--scope", "everything").code != 0
