"""The requests on the pages get the answers on the pages."""

from pathlib import Path

import pytest
from exchanges import exchange_files, indented, parse_exchanges, played
from loading import EXAMPLES, RECORD_AGAIN


@pytest.mark.parametrize("path", exchange_files(), ids=lambda path: str(path.relative_to(EXAMPLES)))
def test_exchange_is_what_the_example_answers(path: Path) -> None:
    """Every recorded answer is the one that the application gives today."""
    assert played(path) == parse_exchanges(path.read_text("utf-8")), RECORD_AGAIN


@pytest.mark.parametrize("path", exchange_files(), ids=lambda path: str(path.relative_to(EXAMPLES)))
def test_exchange_file_holds_a_request_and_an_answer(path: Path) -> None:
    """A file that holds nothing would pass the comparison."""
    exchanges = parse_exchanges(path.read_text("utf-8"))
    assert exchanges
    assert all(exchange.answer.startswith("HTTP/1.1 ") for exchange in exchanges)


def test_request_without_answer_is_refused_when_it_stands_at_the_end() -> None:
    """A request that nobody compares would be an example that nobody ran."""
    with pytest.raises(ValueError, match="without an answer"):
        parse_exchanges("GET / HTTP/1.1\n")


def test_json_is_broken_only_where_it_is_too_long() -> None:
    """Short members stay on one line."""
    text = indented({"loc": ["query", "limit"], "msg": "x" * 80})
    assert text == '{\n  "loc": ["query", "limit"],\n  "msg": "' + "x" * 80 + '"\n}'
