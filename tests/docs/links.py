"""Follows every link of a built book: to a page, to a heading in it, to a file of the repository.

Usage: links.py BOOK REPOSITORY REPOSITORY_URL
"""

import pathlib
import sys
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag

book, repository, url = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.links, self.names = [], set()

    def handle_starttag(self, tag, attributes):
        for key, value in attributes:
            if key in ("href", "src") and value:
                self.links.append(value)
            if key in ("id", "name") and value:
                self.names.add(value)


pages = {}
for path in book.rglob("*.html"):
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    pages[path.resolve()] = page

broken, followed = [], 0
for path, page in pages.items():
    # All chapters on one page, for printing: its links are those of the chapters.
    if path.name in ("print.html", "toc.html", "404.html"):
        continue
    for link in page.links:
        target, heading = urldefrag(link)
        if target.startswith(f"{url}/blob/main/"):
            is_there = (repository / unquote(target.removeprefix(f"{url}/blob/main/"))).exists()
        elif "://" in target or target.startswith("mailto:"):
            continue
        else:
            file = (path.parent / unquote(target)).resolve() if target else path
            is_there = file.exists() and (not heading or file not in pages or heading in pages[file].names)
        followed += 1
        if not is_there:
            broken.append(f"{path.relative_to(book.resolve())}: {link}")

for one in sorted(set(broken)):
    print(f"broken link: {one}")
print(f"{len(pages)} pages, {followed} links, {len(broken)} broken")
sys.exit(1 if broken or followed < 500 else 0)
