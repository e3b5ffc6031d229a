#!/usr/bin/env bash
# The HTML report in a real browser: no console message, nothing loaded, axe-core finds nothing, phone and desk, light and dark,
# keyboard and pointer read the charts, print to PDF; the sliders of a backtest say what the program says. Screenshots are left in target/browser/shots.
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

# A rollout in which people have every say, and what is told of it afterwards.
people="$work/people"
mkdir -p "$people"
cp tests/browser/people.yaml "$people/r1.yaml"
did() { local verb="$1"; shift; (cd "$people" && USER=mara GIT_CONFIG_GLOBAL=/dev/null "$gate" "$verb" r1.yaml "$@" >/dev/null 2>&1) || true; }
told() { "$gate" report "$1" --format "$2" -o "$work/pages/$3.html"; }
did confirm readiness/integrations --why "contract tests of build 812" --link https://ci.example.com/812
did check --gate pilot/entry --report "html=../pages/people-outstanding.html"
did confirm readiness/roles --by @warehouse
did confirm readiness/rollback
did check --gate pilot/entry
did start pilot
did incident open --severity sev2 --description "labels print twice" --workaround "discard the copy" --owner @integrations --target 8h
did check --gate pilot/exit
did override pilot/exit --expires 24h --why "the duplicate labels are harmless"
did check --report "html=../pages/people-overridden.html"
did rollback --why "every tenth label is lost" --done 1=@operations
did check --gate pilot/recovery --report "html=../pages/people-rolled-back.html"
for page in people-outstanding people-overridden people-rolled-back; do
  [ -s "$work/pages/$page.html" ] || { echo "$page was not written" >&2; exit 1; }
done
told "$people/r1.evidence" summary-html people-summary
told "$people/r1.evidence" handover-html people-handover
"$gate" check rollout-plans/canary.yaml --replay fixtures/canary-go/answers.json.gz --evidence "$work/canary" >/dev/null 2>&1 || true
told "$work/canary" summary-html canary-summary
told "$work/canary" html canary-again

# A backtest, whose sliders are held against the program.
(cd "$work/made" && "$gate" backtest weeks.yaml --replay weeks.answers.json --incidents weeks.csv --report html=backtest.html) >/dev/null

npm ci --prefix tests/browser --no-audit --no-fund --loglevel=error >&2
node tests/browser/check.mjs "$work/pages" "$work/shots"
node tests/browser/backtest.mjs "$gate" "$work/made" "$work/shots"
