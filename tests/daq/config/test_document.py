import pytest
from hypothesis import given
from hypothesis import strategies as st

from daq.config import document
from daq.config.document import DEEPEST, LARGEST, parse_document, read_document
from instruments.errors import ConfigurationError

BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n"


def test_words_and_numbers_follow_yaml_1_2():
    read = parse_document(
        "a: off\nb: 1e-3\nc: 12:30:00\nd: true\ne: 2026-11-21\n"
        "f:\ng: '1'\nh: 0777\ni: no\nj: 1_000\n",
        "f.yaml",
    )
    assert read.data == {
        "a": "off",
        "b": 1e-3,
        "c": "12:30:00",
        "d": True,
        "e": "2026-11-21",
        "f": None,
        "g": "1",
        "h": 777,
        "i": "no",
        "j": "1_000",
    }


def test_every_key_and_item_has_its_line():
    read = parse_document("# c\na:\n  b: 1\n  both ways: 2\nlist:\n  - x\n  - {y: 3}\n", "f.yaml")
    places = [("a",), ("a", "b"), ("a", "both_ways"), ("list", 1), ("list", 1, "y"), ("a", "none")]
    assert [read.line(place) for place in places] == [2, 3, 4, 7, 7, 2]


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("", 1, "an empty file"),
        ("# nothing\n", 1, "an empty file"),
        ("---\n", 1, "an empty file"),
        ("- a\n", 1, "a list of 1"),
        ("hello\n", 1, "'hello'"),
        ("a: 1\nb: !!python/object:os.system x\n", 2, "the tag"),
        ("a: 1\nb: !x y\n", 2, "the tag"),
        ("a: !!str 1\n", 1, "the tag"),
        ("!x a: 1\n", 1, "the tag"),
        ("a: &x 1\n", 1, "an anchor"),
        (BOMB, 1, "an anchor"),
        ("a: *x\n", 1, "an alias"),
        ("a: 1\nb: 2\na: 3\n", 3, "the key twice"),
        ("x:\n  both ways: 1\n  both_ways: 2\n", 3, "the key twice"),
        ("a: 1\n---\nb: 1\n", 2, "a second document"),
        ("%YAML 1.1\n---\na: off\n", 1, "a % directive"),
        ("? [a]\n: 1\n", 1, "a key without a name"),
        ("a: [1\nb: 2\n", 2, "expected ',' or ']'"),
        ("a: 1\n\tb: 2\n", 2, "found character"),
        ("a: 1\x07\n", 1, "no YAML"),
        ("a: 1\0\n", 1, "a binary file"),
        ("a: " + "[" * (DEEPEST + 2), 1, "more than 40 levels"),
        ("a: " + "x" * 30_000, 1, "a very long line"),
    ],
)
def test_what_is_not_plain_yaml_is_refused_with_its_line(text, line, found):
    with pytest.raises(ConfigurationError) as error:
        parse_document(text, "f.yaml")
    message = str(error.value)
    assert message.startswith(f"f.yaml:{line}: ")
    assert f"found {found}" in message
    assert ", expected " in message
    assert "; " in message
    assert message.isprintable()


def test_files_that_are_no_small_texts_are_refused(tmp_path):
    binary, large = tmp_path / "b.yaml", tmp_path / "l.yaml"
    binary.write_bytes(bytes(range(256)))
    large.write_bytes(b"a: 1\n" * (LARGEST // 5 + 1))
    for path, found in [
        (binary, "a binary file"),
        (large, "more than 1 MB"),
        (tmp_path, "a folder or device"),
        (tmp_path / "none.yaml", "no such file"),
        (tmp_path / ("x" * 5000), "File name too long|no such file"),
    ]:
        with pytest.raises(ConfigurationError, match=rf":1: \(whole file\): found ({found})"):
            read_document(path)


def test_a_mark_at_the_beginning_is_no_part_of_the_first_key(tmp_path):
    path = tmp_path / "f.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert read_document(path).data == {"a": 1, "b": 2}


def test_comments_order_and_quotes_survive_an_edit():
    text = '# top\na: 1  # one\nb: {c: "x", d: off}\nlist:\n- 1 T   # first\n- 2 T\n'
    read = parse_document(text, "f.yaml")
    edited = read.edited({("b", "d"): "on", ("list", 0): "3 T"})
    assert edited == text.replace("off", "on").replace("1 T ", "3 T ")
    with pytest.raises(ConfigurationError, match="no such key"):
        read.edited({("x", "y"): 1})


def test_a_file_of_too_many_values_is_refused(monkeypatch):
    monkeypatch.setattr(document, "MOST_VALUES", 10)
    assert len(parse_document("y:\n" + "- 1\n" * 8, "f.yaml").data["y"]) == 8
    with pytest.raises(ConfigurationError, match=r"f.yaml:10: y\[9\]: found more than 10 values"):
        parse_document("y:\n" + "- 1\n" * 20, "f.yaml")


def refusal(text):
    """Return the message of the refusal, or that of no refusal."""
    try:
        parse_document(text, "f.yaml")
    except ConfigurationError as error:
        return str(error)
    return "f.yaml: accepted"


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_in_one_line(text):
    assert refusal(text).isprintable()


@given(st.text(" \n\t:-{}[],'\"#&*!|>%?@`~ab1.", max_size=120))
def test_any_punctuation_is_read_or_refused_in_one_line(text):
    assert refusal(text).startswith("f.yaml:")
    assert refusal(text).isprintable()
