"""Lays out the files of an unpacked OCI archive in a folder, and prints the image's configuration.

    python3 tests/release/image.py ARCHIVE FOLDER
"""

import json
import sys
import tarfile
from pathlib import Path

archive, folder = Path(sys.argv[1]), Path(sys.argv[2])


def blob(entry):
    return archive / "blobs" / entry["digest"].replace(":", "/")


index = json.loads((archive / "index.json").read_text())
manifest = json.loads(blob(index["manifests"][0]).read_text())
folder.mkdir()
for layer in manifest["layers"]:
    with tarfile.open(blob(layer)) as files:
        files.extractall(folder)
print(blob(manifest["config"]).read_text())
