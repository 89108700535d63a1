"""The files of the repository as the rules see them: paths, lines, and C++ without comments and literals."""

import functools
import os
import pathlib
import re

CPP = {".h", ".cc"}
TEXT = CPP | {".proto", ".py", ".cmake", ".txt", ".md", ".sh", ".json", ".yaml", ".yml", ""}
SKIPPED = re.compile(r"^(build|build-.*|\.git|\.cache|__pycache__)$")

# A comment, a raw string, a string, a character; digit separators are no characters.
LITERAL = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<mark>[^\s()\\]{0,16})\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])\'(?:\\.|[^\'\\\n])+\'',
    re.S,
)


def blank(match):
    """Keeps the line structure, and the quotes so that an expression stays one."""
    text = match.group(0)
    kept = "".join(c if c == "\n" else " " for c in text)
    return kept if text.startswith("/") else '"' + kept[1:-1] + '"'


class SourceFile:
    def __init__(self, root, path):
        self.path = path  # relative to the root, with slashes
        self.text = (root / path).read_text(encoding="utf-8", errors="replace")

    @functools.cached_property
    def code(self):
        return LITERAL.sub(blank, self.text)

    @functools.cached_property
    def includes(self):
        """(line, name, quoted) of every #include."""
        found = []
        for number, line in enumerate(self.text.splitlines(), 1):
            match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if match:
                found.append((number, match.group(2), match.group(1) == '"'))
        return found

    def line_of(self, offset):
        return self.text.count("\n", 0, offset) + 1

    def is_below(self, *directories):
        return any(self.path.startswith(directory + "/") for directory in directories)


class SourceTree:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.files = []
        for directory, names, files in os.walk(self.root):
            names[:] = sorted(n for n in names if not SKIPPED.match(n))
            for name in sorted(files):
                path = (pathlib.Path(directory) / name).relative_to(self.root)
                if path.suffix in TEXT and (self.root / path).is_file():
                    self.files.append(SourceFile(self.root, path.as_posix()))

    @property
    def cpp(self):
        return [f for f in self.files if pathlib.PurePath(f.path).suffix in CPP]

    @property
    def headers(self):
        return [f for f in self.files if f.path.endswith(".h")]
