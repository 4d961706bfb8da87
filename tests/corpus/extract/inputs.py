"""Small documents made on the spot: no binary files are kept beside the tests."""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence
from typing import Any

from corpus.documents import BlockKind
from corpus.extract import Extract, extract
from corpus.limits import Limits
from corpus.sources import RawInput

PROSE = (
    "Die Regierung in Peking will mit dem Geld eine eigene Fertigung aufbauen, und das nicht erst seit gestern. "
    "Baidu und Huawei sollen z. B. eigene Chips für 5,5 Mrd. Dollar liefern."
)
MORE = "Nach Angaben des Unternehmens reicht der Vorrat noch für zwei Jahre, sofern die Modelle kleiner werden."


def read(data: bytes | str, name: str = "artikel.txt", media_type: str | None = None, **fields: Any) -> Extract:
    """Extract ``data`` as the file ``name`` of a folder, with the default limits unless ``limits`` is given."""
    limits = fields.pop("limits", Limits())
    default_source = fields.pop("default_source", None)
    content = data.encode() if isinstance(data, str) else data
    raw = RawInput(f"file:///ordner/{name}", media_type, content, fields)
    return extract(raw, limits, default_source=default_source)


def words_of(kind: BlockKind, result: Extract) -> list[str]:
    """The words of all blocks of a kind."""
    return [block.span.of(result.document.text) for block in result.blocks if block.kind is kind]


def make_pdf(pages: Sequence[Sequence[str]], *, title: str | None = None, compress: bool = True) -> bytes:
    """A PDF with one line of text per item, in Helvetica with Windows-1252 characters."""
    streams = []
    for lines in pages:
        shown = b"".join(b"(" + _escaped(line) + b") Tj T*\n" for line in lines)
        streams.append(b"BT /F1 11 Tf 14 TL 50 780 Td\n" + shown + b"ET")
    return assemble_pdf(streams, title=title, compress=compress)


def assemble_pdf(streams: Sequence[bytes], *, title: str | None = None, compress: bool = True) -> bytes:
    """A PDF of one page per content stream."""
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>"]
    kids = b" ".join(b"%d 0 R" % (5 + 2 * number) for number in range(len(streams)))
    objects.append(b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(streams), kids))
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    info = b"/Title (" + _escaped(title) + b")" if title else b""
    objects.append(b"<< /Producer (test) " + info + b" >>")
    for number, stream in enumerate(streams):
        page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R" % (6 + 2 * number)
        objects.append(page + b" /Resources << /Font << /F1 3 0 R >> >> >>")
        packed = zlib.compress(stream) if compress else stream
        kind = b"/Filter /FlateDecode " if compress else b""
        objects.append(b"<< %s/Length %d >>\nstream\n" % (kind, len(packed)) + packed + b"\nendstream")
    out = io.BytesIO()
    out.write(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n" % number + body + b"\nendobj\n")
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer\n<< /Size %d /Root 1 0 R /Info 4 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start))
    return out.getvalue()


def _escaped(line: str) -> bytes:
    return line.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
