import numpy as np

from daq.app.logbook.course import NOT_KNOWN, course_picture, helium_in_words, read_course
from daq.app.remark_marks import Marked
from daq.runs.cryostat_log import COLUMNS

HEAD = f"#format: 1\n{','.join(COLUMNS)}\n"
DAY = "2026-11-21T18:00:00+00:00"
LATER = "2026-11-22T06:00:00+00:00"
HOURS = 3600.0


def begun(clock, utc=DAY, event="campaign begun"):
    return {"event": event, "utc": utc, "clock": clock}


def log(tmp_path, rows, *, helium="nan"):
    path = tmp_path / "cryostat.csv"
    path.write_text(HEAD + "".join(f"{t},1.9,nan,0.0,0.0,{helium},4369\n" for t in rows))
    return path


def hours(course):
    first = read_zero()
    return ((course.time - first) / HOURS).tolist()


def read_zero():
    return np.datetime64("2026-11-21T18:00:00").astype("int64").astype(float)


def test_times_of_the_clock_become_times_of_day(tmp_path):
    course = read_course(log(tmp_path, [100.0, 3700.0]), [begun(100.0)])
    assert hours(course) == [0.0, 1.0]
    assert course.problem == ""


def test_a_clock_that_began_anew_with_the_next_process_goes_on_in_the_day(tmp_path):
    path = log(tmp_path, [0.0, 3600.0, 0.0, 3600.0])
    events = [begun(0.0), begun(0.0, LATER, "campaign resumed")]
    assert hours(read_course(path, events)) == [0.0, 1.0, 12.0, 13.0]


def test_a_clock_that_ran_on_while_nobody_measured_is_read_by_the_next_stamp(tmp_path):
    path = log(tmp_path, [0.0, 3600.0, 7200.0])
    events = [begun(0.0), begun(7200.0, LATER, "campaign resumed")]
    assert hours(read_course(path, events)) == [0.0, 1.0, 12.0]


def test_a_torn_or_damaged_log_tells_what_it_has_lost(tmp_path):
    path = log(tmp_path, [0.0, 1.0])
    with path.open("a") as file:
        file.write("what,is,this,line,of,words,?\n2.0,1.9,nan")
    course = read_course(path, [begun(0.0)])
    assert len(course.time) == 2
    assert course.problem == "cryostat.csv: 2 damaged or cut lines left out"


def test_a_missing_empty_or_foreign_log_is_said(tmp_path):
    path = tmp_path / "cryostat.csv"
    assert "is missing" in read_course(path, ()).problem
    path.write_text(HEAD)
    assert "no samples" in read_course(path, ()).problem
    path.write_text("a,b\n1,2\n")
    assert "no column" in read_course(path, ()).problem
    path.write_bytes(b"")
    assert "cannot be read" in read_course(path, ()).problem


def test_helium_is_told_with_its_fall_or_as_not_known(tmp_path):
    assert helium_in_words(read_course(log(tmp_path, [0.0, 1.0]), [begun(0.0)])) == NOT_KNOWN
    path = log(tmp_path, [0.0], helium="70.0")
    with path.open("a") as file:
        file.write("3600.0,1.9,nan,0.0,0.0,nan,1\n7200.0,1.9,nan,0.0,0.0,68.0,1\n")
    words = helium_in_words(read_course(path, [begun(0.0)]))
    assert words.startswith("70.0 % at 18:00Z, 68.0 % at 20:00Z (-1.00 % per hour)")
    assert "not known in 1 of 3 samples" in words


def test_a_long_night_is_drawn_with_its_remarks(tmp_path):
    course = read_course(log(tmp_path, range(40_000), helium="50.0"), [begun(0.0)])
    zero = float(course.time[0])
    remarks = [Marked(1, "a $ b", zero + 10.0), Marked(2, "of last year", zero - 1e7)]
    picture = course_picture(course, [(zero, zero + 600.0)], remarks)
    assert picture.startswith(b"\x89PNG")


def test_a_single_sample_is_drawn(tmp_path):
    course = read_course(log(tmp_path, [0.0]), [begun(0.0)])
    assert course_picture(course, [], [Marked(1, "x", float(course.time[0]))])
