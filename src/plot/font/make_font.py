"""Writes glyphs_regular.cpp and glyphs_bold.cpp: outlines of DejaVu Sans Condensed as C++ text.

python make_font.py FOLDER     the folder that holds DejaVuSansCondensed.ttf and DejaVuSansCondensed-Bold.ttf
(Debian: fonts-dejavu-extra, /usr/share/fonts/truetype/dejavu); needs fontTools.
Then clang-format is not run over the results.

An outline is a text of pieces: m (begin a contour), l (line), q (quadratic curve: control point, end), each with
steps from the point before. A coordinate is two characters of the alphabet below: (step + 2048) / 64 and % 64, in
units of 1/1024 em, y upwards.
"""

import pathlib
import sys

from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-"
CHARACTERS = [*range(0x20, 0x7F), *range(0xA0, 0x100), *map(ord, "–—‘’“”…→×└"), 0xFFFD]
CHARACTERS = sorted(set(CHARACTERS))
WIDTH = 116


class Outline(BasePen):
    """Collects steps in 1/1024 em."""

    def __init__(self, glyphs, units):
        super().__init__(glyphs)
        self.units, self.text, self.at = units, "", (0, 0)

    def scaled(self, point):
        return tuple(round(c * 1024 / self.units) for c in point)

    def step(self, point):
        point = self.scaled(point)
        for c, before in zip(point, self.at):
            value = c - before + 2048
            assert 0 <= value < 4096
            self.text += ALPHABET[value // 64] + ALPHABET[value % 64]
        self.at = point

    def _moveTo(self, point):
        self.text += "m"
        self.step(point)

    def _lineTo(self, point):
        self.text += "l"
        self.step(point)

    def _qCurveToOne(self, control, end):
        self.text += "q"
        self.step(control)
        self.step(end)

    def _curveToOne(self, *points):
        raise ValueError("a cubic curve in a TrueType font")


def glyph_lines(font):
    glyphs, units, names = font.getGlyphSet(), font["head"].unitsPerEm, font.getBestCmap()
    for code in CHARACTERS:
        name = names[code]
        pen = Outline(glyphs, units)
        glyphs[name].draw(pen)
        text = pen.text
        head = f"{{0x{code:X}, {round(glyphs[name].width * 1024 / units)}, "
        first = WIDTH - len(head)
        lines = [text[:first], *(text[i : i + WIDTH] for i in range(first, len(text), WIDTH))]
        quoted = "\n".join(f'"{line}"' for line in lines)
        yield f"{head}{quoted}}},\n"


def write(folder, file, array):
    font = TTFont(folder / file)
    body = "".join(glyph_lines(font))
    (pathlib.Path(__file__).parent / f"glyphs_{array.lower()[1:]}.cpp").write_text(
        f"// Outlines of {font['name'].getDebugName(4)}, written by make_font.py; see LICENSE in this folder.\n"
        '#include "plot/font/glyphs.h"\n\nnamespace kerata::plot {\n\n// clang-format off\n'
        f"const Glyph {array}Glyphs[] = {{\n{body}}};\n// clang-format on\n"
        f"const std::size_t {array}GlyphCount = sizeof {array}Glyphs / sizeof {array}Glyphs[0];\n\n"
        "}  // namespace kerata::plot\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    source = pathlib.Path(sys.argv[1])
    write(source, "DejaVuSansCondensed.ttf", "kRegular")
    write(source, "DejaVuSansCondensed-Bold.ttf", "kBold")
