#!/usr/bin/env bash
# The documents as a book: mdBook builds it below target/book, and every link in it is followed.
set -euo pipefail
cd "$(dirname "$0")/.."

VERSION=0.5.4
tools="$PWD/target/tools"
if ! "$tools/bin/mdbook" --version 2>/dev/null | grep -qF "v$VERSION"; then
    # Without its web server and search; not optimised, since it builds the book once.
    cargo install --quiet --locked --debug --no-default-features --root "$tools" "mdbook@$VERSION"
fi
command -v python3 >/dev/null || { echo "python3 is missing: apt-get install python3" >&2; exit 1; }
rm -rf target/book
"$tools/bin/mdbook" build 2>&1 | tee target/book.log
# mdBook goes on after what it warns of.
if grep -qE 'WARN|ERROR' target/book.log; then exit 1; fi
python3 tests/docs/links.py target/book . "$(sed -n 's/^git-repository-url = "\(.*\)"$/\1/p' book.toml)"
