"""A bar chart as SVG, on a logarithmic scale."""

import html
import math

BAR = 14
GAP = 16
LEFT = 250
WIDTH = 900
COLORS = ["#8a8f98", "#1769aa", "#e07b39", "#5a9e4b", "#a64d79", "#c9a227"]


def text(x, y, content, anchor="start", weight="normal"):
    return (f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" font-weight="{weight}">'
            f"{html.escape(content)}</text>")


def bars(title, groups):
    """`groups`: name -> {series: value or None}. Bars begin at 0.5, so that 1 and what is below it shows."""
    values = [value for group in groups.values() for value in group.values() if value]
    top = max([2, *values])
    low = 0.5

    def x(value):
        share = math.log(max(value, low) / low) / math.log(top / low)
        return LEFT + share * (WIDTH - LEFT - 60)

    series = list(dict.fromkeys(name for group in groups.values() for name in group))
    colors = {name: COLORS[i % len(COLORS)] for i, name in enumerate(series)}
    shapes = [text(10, 24, title, weight="bold")]
    for i, name in enumerate(series):
        shapes.append(f'<rect x="{10 + 170 * i}" y="38" width="12" height="12" fill="{colors[name]}"/>')
        shapes.append(text(28 + 170 * i, 49, name))
    y = 70
    for group, members in groups.items():
        shapes.append(text(LEFT - 10, y + BAR * len(members) / 2 + 4, group, anchor="end"))
        for name, value in members.items():
            if value:
                shapes.append(f'<rect x="{LEFT}" y="{y}" width="{x(value) - LEFT:.1f}" height="{BAR - 2}" '
                              f'fill="{colors[name]}"/>')
            shapes.append(text(x(value or low) + 4, y + BAR - 3, f"{value:.2f}" if value else "–"))
            y += BAR
        y += GAP
    line = f'<line x1="{x(1):.1f}" x2="{x(1):.1f}" y1="62" y2="{y}" stroke="#333" stroke-dasharray="3 3"/>'
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y + 10}" '
            f'font-family="sans-serif" font-size="12">\n<rect width="100%" height="100%" fill="white"/>\n'
            + "\n".join([*shapes, line]) + "\n</svg>\n")
