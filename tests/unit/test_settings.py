"""The configuration: where it comes from, and what is refused."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from logwatchd.domain.event import Severity, Tell
from logwatchd.domain.issue import IssueRoute
from logwatchd.domain.texts import Language
from logwatchd.errors import ConfigError
from logwatchd.settings import Loaded, load

SECRET = "s3cr3t" + "-webhook-" + "token"
WEBHOOK = f"https://discord.com/api/webhooks/123/{SECRET}"
Load = Callable[..., Loaded]


@pytest.fixture
def read(tmp_path: Path) -> Load:
    """Return a loader that sees only what a test gives it."""

    def read(
        environ: Mapping[str, str] | None = None,
        *,
        toml: str = "",
        dotenv: str = "",
        credentials: Mapping[str, str] | None = None,
        to_run: bool = True,
        flags: dict[str, object] | None = None,
    ) -> Loaded:
        (tmp_path / "logwatchd.toml").write_text(toml)
        (tmp_path / ".env").write_text(dotenv)
        secrets = tmp_path / "credentials"
        secrets.mkdir(exist_ok=True)
        for name, text in (credentials or {}).items():
            (secrets / name).write_text(text)
        ours = {"CREDENTIALS_DIRECTORY": str(secrets), **(environ or {})}
        return load(flags=flags, to_run=to_run, environ=ours, directory=tmp_path)

    return read


def problems(caught: pytest.ExceptionInfo[ConfigError]) -> dict[str, str]:
    """Return the problems of a refused configuration."""
    assert SECRET not in repr(caught.value)
    assert SECRET not in str(caught.value.problems)
    return dict(caught.value.problems)


ENOUGH = {"LOGWATCHD_PATHS": "/nowhere/app.log", "DISCORD_WEBHOOK_URL": WEBHOOK}


def test_two_variables_are_enough(read: Load) -> None:
    """Where the log is, and whom to tell."""
    settings = read(ENOUGH).settings

    assert settings.paths == ("/nowhere/app.log",)
    assert settings.discord.webhook_url is not None
    assert settings.discord.webhook_url.get_secret_value() == WEBHOOK
    assert settings.language is Language.EN


@pytest.mark.parametrize(
    "text", ["/a/*.log,/b/c.log", "/a/*.log:/b/c.log", '["/a/*.log", "/b/c.log"]']
)
def test_several_paths_are_written_in_the_usual_ways(read: Load, text: str) -> None:
    """With commas, with colons like PATH, or as JSON."""
    assert read({**ENOUGH, "LOGWATCHD_PATHS": text}).settings.paths == ("/a/*.log", "/b/c.log")


def test_paths_are_made_whole(read: Load) -> None:
    """The state remembers patterns by their text; `~` is what people write."""
    loaded = read(
        {**ENOUGH, "LOGWATCHD_PATHS": "logs/*.log,~/x.log", "LOGWATCHD_STATE_DIR": "~/state"}
    )

    assert loaded.settings.paths == (
        str(Path.cwd() / "logs" / "*.log"),
        str(Path.home() / "x.log"),
    )
    assert loaded.state_dir == Path.home() / "state"


def test_nested_names_have_two_underscores(read: Load) -> None:
    """Every setting can be given by the environment."""
    settings = read(
        {
            **ENOUGH,
            "LOGWATCHD_ALERTS__EDIT_EVERY": "1m30s",
            "LOGWATCHD_SOURCE__MAX_LINE_BYTES": "64KiB",
            "LOGWATCHD_LANGUAGE": "ko",
        }
    ).settings

    assert settings.alerts.edit_every == timedelta(seconds=90)
    assert settings.source.max_line_bytes == 65536
    assert settings.language is Language.KO


def test_the_order_of_precedence_is_kept(read: Load) -> None:
    """Flags, environment, credentials, .env, file, defaults."""
    toml = """
    service = "toml"
    language = "ko"
    paths = ["/toml.log"]
    [discord]
    username = "toml"
    webhook_url = "https://discord.com/toml"
    """
    dotenv = (
        "LOGWATCHD_SERVICE=dotenv\nLOGWATCHD_DISCORD__USERNAME=dotenv\n"
        "LOGWATCHD_PATHS=/dotenv.log\nDISCORD_WEBHOOK_URL=https://discord.com/dotenv\n"
    )
    loaded = read(
        {"LOGWATCHD_SERVICE": "environ", "LOGWATCHD_PATHS": "/environ.log"},
        toml=toml,
        dotenv=dotenv,
        credentials={"discord_webhook_url": f"{WEBHOOK}\n"},
        flags={"paths": ("/flag.log",)},
    )
    settings = loaded.settings

    assert settings.paths == ("/flag.log",)
    assert settings.service == "environ"
    assert settings.discord.webhook_url is not None
    assert settings.discord.webhook_url.get_secret_value() == WEBHOOK
    assert settings.discord.username == "dotenv"
    assert settings.language is Language.KO


@pytest.mark.parametrize(
    "name", ["DISCORD_WEBHOOK_URL_FILE", "LOGWATCHD_DISCORD__WEBHOOK_URL_FILE"]
)
def test_a_secret_can_stand_in_a_file(read: Load, tmp_path: Path, name: str) -> None:
    """As Docker secrets do; the newline of an editor does not count."""
    file = tmp_path / "secret"
    file.write_text(f"{WEBHOOK}\n")
    settings = read({"LOGWATCHD_PATHS": "/a.log", name: str(file)}).settings

    assert settings.discord.webhook_url is not None
    assert settings.discord.webhook_url.get_secret_value() == WEBHOOK


def test_systemds_state_directory_is_used(read: Load) -> None:
    """The first one, when there are several."""
    assert read({**ENOUGH, "STATE_DIRECTORY": "/var/lib/a:/var/lib/b"}).state_dir == Path(
        "/var/lib/a"
    )


def test_every_problem_is_named_at_once(read: Load) -> None:
    """Nobody wants to start a daemon six times to find six mistakes; no value is shown."""
    environ = {
        "LOGWATCHD_COLOUR": "red",
        "LOGWATCHD_ALERTS__EDIT_EVRY": "30s",
        "LOGWATCHD_ALERTS__CEILING_HOUR": "many",
        "LOGWATCHD_LANGUAGE": "fr",
        "LOGWATCHD_PIPELINE__GRACE": "soon",
        "DISCORD_WEBHOOK_URL": f"http://discord.com/api/webhooks/1/{SECRET}",
    }
    with pytest.raises(ConfigError) as caught:
        read(environ, toml="[[rules]]\nname = 'x'\nseverity = 'bad'\n")

    found = problems(caught)
    assert found["colour"] == "unknown setting"
    assert found["alerts.edit_evry"] == "unknown setting"
    assert "integer" in found["alerts.ceiling_hour"]
    assert "'en' or 'ko'" in found["language"]
    assert "30s" in found["pipeline.grace"]
    assert "https://" in found["discord.webhook_url"]
    assert "rules.0.severity" in found
    assert "LOGWATCHD_PATHS" in found["paths"]


def test_a_wrong_value_does_not_hide_the_flaws_of_rules_and_patterns(read: Load) -> None:
    """Rules and patterns are checked by other means than values; all must be named at once."""
    toml = """
        language = "fr"
        [redaction]
        patterns = ["("]
        [[rules]]
        name = "a"
        severity = "bad"
        tell = "never"
        [[rules]]
        name = "b"
        severity = "info"
        message_regex = "("
    """
    with pytest.raises(ConfigError) as caught:
        read(ENOUGH, toml=toml)

    found = problems(caught)
    assert {"language", "redaction.patterns", "rules.b.message_regex"} <= found.keys()
    assert "rules.0.severity" in found


@pytest.mark.parametrize("name", ["logwatch\u200bd", "a\x1b[31m", "discord"])
def test_a_name_that_discord_would_not_show_is_refused(read: Load, name: str) -> None:
    """It is sent with every message: a wrong one would lose all of them."""
    with pytest.raises(ConfigError) as caught:
        read({**ENOUGH, "LOGWATCHD_DISCORD__USERNAME": name})

    assert "must not hold" in problems(caught)["discord.username"]


def test_an_enabled_sink_needs_its_secret(read: Load) -> None:
    """A daemon that can tell nobody must not look as if it worked."""
    with pytest.raises(ConfigError) as caught:
        read({"LOGWATCHD_PATHS": "/a.log"})

    assert "DISCORD_WEBHOOK_URL" in problems(caught)["discord.webhook_url"]


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("https://discord.com/api/webhooks/1/x", True),
        ("http://127.0.0.1:8080/api/webhooks/1/x", True),
        ("http://[::1]:8080/x", True),
        ("http://localhost/x", True),
        ("http://discord.com/api/webhooks/1/x", False),
        ("http://10.0.0.1/x", False),
        ("http://127.0.0.1.evil.example/x", False),
        ("ftp://discord.com/x", False),
        ("discord.com/x", False),
        ("https://", False),
        ("https://[::1", False),
        ("https://a b/", False),
        ("https://evil.example/api/webhooks/1/x", False),
        ("https://discord.com.evil.example/x", False),
        ("https://discord.com@evil.example/x", False),
        ("https://169.254.169.254/latest/meta-data", False),
        ("http://169.254.169.254/latest/meta-data", False),
    ],
)
def test_a_webhook_is_an_address_of_discord_or_of_this_machine(
    read: Load, url: str, taken: bool
) -> None:
    """The address is a password: never in the clear, and never to anyone else."""
    environ = {**ENOUGH, "DISCORD_WEBHOOK_URL": url}
    if taken:
        assert read(environ).settings.discord.webhook_url is not None
    else:
        with pytest.raises(ConfigError) as caught:
            read(environ)
        assert "discord.webhook_url" in problems(caught)


@pytest.mark.parametrize(
    ("toml", "where"),
    [
        ("paths = [", "logwatchd.toml"),
        ("[[rules]]\nname='x'\nseverity='info'\nmessage_regex='('\n", "rules.x"),
        ("[[rules]]\nname='x'\nseverity='info'\n", "rules.x"),
        ("[redaction]\npatterns=['(']\n", "redaction.patterns"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(read: Load, toml: str, where: str) -> None:
    """At the start, with the place: not at the first line that would need it."""
    with pytest.raises(ConfigError) as caught:
        read(ENOUGH, toml=toml)

    assert any(where in name for name in problems(caught))


def test_silence_may_be_told_of_each_path_in_its_own_time(read: Load) -> None:
    """Off by default; a path is written as in `paths`, whole or not."""
    assert read(ENOUGH).settings.source.silent_after is None
    toml = """
    [source]
    silent_after = "10m"
    silent_after_for = { "logs/a.log" = "1h", "/b/*.log" = "off" }
    """
    source = read({**ENOUGH, "LOGWATCHD_PATHS": "logs/a.log,/b/*.log"}, toml=toml).settings.source

    assert source.silent_after == timedelta(minutes=10)
    assert source.silent_after_for == {
        str(Path.cwd() / "logs" / "a.log"): timedelta(hours=1),
        "/b/*.log": None,
    }
    flags = {"paths": ("/only/this.log",)}  # a dry run on another file is no slip
    assert read(ENOUGH, toml=toml, flags=flags).settings.source == source


@pytest.mark.parametrize(
    ("toml", "reason"),
    [
        ("silent_after = '500ms'", "at least 1s"),
        ("silent_after = 'never'", "not a duration"),
        ("silent_after = '-1m'", "not a duration"),
        ("silent_after_for = { '/nowhere/app.log' = '0s' }", "longer than nothing"),
        ("silent_after_for = { '/nowhere/ap.log' = '1m' }", "not one of paths"),
    ],
)
def test_a_silence_that_cannot_be_noticed_is_refused(read: Load, toml: str, reason: str) -> None:
    """A slip here would be silence about silence."""
    with pytest.raises(ConfigError) as caught:
        read(ENOUGH, toml=f"[source]\n{toml}\n")

    assert reason in str(caught.value.problems)


def test_a_closed_path_is_refused(
    read: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As root every path is open to us, so the question is made to answer no."""
    log = tmp_path / "closed.log"
    log.touch()
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(ConfigError) as caught:
        read({**ENOUGH, "LOGWATCHD_PATHS": str(log)})

    assert "permission denied" in problems(caught)["paths"]


def test_a_path_that_is_missing_is_no_problem(read: Load) -> None:
    """The application may start later; the file is waited for."""
    assert read(ENOUGH).settings.paths == ("/nowhere/app.log",)


def test_a_teams_rule_comes_before_the_shipped_ones(read: Load) -> None:
    """First match wins, and the team knows its service best."""
    toml = """
    [[rules]]
    name = "billing"
    severity = "critical"
    category = "application"
    level = "warn"
    target = "billing::*"
    message = ["refund failed"]
    duration_over = "2s"
    """
    rules = read(ENOUGH, toml=toml).rules.rules

    assert rules[0].name == "billing"
    assert rules[0].duration_over_ms == 2000
    assert (rules[0].severity, rules[0].tell) == (Severity.CRITICAL, Tell.AT_ONCE)
    assert len(rules) > 1


def test_the_shipped_rules_can_be_left_out(read: Load) -> None:
    """A team may want its own and nothing else."""
    toml = "shipped_rules = false\n[[rules]]\nname='x'\nseverity='info'\nlevel='error'\n"

    assert [each.name for each in read(ENOUGH, toml=toml).rules.rules] == ["x"]


def test_our_own_secrets_are_redacted_from_every_text(read: Load) -> None:
    """Also those of parts that are not configured here, when they are in the environment."""
    key = "sk-" + "ant-" + "made-up-0123456789"
    redactor = read({**ENOUGH, "ANTHROPIC_API_KEY": key}).redactor

    text = redactor.text(f"posting to {WEBHOOK} with {key}")
    assert SECRET not in text
    assert key not in text


def test_commands_that_run_nothing_need_nothing(read: Load) -> None:
    """`logwatchd parse` must work on a laptop without any configuration."""
    assert read({}, to_run=False).settings.paths == ()


def test_the_watchdog_of_another_process_is_not_ours(read: Load) -> None:
    """sd_watchdog_enabled(3): the variable may be inherited."""
    mine = read({**ENOUGH, "WATCHDOG_USEC": "6000000"})
    others = read({**ENOUGH, "WATCHDOG_USEC": "6000000", "WATCHDOG_PID": "1"})

    assert (mine.watchdog_usec, others.watchdog_usec) == (6_000_000, 0)


def test_naming_a_repository_turns_issues_on_and_rules_may_send_theirs_elsewhere(
    read: Load,
) -> None:
    """A token alone does nothing: it may be there for something else."""
    assert read(ENOUGH | {"GITHUB_TOKEN": "made-up-" + "token"}).settings.issue_policy() is None
    loaded = read(ENOUGH | {"GITHUB_TOKEN": "made-up-" + "token", "GITHUB_REPOSITORY": "acme/api"})
    policy = loaded.settings.issue_policy()
    assert policy is not None
    assert policy.route("anything") == IssueRoute(repository="acme/api")
    assert loaded.redactor.text("made-up-" + "token") == "[REDACTED:own_secret]"

    toml = (
        'github = { repository = "acme/api", token = "made-up" }\n'
        '[[rules]]\nname = "a"\nseverity = "warning"\ncode = "A*"\nissue_repository = "acme/b"\n'
        '[[rules]]\nname = "b"\nseverity = "warning"\ncode = "B*"\nissue = false\n'
    )
    settings = read(ENOUGH, toml=toml).settings
    policy = settings.issue_policy()
    assert policy is not None
    assert policy.route("a") == IssueRoute(repository="acme/b")
    assert policy.route("b").wanted is False
    assert settings.repositories() == {"acme/api", "acme/b"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GITHUB_API_URL", "http://github.example.com/api/v3"),
        ("GITHUB_API_URL", "https://169.254.169.254/api/v3"),
        ("GITHUB_API_URL", "https://me:secret@github.example.com"),
        ("GITHUB_API_URL", "not a url"),
        ("GITHUB_REPOSITORY", "acme"),
        ("GITHUB_REPOSITORY", "acme/api/../x"),
        ("GITHUB_REPOSITORY", "acme/a pi"),
    ],
)
def test_an_address_that_cannot_be_githubs_is_refused(read: Load, name: str, value: str) -> None:
    """The token goes there."""
    with pytest.raises(ConfigError) as caught:
        read(ENOUGH | {"GITHUB_TOKEN": "made-up", name: value})
    assert any(field.startswith("github.") for field, _ in caught.value.problems)
