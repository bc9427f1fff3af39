import pytest

from apps.core.tokens import digest, new_secret, split_token


def test_new_secret_splits_into_its_id_and_digest() -> None:
    secret = new_secret("zbt")

    assert split_token(secret.token, "zbt") == (secret.public_id, secret.digest)


def test_new_secrets_differ() -> None:
    assert len({new_secret("zbt").token for _ in range(100)}) == 100


@pytest.mark.parametrize("token", ["", "zbt", "zbt_", "zbt_id", "zbt_id_", "zbt__secret", "zba_id_secret", "id_secret"])
def test_split_token_refuses_another_shape(token: str) -> None:
    assert split_token(token, "zbt") is None


def test_split_token_keeps_underscores_of_the_secret() -> None:
    assert split_token("zbt_id_a_b", "zbt") == ("id", digest("a_b"))
