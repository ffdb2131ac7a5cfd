"""Which files of a repository are read as source, and which module each of them is."""

from typing import Final

PATH_LIMIT: Final = 512
"""Code points; a longer path is not read."""

LANGUAGES: Final = {
    ".rs": "rust",
    ".py": "python",
    ".ts": "typescript",
    ".mts": "typescript",
    ".cts": "typescript",
    ".tsx": "tsx",
    ".js": "tsx",
    ".jsx": "tsx",
    ".mjs": "tsx",
    ".cjs": "tsx",
}
"""Grammar by ending. That of TSX reads JavaScript, too."""

_SKIPPED_FOLDERS: Final = frozenset(
    {
        "node_modules", "target", "dist", "build", "vendor", "third_party", "site-packages",
        "__pycache__", ".venv", "venv", ".next", "coverage", "migrations",
    }
)  # fmt: skip
_SKIPPED_ENDINGS: Final = (".min.js", ".d.ts", ".bundle.js", ".pb.rs", "_pb2.py")
_SECRET_STEMS: Final = ("secret", "secrets", "credential", "credentials", ".env", "private_key")
_TEST_FOLDERS: Final = frozenset(
    {"tests", "test", "__tests__", "benches", "examples", "fixtures", "spec"}
)
_FILES_WITHOUT_MODULE: Final = frozenset({"mod", "lib", "main", "index", "__init__", "__main__"})


def language_of(path: str) -> str:
    """Return the grammar to read a file with, "" when it is not to be read.

    Generated and foreign code, what is named like a secret, and names that a terminal or a card
    could trip over are not read.
    """
    name = path.rpartition("/")[2]
    folders = path.split("/")[:-1]
    stem, dot, ending = name.rpartition(".")
    language = LANGUAGES.get(f".{ending.lower()}" if dot else "", "")
    if not language or len(path) > PATH_LIMIT or not path.isprintable():
        return ""
    if stem.lower() in _SECRET_STEMS or name.endswith(_SKIPPED_ENDINGS):
        return ""
    return "" if _SKIPPED_FOLDERS.intersection(folders) or ".." in folders else language


def is_test(path: str) -> bool:
    """Say whether a file holds tests or examples, which log nothing in production."""
    parts = path.split("/")
    stem = parts[-1].partition(".")[0]
    if _TEST_FOLDERS.intersection(parts[:-1]):
        return True
    marked = ".test." in parts[-1] or ".spec." in parts[-1]
    return marked or stem.startswith("test_") or stem.endswith("_test") or stem == "tests"


def modules_of(path: str) -> tuple[str, ...]:
    """Return the modules that a file stands for, without its crate or package.

    `crates/api/src/service/mod.rs` is `service`; `app/services/retro.py` is `app.services.retro`.
    """
    *folders, name = path.split("/")
    parts = [*folders, name.rpartition(".")[0]]
    if "src" in parts:
        parts = parts[len(parts) - parts[::-1].index("src") :]
    if parts and parts[-1] in _FILES_WITHOUT_MODULE:
        parts.pop()
    return tuple(parts)


def crate_of(path: str) -> str:
    """Return the folder that holds `src`, as a crate's name; "" for the root."""
    head = path.partition("src/")[0].rstrip("/").rpartition("/")[2]
    return head.replace("-", "_")


def is_module(path: str, inner: tuple[str, ...], target: str) -> bool:
    """Say whether a Rust target is the module path of a place in a file, whatever its crate."""
    crate, *modules = target.split("::")
    own = modules_of(path)
    if own[:1] == ("bin",):
        return [crate, *modules] == [*own[1:], *inner]
    return modules == [*own, *inner]


def near_modules(path: str, inner: tuple[str, ...], target: str) -> float:
    """Return how near a place is to the module that a target names: 0 to 1."""
    names = [each for each in target.replace("::", ".").split(".") if each]
    own = [*modules_of(path), *inner]
    if not names or not own:
        return 0.0
    shared = len(set(names) & set(own))
    exact = names[-len(own) :] == own
    crate = 0.2 if crate_of(path) == names[0] else 0.0
    return min(1.0, (0.8 if exact else 0.6 * shared / max(len(names), len(own))) + crate)


def same_file(path: str, named: str) -> bool:
    """Say whether a path in the repository is the file that a log names: absolute, or a part."""
    if not named or not path:
        return False
    named = named.replace("\\", "/").removeprefix("./")
    return named == path or named.endswith("/" + path) or path.endswith("/" + named)
