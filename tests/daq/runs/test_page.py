from daq.runs.page import embedded, rendered


def test_text_in_a_page_is_escaped_and_the_style_is_inside(tmp_path):
    (tmp_path / "t.j2").write_text("<style>{{ style }}</style><p>{{ text }}</p>")
    page = rendered(tmp_path / "t.j2", text="<script>alert('x')</script> & $")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "@media print" in page
    assert "size: A4" in page


def test_a_picture_is_in_the_page_itself():
    assert embedded(b"\x89PNG") == "data:image/png;base64,iVBORw=="
