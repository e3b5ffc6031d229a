"""Takes the files of integrations/ apart for linters: `blocks.py INTEGRATIONS INTO`.

The shell blocks, a file for each (`.bash` and `.sh`, as their systems run them), and the job of GitLab's component with its
inputs filled in.
"""

import pathlib
import re
import sys

import yaml

source, into = map(pathlib.Path, sys.argv[1:])


def read(path):
    return list(yaml.safe_load_all((source / path).read_text()))


def write(name, text):
    shell = "bash" if name.endswith(".bash") else "sh"
    (into / name).write_text(f"#!/usr/bin/env {shell}\n{text}")


write("github.bash", read("github/action.yml")[0]["runs"]["steps"][0]["run"])
write("azure.bash", read("azure/gate.yml")[0]["steps"][0]["bash"])
write("tekton.sh", read("tekton/task.yaml")[0]["spec"]["steps"][1]["script"])
for hook in read("flagger/canary.yaml")[0]["spec"]["analysis"]["webhooks"]:
    write(f"flagger-{hook['name']}.bash", hook["metadata"]["cmd"])
jenkins = re.search(r"script: '''(.*?)'''", (source / "jenkins/Jenkinsfile").read_text(), re.S)[1]
write("jenkins.sh", jenkins.replace("\\\\", "\\"))

head, component = (source / "gitlab/templates/gate.yml").read_text().split("\n---\n")
inputs = yaml.safe_load(head)["spec"]["inputs"]
for name, told in inputs.items():
    component = component.replace(f"$[[ inputs.{name} ]]", told.get("default") or "filled-in")
(into / "gitlab-ci.yml").write_text(component)
write("gitlab.sh", next(iter(yaml.safe_load(component).values()))["script"][0])
