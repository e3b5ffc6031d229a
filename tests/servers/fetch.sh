#!/usr/bin/env bash
# Gets the servers that the tests talk to, and the library that gives a program another clock, from Debian's packages,
# unpacked into a folder.
#
#   tests/servers/fetch.sh [FOLDER]        default: target/servers; prints the folder
#
# Nothing is installed and nothing outside the folder is touched: apt gets a private state there.
# The archive's address and key are the ones that this machine's apt is configured with.
# Once there, the servers are used offline. Where packages cannot be had this fails and says so.
set -euo pipefail

repository=$(cd "$(dirname "$0")/../.." && pwd)
folder=${1:-$repository/target/servers}

# folder, named after its suite: packages. bookworm is the oldest server that is supported, sid the newest that Debian has.
declare -A packages=(
    [bookworm]="prometheus victoria-metrics prometheus-alertmanager"
    [sid]="prometheus promtool"
    [bookworm-clock]="libfaketime"
)

fail() {
    printf 'the test servers are missing: %s\n' "$1" >&2
    [ -z "${2:-}" ] || tail -n 5 "$2" >&2
    printf 'they come from Debian packages: run this where apt reaches a Debian archive, once\n' >&2
    exit 1
}

# Address and key file of each archive with a component `main`, in the order of apt's configuration.
archives() {
    # shellcheck disable=SC2016 # apt fills these in
    apt-get indextargets --format '$(REPO_URI) $(SOURCESENTRY) $(COMPONENT)' 'Created-By: Packages' |
        while read -r uri entry component; do
            [ "$component" = main ] || continue
            key=$(grep -iohE 'signed-by *[:=] *[^] ]+' "${entry%:*}" | head -n 1 | sed 's/^[^:=]*[:=] *//' || true)
            printf '%s %s\n' "$uri" "$key"
        done | awk '!seen[$0]++'
}

# private_apt STATE COMMAND…: apt-get with everything it reads or writes below STATE.
private_apt() {
    local state=$1
    shift
    apt-get -qq -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=- \
        -o Dir::State="$state" -o Dir::State::status="$state/status" -o Dir::State::lists="$state/lists" \
        -o Dir::Cache="$state/cache" -o APT::Sandbox::User=root -o APT::Update::Error-Mode=any \
        -o Acquire::Languages=none -o Acquire::Retries=3 "$@"
}

# unpack NAME INTO: downloads the packages of this name from its suite and unpacks them.
unpack() {
    local name=$1 suite=${1%%-*} into=$2 state=$2/apt uri key log=$folder/$1.log
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$into/debs"
    : >"$state/status"
    : >"$log"
    while read -r uri key; do
        printf 'deb %s%s %s main\n' "${key:+[signed-by=$key] }" "$uri" "$suite" >"$state/sources.list"
        # shellcheck disable=SC2086 # one word a package
        if private_apt "$state" update >>"$log" 2>&1 </dev/null &&
            (cd "$into/debs" && private_apt "$state" download ${packages[$name]}) >>"$log" 2>&1 </dev/null; then
            for deb in "$into"/debs/*.deb; do dpkg -x "$deb" "$into"; done
            relocate "$into"
            rm -rf "$state" "$into/debs"
            return
        fi
    done < <(archives)
    fail "no archive that apt is configured with has $suite's ${packages[$name]}" "$log"
}

# Debian's Alertmanager reads a template at a fixed path and stops without it. The path becomes one of
# the same length that starts at the working directory, so that it works from any unpacked folder.
relocate() {
    local program=$1/usr/bin/prometheus-alertmanager
    [ -e "$program" ] || return 0
    LC_ALL=C sed -i 's|/usr/share/prometheus/alertmanager|usr//share/prometheus/alertmanager|g' "$program"
}

for program in apt-get dpkg flock; do
    command -v "$program" >/dev/null || fail "this machine has no $program"
done
mkdir -p "$folder"
exec 9>"$folder/lock"
flock 9
for name in "${!packages[@]}"; do
    [ ! -d "$folder/$name" ] || continue
    rm -rf "$folder/.$name"
    unpack "$name" "$folder/.$name"
    mv "$folder/.$name" "$folder/$name" # finished folders only: others may be waiting for it
done
printf '%s\n' "$folder"
