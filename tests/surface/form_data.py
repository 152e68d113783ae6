"""Bodies of forms as a browser would send them, built by hand: clients hide parts with an empty file name."""

from typing import Any

BOUNDARY = "surface-boundary"


def urlencoded(text: str) -> dict[str, Any]:
    """Return the client arguments of a urlencoded form with this text."""
    return {"content": text.encode(), "headers": {"content-type": "application/x-www-form-urlencoded"}}


def text_part(name: str, value: str) -> tuple[str, bytes]:
    """Return a part without a file name."""
    return f'Content-Disposition: form-data; name="{name}"', value.encode()


def file_part(name: str, filename: str, content: bytes = b"", content_type: str = "") -> tuple[str, bytes]:
    """Return a part with a file name, which may be empty."""
    header = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"'
    return header + (f"\r\nContent-Type: {content_type}" if content_type else ""), content


def multipart(*parts: tuple[str, bytes]) -> dict[str, Any]:
    """Return the client arguments of a multipart form with these parts."""
    lines = [f"--{BOUNDARY}\r\n{header}\r\n\r\n".encode() + content + b"\r\n" for header, content in parts]
    content = b"".join(lines) + f"--{BOUNDARY}--\r\n".encode()
    return {"content": content, "headers": {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}}
