"""What the program is made of, from Cargo's own account: its crates with their licences, or as a CycloneDX SBOM.

    python3 release/crates.py licences|sbom TARGET

Prints to standard output. Same lock file, same bytes: it reads no clock and asks no server. Must not guess: a crate without a
licence, or without its text, ends it.
"""

import json
import os
import subprocess
import sys
import uuid
from datetime import datetime, timezone
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
PROGRAM = "rollout-gate"
# How the files are named in which crates bring the texts that bind whoever passes them on.
TEXTS = ("LICEN", "COPY", "NOTICE", "UNLICENSE")
# Debian's copy of the licence of the C library, which is linked into the program.
LGPL = Path("/usr/share/common-licenses/LGPL-2.1")
RULE = "=" * 100


def fail(message):
    sys.exit(f"no list of crates was made: {message}")


def asked(*words):
    """What a program answers."""
    return subprocess.run(words, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE, text=True).stdout


class Crates:
    """The crates that are needed to build the program for a target, and those of them that are linked into it."""

    def __init__(self, target):
        words = ("cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target)
        metadata = json.loads(asked(*words))
        self.packages = {package["id"]: package for package in metadata["packages"]}
        self.root = metadata["resolve"]["root"]
        self.needs = {node["id"]: [dep["pkg"] for dep in node["deps"] if runs(dep)] for node in metadata["resolve"]["nodes"]}
        self.all = self.below(self.root, lambda _: True)
        self.linked = self.below(self.root, lambda found: not self.is_macro(found))

    def below(self, root, counts):
        found, left = set(), [root]
        while left:
            this = left.pop()
            if this not in found and counts(this):
                found.add(this)
                left.extend(self.needs[this])
        return found

    def is_macro(self, identity):
        """Runs in the compiler, and is not in the program."""
        return any("proc-macro" in made["kind"] for made in self.packages[identity]["targets"])

    def others(self):
        """All but the program itself, by name and version."""
        others = [self.packages[identity] for identity in self.all - {self.root}]
        return sorted(others, key=lambda package: (package["name"], package["version"]))


def runs(dependency):
    """Neither for tests nor for build scripts."""
    return any(kind["kind"] is None for kind in dependency["dep_kinds"])


def licence(package):
    # An old form of `OR`.
    return (package["license"] or fail(f"{package['name']} names no licence")).replace("/", " OR ")


def texts(package):
    """The licence texts that a crate brings, by the names of their files."""
    folder = Path(package["manifest_path"]).parent
    files = sorted(file for file in folder.iterdir() if file.is_file() and file.name.upper().startswith(TEXTS))
    if files:
        return [(file.name, file.read_text("utf-8", "replace").strip()) for file in files]
    if "Apache-2.0" in licence(package):
        return [("Apache-2.0, as this program's own LICENSE-APACHE", "")]
    fail(f"{package['name']} brings no licence text")


def c_library():
    """Name and version of the C library that is linked into the program."""
    name, version = asked("getconf", "GNU_LIBC_VERSION").split()
    return name, version


def rust_version():
    return asked("rustc", "--version").split()[1]


def licences(crates):
    name, version = c_library()
    print("gate is licensed under MIT OR Apache-2.0. It is built from the works below, under their own licences.\n")
    print(f"The Rust standard library {rust_version()}: MIT OR Apache-2.0, https://github.com/rust-lang/rust")
    print(f"The GNU C library ({name} {version}): LGPL-2.1-or-later, https://www.gnu.org/software/libc, linked into the program.")
    print("  Its text is at the end. With the source of gate and release/build.sh you can link gate with another version of it.")
    print("The runtime library of GCC: GPL-3.0-or-later WITH GCC-exception-3.1, https://gcc.gnu.org\n")
    for package in crates.others():
        print(f"{package['name']} {package['version']}: {licence(package)}")
    # Each text once, with all that it is for.
    shared = {}
    for package in crates.others():
        for file, text in texts(package):
            shared.setdefault(text, []).append(f"{package['name']} {package['version']}: {file}")
    for text, owners in shared.items():
        print(f"\n{RULE}\n" + "\n".join(owners) + (f"\n\n{text}" if text else ""))
    print(f"\n{RULE}\nThe GNU C library\n\n{LGPL.read_text('utf-8').strip()}")


def sbom(crates):
    checksums = checksums_of_lock()
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(epoch(), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": component(crates, crates.packages[crates.root], checksums),
        },
        "components": [component(crates, package, checksums) for package in crates.others()] + system_libraries(),
        "dependencies": [needed(crates, identity) for identity in sorted(crates.all, key=lambda one: reference(crates.packages[one]))],
    }
    text = json.dumps(document, sort_keys=True)
    document["serialNumber"] = uuid.uuid5(uuid.NAMESPACE_URL, text).urn
    print(json.dumps(document, indent=2, sort_keys=True))


def epoch():
    return int(os.environ.get("SOURCE_DATE_EPOCH") or fail("SOURCE_DATE_EPOCH is not set"))


def checksums_of_lock():
    """SHA-256 of the crates, as the lock file pins them. Python before 3.11 reads no TOML; the file has one form."""
    found, package = {}, {}
    for line in (REPOSITORY / "Cargo.lock").read_text("utf-8").splitlines():
        key, separator, value = line.partition(" = ")
        if line == "[[package]]":
            package = {}
        elif separator:
            package[key] = value.strip('"')
            if key == "checksum":
                found[package["name"], package["version"]] = package["checksum"]
    return found


def reference(package):
    return f"pkg:cargo/{package['name']}@{package['version']}"


def component(crates, package, checksums):
    is_program = package["id"] == crates.root
    made = {
        "type": "application" if is_program else "library",
        "bom-ref": reference(package),
        "purl": reference(package),
        "name": package["name"],
        "version": package["version"],
        "scope": "required" if package["id"] in crates.linked else "excluded",
        "licenses": [{"expression": licence(package)}],
    }
    if package["description"]:
        made["description"] = " ".join(package["description"].split())
    if package["repository"]:
        made["externalReferences"] = [{"type": "vcs", "url": package["repository"]}]
    checksum = checksums.get((package["name"], package["version"]))
    if checksum:
        made["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    elif not is_program:
        fail(f"the lock file has no checksum of {package['name']}")
    return made


def system_libraries():
    name, version = c_library()
    libraries = [("rust-std", rust_version(), "MIT OR Apache-2.0"), (name, version, "LGPL-2.1-or-later")]
    return [
        {
            "type": "library",
            "bom-ref": f"{name}@{version}",
            "name": name,
            "version": version,
            "scope": "required",
            "licenses": [{"expression": expression}],
        }
        for name, version, expression in libraries
    ]


def needed(crates, identity):
    needs = {reference(crates.packages[need]) for need in crates.needs[identity]}
    return {"ref": reference(crates.packages[identity]), "dependsOn": sorted(needs)}


def main(words):
    lists = {"licences": licences, "sbom": sbom}
    if len(words) != 2 or words[0] not in lists:
        sys.exit(__doc__)
    lists[words[0]](Crates(words[1]))


main(sys.argv[1:])
