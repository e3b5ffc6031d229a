#!/usr/bin/env bash
# Each file of integrations/ by the schema or the linter of its system, and each shell block of them by shellcheck.
#
#   tests/integrations/lint.sh [FOLDER]        default: integrations
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
files=$(realpath "${1:-$here/../../integrations}")
tools=$("$here/fetch.sh")
python=$tools/python/bin
export PATH="$python:$tools/node/node_modules/.bin:$PATH"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

check-jsonschema --builtin-schema vendor.github-actions "$files/github/action.yml"
zizmor --offline --no-progress --persona=pedantic "$files/github"
check-jsonschema --builtin-schema vendor.azure-pipelines --data-transform azure-pipelines "$files/azure/gate.yml"
python "$here/blocks.py" "$files" "$work"
check-jsonschema --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci "$work/gitlab-ci.yml"
shellcheck "$work"/*.bash "$work"/*.sh
tekton-lint --max-warnings=0 "$files/tekton/task.yaml"
NODE_PATH=$tools/node/node_modules node "$here/kubernetes.mjs" "$files"
npm-groovy-lint --noserver --failon info --config "$here/groovylint.json" --path "$files/jenkins" --files '**/Jenkinsfile'
