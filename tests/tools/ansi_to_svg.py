#!/usr/bin/env python3
"""What a terminal shows, as a picture: reads text with ANSI colours on standard input, writes SVG on standard output.

    kilonova --color always --fit-width trace web2 | tests/tools/ansi_to_svg.py '$ kilonova trace web2' > trace.svg

Arguments are lines to stand above it. Bars of block characters become rectangles: fonts differ in how wide they draw them.
"""

import re
import sys
from html import escape

COLUMNS, CHARACTER, LINE, MARGIN = 80, 8.4, 18, 14
PLAIN = "#d8dee9"
COLORS = {"31": "#ff6b6b", "32": "#8fce6a", "33": "#e8c35a", "34": "#6aa6f8", "35": "#c792ea", "36": "#5fd0d0"}
EIGHTHS = {"▏": 1, "▎": 2, "▍": 3, "▌": 4, "▋": 5, "▊": 6, "▉": 7, "█": 8}


def runs(line):
    """[(style, text)]: the style is SVG attributes."""
    color, bold, dim = PLAIN, False, False
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        if not part.startswith("\x1b["):
            if part:
                weight = ' font-weight="bold"' if bold else ""
                yield f'fill="{color}"{weight}' + (' opacity="0.55"' if dim else ""), part
            continue
        for code in part[2:-1].split(";"):
            if code in ("", "0"):
                color, bold, dim = PLAIN, False, False
            elif code == "1":
                bold = True
            elif code == "2":
                dim = True
            else:
                color = COLORS.get(code, color)


def draw(lines):
    height = 2 * MARGIN + LINE * len(lines)
    width = 2 * MARGIN + CHARACTER * COLUMNS
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" viewBox="0 0 {width:.0f} {height}" '
           'font-family="ui-monospace, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="14">')
    yield f'<rect width="100%" height="100%" rx="6" fill="#1b1f27"/>'
    for number, line in enumerate(lines):
        column, top = 0, MARGIN + LINE * number
        for style, text in runs(line):
            # Words one by one: each begins at its column, whatever the font.
            for word in re.finditer(r"[▏▎▍▌▋▊▉█]+|[^ ▏▎▍▌▋▊▉█]+(?: [^ ▏▎▍▌▋▊▉█]+)*", text):
                x = MARGIN + CHARACTER * (column + word.start())
                if word.group()[0] in EIGHTHS:
                    eighths = sum(EIGHTHS[c] for c in word.group())
                    yield f'<rect x="{x:.1f}" y="{top + 3}" width="{CHARACTER * eighths / 8:.1f}" height="{LINE - 5}" {style}/>'
                else:
                    length = CHARACTER * len(word.group())
                    yield (f'<text x="{x:.1f}" y="{top + LINE - 5}" textLength="{length:.1f}" {style} '
                           f'xml:space="preserve">{escape(word.group())}</text>')
            column += len(text)
    yield "</svg>"


if __name__ == "__main__":
    print("\n".join(draw(sys.argv[1:] + sys.stdin.read().rstrip("\n").split("\n"))))
