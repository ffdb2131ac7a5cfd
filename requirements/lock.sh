#!/bin/sh
# Writes the lock files anew: pinned, hashed, for Python 3.11 and later, naming no index.
set -eu
cd "$(dirname "$0")/.."
compile() {
  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url "$@"
}
compile pyproject.toml -o requirements/runtime.txt
compile requirements/build.in -c requirements/runtime.txt -o requirements/build.txt
compile pyproject.toml --group dev requirements/build.in -c requirements/runtime.txt -o requirements/dev.txt
