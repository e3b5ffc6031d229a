"""A preprocessor of mdBook: links out of `docs` lead to the repository, where the book has no such page."""

import json
import posixpath
import re
import sys

LINK = re.compile(r"\]\((\.\.?/[^)\s]*)\)")


def outward(repository, path, text):
    folder = posixpath.dirname(path)

    def lead(found):
        target = posixpath.normpath(posixpath.join("docs", folder, found.group(1)))
        if target == "docs" or target.startswith("docs/"):
            return found.group(0)
        return f"]({repository}/blob/main/{target})"

    return LINK.sub(lead, text)


def walk(items, repository):
    for item in items:
        chapter = item.get("Chapter") if isinstance(item, dict) else None
        if chapter:
            if chapter.get("path"):
                chapter["content"] = outward(repository, chapter["path"], chapter["content"])
            walk(chapter["sub_items"], repository)


if len(sys.argv) > 1 and sys.argv[1] == "supports":
    sys.exit(0)
context, book = json.load(sys.stdin)
repository = context["config"]["output"]["html"]["git-repository-url"]
walk(book.get("items") or book.get("sections"), repository)
json.dump(book, sys.stdout)
