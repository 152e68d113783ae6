"""The values that requests are made of."""

import io
import threading
from tempfile import SpooledTemporaryFile

import anyio
import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.datastructures import Headers
from starlette.datastructures import UploadFile as StarletteUploadFile

from rapide import datastructures
from rapide.datastructures import Default, DefaultPlaceholder, UploadFile

SCHEMA = {"type": "string", "contentMediaType": "application/octet-stream"}


@pytest.mark.parametrize("name", ["URL", "Address", "FormData", "Headers", "QueryParams", "State"])
def test_common_classes_are_starlettes_own(name):
    """Values of Starlette's are values of ours."""
    import starlette.datastructures

    assert getattr(datastructures, name) is getattr(starlette.datastructures, name)


def test_placeholder_is_as_true_as_its_value_and_equal_to_its_like():
    """What was left at its default can be told from what was set to the same value."""
    placeholder = Default(0)
    assert isinstance(placeholder, DefaultPlaceholder)
    assert not placeholder
    assert placeholder == Default(0)
    assert placeholder != 0


@pytest.mark.parametrize("upload_class", [UploadFile, StarletteUploadFile])
def test_upload_passes_validation_as_the_same_object(upload_class):
    """Uploads are not copied, whoever made them."""
    upload = upload_class(io.BytesIO(b"x"), filename="a.txt")

    class Form(BaseModel):
        file: UploadFile
        more: list[UploadFile] = []

    form = Form(file=upload, more=[upload])
    assert form.file is upload
    assert form.more[0] is upload


@pytest.mark.parametrize("value", ["text", b"bytes", None, io.BytesIO(b"x")])
def test_value_that_is_no_upload_is_refused(value):
    """The error says what came instead."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(UploadFile).validate_python(value)
    (error,) = caught.value.errors()
    assert (error["type"], error["msg"]) == (
        "value_error",
        f"Value error, Expected UploadFile, received: {type(value)}",
    )


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_upload_is_opaque_bytes_in_json_schema(mode):
    """JSON Schema 2020-12 says so with contentMediaType."""
    assert TypeAdapter(UploadFile).json_schema(mode=mode) == SCHEMA
    assert TypeAdapter(list[UploadFile] | None).json_schema(mode=mode) == {
        "anyOf": [{"type": "array", "items": SCHEMA}, {"type": "null"}]
    }


def test_upload_is_written_and_read_back():
    """The methods are coroutines; the size counts what was written."""

    async def use():
        headers = Headers({"content-type": "text/plain"})
        upload = UploadFile(io.BytesIO(), size=0, filename="a", headers=headers)
        await upload.write(b"hello")
        await upload.seek(1)
        parts = await upload.read(2), await upload.read()
        await upload.close()
        return upload, parts

    upload, parts = anyio.run(use)
    assert parts == (b"el", b"lo")
    assert (upload.size, upload.content_type, upload.filename) == (5, "text/plain", "a")
    assert upload.file.closed


def test_upload_on_disk_is_read_in_a_worker_thread():
    """The event loop does not wait for the disk."""
    threads = []

    class Spool(SpooledTemporaryFile):
        def read(self, *args):
            threads.append(threading.current_thread())
            return super().read(*args)

    async def use():
        with Spool(max_size=1) as file:
            upload = UploadFile(file)
            await upload.write(b"more than one byte")
            await upload.seek(0)
            return await upload.read()

    assert anyio.run(use) == b"more than one byte"
    assert threads
    assert threading.main_thread() not in threads


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\system32\\x.dll", "x.dll"),
        ("..\\..\\x", "x"),
        ("a/", "file"),
        ("..", "file"),
        ("", "file"),
        (None, "file"),
        (".htaccess", "htaccess"),
        ("a\x00b.php\x00.png", "ab.php.png"),
        ("a\r\nSet-Cookie: x", "aSet-Cookie_ x"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ('a"<b>|?*:c', "a__b_____c"),
        ("nul", "_nul"),
        ("COM1.txt", "_COM1.txt"),
        ("console.log", "console.log"),
        (" .x. ", "x"),
        ("re\u0301sume\u0301.txt", "r\xe9sum\xe9.txt"),
        ("写真.jpg", "写真.jpg"),
        ("x" * 10_000 + ".jpg", "x" * 251 + ".jpg"),
        ("é" * 200 + ".jpg", "é" * 125 + ".jpg"),
        ("x." + "y" * 10_000, "x." + "y" * 253),
    ],
)
def test_safe_name_when_the_name_is_full_of_tricks(given, safe):
    """FRM-11: directories, invisible and reserved characters, devices and great length are gone."""
    upload = UploadFile(io.BytesIO(), filename=given)
    assert upload.safe_name == safe
    assert upload.filename == given


def test_saved_file_has_a_name_of_its_own(tmp_path):
    """FRM-11: the client decides neither place nor name, only a harmless ending; the position stays."""

    async def use():
        upload = UploadFile(io.BytesIO(b"content"), filename="../evil.tar.GZ")
        await upload.seek(3)
        saved = [await upload.save(tmp_path), await upload.save(str(tmp_path))]
        return saved, await upload.read()

    (first, second), rest = anyio.run(use)
    assert first != second
    assert [path.parent for path in (first, second)] == [tmp_path, tmp_path]
    assert [path.suffix for path in (first, second)] == [".GZ", ".GZ"]
    assert "evil" not in first.name
    assert first.read_bytes() == second.read_bytes() == b"content"
    assert rest == b"tent"


@pytest.mark.parametrize("name", ["x", "x.", "x.a-b", "x." + "y" * 17, "x.é"])
def test_saved_file_has_no_ending_when_the_clients_is_strange(tmp_path, name):
    """FRM-11: endings are short and made of ASCII letters and digits."""

    async def use():
        return await UploadFile(io.BytesIO(b"x"), filename=name).save(tmp_path)

    assert anyio.run(use).suffix == ""


def test_nothing_is_left_when_saving_fails(tmp_path):
    """A file that could not be written as a whole is removed, and the position is put back."""

    class Broken(io.BytesIO):
        def read(self, *args):
            raise OSError("gone")

    async def use():
        upload = UploadFile(Broken(b"content"), filename="x.txt")
        upload.file.seek(2)
        with pytest.raises(OSError, match="gone"):
            await upload.save(tmp_path)
        return upload.file.tell()

    assert anyio.run(use) == 2
    assert list(tmp_path.iterdir()) == []
