"""A picture as SVG: what all diagrams are made of, in the colours of a light and of a dark page.

Coordinates are pixels from the left upper corner. Text that would leave the picture is refused, so that nothing is cut.
"""

import math
from xml.sax.saxutils import escape

# name: (on a light page, on a dark one)
COLOURS = {
    "paper": ("#ffffff", "#0d1117"),
    "panel": ("#f6f8fa", "#161b22"),
    "ink": ("#1f2328", "#e6edf3"),
    "muted": ("#59636e", "#9198a1"),
    "edge": ("#afb8c1", "#4a525c"),
    "blue": ("#0969da", "#4493f8"),
    "blue_wash": ("#ddf4ff", "#12283f"),
    "green": ("#1a7f37", "#3fb950"),
    "green_wash": ("#dafbe1", "#12301f"),
    "red": ("#cf222e", "#ff7b72"),
    "red_wash": ("#ffebe9", "#3c1618"),
    "on_accent": ("#ffffff", "#0d1117"),
}
ACCENTS = ("ink", "muted", "edge", "blue", "green", "red")

SHAPES = """\
text { font-family: sans-serif; font-size: 12px; }
.bold { font-weight: bold; }
.code { font-family: monospace; font-size: 11.5px; }
.small { font-size: 11px; }
.halo { paint-order: stroke; stroke-width: 5px; stroke-linejoin: round; }
.line { fill: none; stroke-width: 1.6px; }
.thin { stroke-width: 1.1px; }
.dashed { stroke-dasharray: 5 4; }
"""

SIZE = {"": 12, "bold": 12, "code": 11.5, "small": 11}
# How wide letters are, in parts of the font's size, in the widest of the usual fonts; those not named: 0.64, capitals
# 0.76.
WIDTHS = {0.29: "ijlI'|", 0.35: " .,:;-–/()t", 0.41: "rf", 0.54: "scz_", 0.6: "kvxyFTEY", 0.98: "mwMW"}
LETTERS = {letter: width for width, letters in WIDTHS.items() for letter in letters}


def text_width(string, kind=""):
    if kind == "code":
        return len(string) * 0.61 * SIZE[kind]
    parts = sum(LETTERS.get(letter, 0.76 if letter.isupper() else 0.64) for letter in string)
    return parts * SIZE[kind] * (1.12 if kind == "bold" else 1)


def badge_width(string):
    return max(18, text_width(string, "small") + 9)


def style_sheet():
    light = "".join(f"{rule}\n" for rule in colour_rules(0))
    dark = "".join(f"  {rule}\n" for rule in colour_rules(1))
    return f"{SHAPES}{light}@media (prefers-color-scheme: dark) {{\n{dark}}}\n"


def colour_rules(page):
    """What `page` (0: light, 1: dark) changes: for each accent its lines, its fill and its text."""
    colour = {name: pair[page] for name, pair in COLOURS.items()}
    yield f".paper {{ fill: {colour['paper']}; }}"
    yield f".halo {{ stroke: {colour['paper']}; }}"
    yield f".on-accent {{ fill: {colour['on_accent']}; }}"
    yield f".panel {{ fill: {colour['panel']}; stroke: {colour['edge']}; }}"
    for name in ACCENTS:
        yield f".{name} {{ fill: {colour[name]}; }}"
        yield f".line.{name} {{ fill: none; stroke: {colour[name]}; }}"
    for name in ("blue", "green", "red"):
        yield f".box.{name} {{ fill: {colour[name + '_wash']}; stroke: {colour[name]}; }}"


def number(value):
    return f"{value:.1f}".removesuffix(".0")


class Picture:
    """`title` and `description` are what a reader who cannot see it is told."""

    def __init__(self, width, height, title, description):
        self.width, self.height = width, height
        self.parts = [f"<title>{escape(title)}</title>", f"<desc>{escape(description)}</desc>",
                      f"<style>\n{style_sheet()}</style>",
                      f'<rect class="paper" width="{width}" height="{height}" rx="8"/>']

    def svg(self):
        body = "\n".join(self.parts)
        return (f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{self.width}" height="{self.height}" '
                f'viewBox="0 0 {self.width} {self.height}">\n{body}\n</svg>\n')

    def text(self, x, y, string, kind="", colour="ink", anchor="start", halo=False, detail=""):
        """`y` is the base line. `halo`: it stands on lines, which it interrupts. `detail` follows, less loud."""
        width = text_width(f"{string} {detail}" if detail else string, kind)
        left = x - {"start": 0, "middle": 0.5, "end": 1}[anchor] * width
        if left < 0 or left + width > self.width or not 0 < y < self.height:
            raise ValueError(f"'{string}' at {number(x)}, {number(y)} leaves the picture")
        classes = " ".join(filter(None, (colour, kind, "halo" if halo else "")))
        where = "" if anchor == "start" else f' text-anchor="{anchor}"'
        more = f' <tspan class="{"red" if colour == "red" else "muted"}">{escape(detail)}</tspan>' if detail else ""
        place = f'x="{number(x)}" y="{number(y)}"{where}'
        self.parts.append(f'<text class="{classes}" {place}>{escape(string)}{more}</text>')

    def box(self, x, y, width, height, colour="panel", radius=6, dashed=False):
        classes = colour if colour == "panel" else f"box {colour}"
        self.parts.append(f'<rect class="{classes}{" dashed" if dashed else ""}" x="{number(x)}" y="{number(y)}" '
                          f'width="{number(width)}" height="{number(height)}" rx="{radius}"/>')

    def line(self, *points, colour="ink", thin=False, dashed=False):
        classes = f"line {colour}{' thin' if thin else ''}{' dashed' if dashed else ''}"
        path = " ".join(f"{number(x)},{number(y)}" for x, y in points)
        self.parts.append(f'<polyline class="{classes}" points="{path}"/>')

    def arrow(self, *points, colour="ink", thin=False, dashed=False, both=False):
        """Its head is at the last point; `both`: and one at the first."""
        self.line(*points, colour=colour, thin=thin, dashed=dashed)
        self.head(points[-2], points[-1], colour)
        if both:
            self.head(points[1], points[0], colour)

    def head(self, start, end, colour):
        angle = math.atan2(end[1] - start[1], end[0] - start[0])
        corners = [end] + [(end[0] - 8 * math.cos(angle + turn), end[1] - 8 * math.sin(angle + turn))
                           for turn in (0.42, -0.42)]
        path = " ".join(f"{number(x)},{number(y)}" for x, y in corners)
        self.parts.append(f'<polygon class="{colour}" points="{path}"/>')

    def dot(self, x, y, colour="blue"):
        self.parts.append(f'<circle class="{colour}" cx="{number(x)}" cy="{number(y)}" r="4.5"/>')

    def badge(self, x, y, string, colour="blue", hollow=False, square=False):
        """A number in a circle, or in a square, around (x, y)."""
        width = badge_width(string)
        classes = f"box {colour}" if hollow else colour
        self.parts.append(f'<rect class="{classes}" x="{number(x - width / 2)}" y="{number(y - 9)}" '
                          f'width="{number(width)}" height="18" rx="{3 if square else 9}"/>')
        self.text(x, y + 4, string, "small", colour if hollow else "on-accent", "middle")

    def disk(self, x, y, label):
        """What is on disk: a drum, and its name."""
        self.parts.append(f'<path class="line muted thin" d="M{x},{y - 5} v10 a7,3 0 0 0 14,0 v-10 a7,3 0 0 0 -14,0 '
                          f'a7,3 0 0 0 14,0"/>')
        self.text(x + 21, y + 4, label, "code", "muted")
