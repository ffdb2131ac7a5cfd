"""Repositories that mean harm: no program of theirs runs, nothing of theirs leads out."""

import os
import subprocess
from pathlib import Path

import pytest

from logwatchd.errors import RepositoryError
from logwatchd.repo.git import BLOB_BYTES, GitRepository
from logwatchd.repo.source import SourceRepository
from tests.fakes.notices import an_event
from tests.service.build import a_repository, commit, git

LINE = 'fn f() { error!("the disk of {} is full", host); }\n'


def paths(repository: Path) -> set[str]:
    """Return the source files that are read."""
    opened = GitRepository(repository)
    return {each.path for each in opened.files(opened.commit()).files}


def test_no_program_that_a_repository_names_is_run(tmp_path: Path) -> None:
    """Hooks, filters, converters, pagers, monitors, signatures, remotes: git would run them all."""
    repository = a_repository(
        tmp_path / "repo", {"src/a.rs": LINE, ".gitattributes": "* diff=evil filter=evil\n"}
    )
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\ncat\n")
    evil.chmod(0o755)
    for name in ("post-checkout", "reference-transaction", "post-index-change"):
        hook = repository / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(evil.read_text())
        hook.chmod(0o755)
    for key, value in {
        "core.fsmonitor": str(evil), "core.pager": str(evil), "core.sshCommand": str(evil),
        "core.editor": str(evil), "diff.external": str(evil), "diff.evil.textconv": str(evil),
        "diff.evil.command": str(evil), "filter.evil.clean": str(evil), "filter.evil.smudge": str(evil),
        "gpg.program": str(evil), "log.showSignature": "true", "core.hooksPath": str(evil.parent),
        "alias.blame": f"!{evil}", "remote.origin.url": f"ext::{evil}", "remote.origin.promisor": "true",
        "remote.origin.partialclonefilter": "blob:none", "protocol.ext.allow": "always",
        "extensions.partialClone": "origin", "core.repositoryformatversion": "1",
        "blame.ignoreRevsFile": "/etc/passwd",
    }.items():  # fmt: skip
        git(repository, "config", key, value)
    with SourceRepository(repository, tmp_path / "index.sqlite") as source:
        source.refresh()
        source.anchor(an_event(message="the disk of db-3 is full"))
        source.history("src/a.rs", 1, 1, limit=3)
        source.lines("src/a.rs", [(1, 1)])
        list(source._reader().blobs(["0" * 40]))  # missing: a promisor would be asked for it

    assert not (tmp_path / "ran").exists()
    plain = ["git", "-C", str(repository), "status"]  # the trap works: this falls into it
    subprocess.run(plain, check=False, capture_output=True, env={"PATH": os.defpath})
    assert (tmp_path / "ran").exists()


def test_links_submodules_secrets_and_foreign_code_are_not_read(tmp_path: Path) -> None:
    """What is read is what the team wrote, at that commit."""
    repository = tmp_path / "repo"
    files = {
        "src/a.rs": LINE, "src/secrets.py": "KEY = 1\n", "node_modules/x/index.js": "x",
        "target/debug/build.rs": LINE, "vendor/y.rs": LINE, "app.min.js": "x", ".env": "A=b",
        "config/production.toml": "x",
    }  # fmt: skip
    a_repository(repository, files)
    (repository / "src" / "passwd.rs").symlink_to("/etc/passwd")
    (repository / "untracked.rs").write_text(LINE)
    git(repository, "add", "src/passwd.rs")
    git(repository, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module.rs")
    git(repository, "commit", "-q", "-m", "links")

    assert paths(repository) == {"src/a.rs"}


def test_hostile_names_are_survived_or_left_out(tmp_path: Path) -> None:
    """Names are text that anyone wrote, and reach terminals and cards."""
    names = ["-rf.rs", "a b'\"$(x).rs", "한글.rs", "*.rs", ":(glob)x.rs", "--output=x.rs"]
    repository = a_repository(tmp_path / "repo", dict.fromkeys(names, LINE))
    blob = git(repository, "rev-parse", "HEAD:한글.rs").strip()
    for raw in (b"line\nbreak.rs", b"esc\x1b[31m.rs", "bidi\u202e.rs".encode(), b"\xff\xfe.rs"):
        subprocess.run(
            [b"git", b"-C", os.fsencode(repository), b"update-index", b"--add", b"--cacheinfo",
             b"100644," + blob.encode() + b"," + raw],
            check=True,
        )  # fmt: skip
    git(repository, "commit", "-q", "-m", "names")

    assert paths(repository) == set(names)
    with SourceRepository(repository, tmp_path / "index.sqlite") as source:
        source.refresh()
        for name in names:
            assert source.lines(name, [(1, 1)]) == [LINE.strip()]
            assert source.blame(name, 1, 1)
            assert source.history(name, 1, 1, limit=1)


def test_what_is_too_large_is_counted_and_not_read(tmp_path: Path) -> None:
    """A generated file of a megabyte is no source."""
    big = "// x\n" * (BLOB_BYTES // 5 + 1)
    repository = a_repository(tmp_path / "repo", {"big.rs": big, "a.rs": LINE})
    with SourceRepository(repository, tmp_path / "index.sqlite") as source:
        built = source.refresh()

        assert built is not None
        assert (built.read, built.skipped) == (1, 1)
        with pytest.raises(RepositoryError):
            source.lines("big.rs", [(1, 1)])


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../a.rs", "src/../../a.rs", "nothing.rs", ".", ""]
)
def test_only_what_is_listed_can_be_shown(tmp_path: Path, path: str) -> None:
    """The path of a question may come from anywhere."""
    repository = a_repository(tmp_path / "repo", {"src/a.rs": LINE})
    opened = GitRepository(repository)

    with pytest.raises(RepositoryError):
        opened.text(opened.commit(), path)


def test_source_that_breaks_readers_costs_its_own_file_only(tmp_path: Path) -> None:
    """One file of nonsense must not hide the others."""
    repository = a_repository(
        tmp_path / "repo",
        {"a.rs": LINE, "deep.rs": "fn f() { " + "(" * 20_000, "deep.py": "x = " + "[" * 20_000,
         "deep.ts": "`${" * 5_000, "nul.rs": "\0" * 1_000},
    )  # fmt: skip
    with SourceRepository(repository, tmp_path / "index.sqlite") as source:
        source.refresh()

        assert (
            source.candidates(an_event(message="the disk of db-3 is full"))[0].statement.path
            == "a.rs"
        )


def test_a_repository_with_missing_objects_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    """A clone that was cut short, or is being repacked."""
    repository = a_repository(
        tmp_path / "repo", {"a.rs": LINE, "b.rs": LINE.replace("disk", "tape")}
    )
    commit(repository, {"c.rs": "fn c() {}\n"}, "more")
    blob = git(repository, "rev-parse", "HEAD:b.rs").strip()
    (repository / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with SourceRepository(repository, tmp_path / "index.sqlite") as source:
        try:
            source.refresh()
        except RepositoryError:
            return  # said, which is as good
        assert (
            source.candidates(an_event(message="the disk of db-3 is full"))[0].statement.path
            == "a.rs"
        )
