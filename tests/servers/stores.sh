#!/usr/bin/env bash
# Gets the object stores that the tests talk to, from Python's and npm's registries, into a folder.
#
#   tests/servers/stores.sh [FOLDER]        default: target/servers/stores; prints the folder
#
# Nothing is installed and nothing outside the folder is touched. Once there, they are used offline. Where they cannot be had
# this fails and says so.
set -euo pipefail

repository=$(cd "$(dirname "$0")/../.." && pwd)
folder=${1:-$repository/target/servers/stores}

# moto and ministack are two implementations of S3 that keep preconditions and share no code of it.
# botocore, on which moto rests, is Amazon's own library: it signs again what is signed for Amazon.
python=(moto==5.2.5 botocore==1.43.106 Flask==3.1.3 flask-cors==6.0.5 PyYAML==6.0.4 xmltodict==1.0.4 ministack==1.5.33 hypercorn==0.18.0)
# s3rver ignores preconditions; azurite is Microsoft's own emulator of Azure.
node=(azurite@3.37.0 s3rver@3.7.1)

fail() {
    printf 'the object stores of the tests are missing: %s\n' "$1" >&2
    tail -n 5 "$folder/log" >&2 || true
    printf 'they come from PyPI and npm: run this where pip and npm reach them, once\n' >&2
    exit 1
}

for program in python3 node npm flock; do
    command -v "$program" >/dev/null || { printf 'this machine has no %s, which the object stores of the tests need\n' "$program" >&2; exit 1; }
done
mkdir -p "$folder"
exec 9>"$folder/lock"
flock 9
if [ ! -e "$folder/python/done" ]; then
    rm -rf "$folder/python"
    python3 -m venv "$folder/python" >"$folder/log" 2>&1 || fail "no virtual environment can be made (Debian: python3-venv)"
    "$folder/python/bin/python" -m pip install --quiet --disable-pip-version-check "${python[@]}" >"$folder/log" 2>&1 </dev/null ||
        fail "pip cannot get ${python[*]}"
    touch "$folder/python/done"
fi
if [ ! -e "$folder/node/done" ]; then
    rm -rf "$folder/node"
    mkdir -p "$folder/node"
    npm install --prefix "$folder/node" --ignore-scripts --no-audit --no-fund --loglevel=error "${node[@]}" >"$folder/log" 2>&1 </dev/null ||
        fail "npm cannot get ${node[*]}"
    touch "$folder/node/done"
fi
printf '%s\n' "$folder"
