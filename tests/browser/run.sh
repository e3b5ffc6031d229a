#!/usr/bin/env bash
# The HTML report in a real browser: no console message, nothing loaded, axe-core finds nothing, phone and desk, light and dark,
# keyboard and pointer read the charts, print to PDF. Screenshots are left in target/browser/shots.
set -euo pipefail
cd "$(dirname "$0")/../.."

SCENARIOS="logistics-stop-carrier logistics-hold-missing-site batch-stop-conversion canary-go site-no-go-exceptions"

# Debian's own browser and PDF tools; nothing of them is downloaded by npm.
need() {
  command -v "$1" >/dev/null && return
  if [ "$(id -u)" -ne 0 ]; then
    echo "$1 is missing: apt-get install $2" >&2
    exit 1
  fi
  echo "installing $2" >&2
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2"; } >/dev/null
}
need chromium chromium
need pdftotext poppler-utils
need node nodejs
need npm npm

work=target/browser
rm -rf "$work"
mkdir -p "$work/pages" "$work/made"
cargo build --quiet --locked
gate="$PWD/target/debug/gate"

# A verdict has an exit code of its own; only a failure to write ends this.
page() {
  "$gate" check "$2" --replay "$3" --evidence "$work/evidence" --report "html=$work/pages/$1.html" >/dev/null 2>"$work/err" \
    || [ -s "$work/pages/$1.html" ] || { cat "$work/err" >&2; exit 1; }
}
for scenario in $SCENARIOS; do
  page "$scenario" "$(head -n 1 "fixtures/$scenario/args")" "fixtures/$scenario/answers.json.gz"
done
node tests/browser/made.mjs "$work/made"
for made in wide hostile; do
  page "$made" "$work/made/$made.yaml" "$work/made/$made.answers.json"
done

npm ci --prefix tests/browser --no-audit --no-fund --loglevel=error >&2
node tests/browser/check.mjs "$work/pages" "$work/shots"
