"""Bulk downloads of each platform: recognised by themselves, who handed in what, and what is not guessed."""

from __future__ import annotations

import json
import os
import re
import stat
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import deliveries
import jsonschema
import pytest
from click.testing import CliRunner, Result
from conftest import ROOT
from deliveries import RIGHT, WRONG, notebook, write, zipped
from hypothesis import given, settings
from hypothesis import strategies as st

import grader
from grader import messages
from grader.cli import main
from grader.intake import Intake, Lms, Person, opened
from grader.intake.archive import ArchiveError
from grader.intake.recognise import read, read_roster
from grader.intake.table import TableError, parse

SCHEMAS = Path(grader.__file__).parent / "schema"
MAKERS: dict[str, Callable[[Path], Path]] = {
    "canvas": deliveries.canvas,
    "moodle": deliveries.moodle,
    "gradescope": deliveries.gradescope,
    "blackboard": deliveries.blackboard,
    "brightspace": deliveries.brightspace,
    "github": deliveries.github,
    "plain": deliveries.plain,
}
# submission: points of the one exercise, None where nothing can be read
EXPECTED: dict[str, dict[str, int | None]] = {
    "canvas": {"lovelaceada": 1, "itoben": 0, "durandchloé": 1, "projectgroup7": 1, "meierjonas": None},
    "moodle": {"Ada Lovelace": 1, "Ben Ito": 0, "Chloé Durand": 1, "Jonas Meier": None},
    "gradescope": {"Ada Lovelace": 1, "Ben Ito + Chloé Durand": 0},
    "blackboard": {"alovelace": 1, "ben_ito": 0, "cdurand": 1},
    "brightspace": {"Ada Lovelace": 1, "Ben Ito": 0, "Chloé Durand-Petit": 1},
    "github": {"ada-l": 1, "benito": 0, "chloe": 1},
    "plain": {"ada": 1, "ben": 0, "chloe": 1, "jonas": 1},
}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["--kit", str(ROOT), *map(str, arguments)], catch_exceptions=False)


def rows(out: Path) -> dict[str, dict]:
    return {r["submission"]: r for r in map(json.loads, (out / "results.jsonl").read_text().splitlines())}


def by_key(found: Intake) -> dict:
    return {h.key: h for h in found.handed}


@pytest.mark.parametrize("form", ["folder", "zip", "zip with one folder in it"])
@pytest.mark.parametrize("lms", MAKERS)
def test_each_platform_is_recognised_by_itself_and_every_student_found(lms: str, form: str, tmp_path: Path) -> None:
    path = MAKERS[lms](tmp_path / "in")
    if form != "folder":
        path = zipped(path, tmp_path / "in.zip", "Homework 2/" if "one folder" in form else "")
        if lms == "plain" and "one folder" in form:
            return  # one folder in a plain zip may be one student's: see the test of plain zips
    with opened(path) as found:
        assert found.lms == lms
        assert set(by_key(found)) == set(EXPECTED[lms])
        assert found.source == path.name
        for handed in found.handed:
            assert handed.files
            for file in handed.files:
                assert file.path.exists()
    if form != "folder":
        assert not found.handed[0].files[0].path.exists()


@pytest.mark.parametrize("lms", MAKERS)
def test_each_platform_is_graded_and_says_who_handed_in_what(lms: str, tmp_path: Path) -> None:
    path = zipped(MAKERS[lms](tmp_path / "in"), tmp_path / "in.zip")
    done = run("grade", path, "--out", tmp_path / "out", "--exercise", "relu_forward")
    assert done.exit_code == 0
    found = rows(tmp_path / "out")
    assert {name: row["points"] if row["status"] == "graded" else None for name, row in found.items()} == EXPECTED[lms]
    about = json.loads((tmp_path / "out" / "intake.json").read_text())
    jsonschema.validate(about, json.loads((SCHEMAS / "intake-1.json").read_text()))
    assert {s["submission"] for s in about["submissions"]} == set(EXPECTED[lms])
    assert str(tmp_path) not in json.dumps(about)
    schema = json.loads((SCHEMAS / "result-1.json").read_text())
    for row in found.values():
        jsonschema.validate(row, schema)


# -- platform by platform


def test_canvas_names_tell_who_is_late_and_which_attempt_counts(tmp_path: Path) -> None:
    found = read(deliveries.canvas(tmp_path / "in"), "in")
    handed = by_key(found)
    ada, chloe = handed["lovelaceada"], handed["durandchloé"]
    assert ada.people == (Person("lovelaceada", "12345"),)
    assert [f.name for f in ada.files] == ["relu-1.ipynb"]
    assert (ada.attempt, ada.attempts, ada.late) == (2, 2, False)
    assert [(s.name, s.why) for s in found.skipped] == [("lovelaceada_12345_67890_relu.ipynb", "older")]
    assert chloe.late is True
    assert [f.name for f in chloe.files] == ["relu.ipynb", "notes_1_2.pdf"]
    assert chloe.place == "durandchloé_LATE_12346_67892"
    assert handed["projectgroup7"].people[0].id == "777"


def test_canvas_tells_a_third_attempt_by_what_others_call_the_file(tmp_path: Path) -> None:
    write(tmp_path, {"a_1_10_lab.ipynb": "", "b_2_11_lab-2.ipynb": "", "c_3_12_task-2.ipynb": ""})
    handed = by_key(read(tmp_path, "in"))
    assert [handed[k].attempt for k in "abc"] == [None, 3, None]


def test_canvas_files_that_may_be_attempts_or_parts_are_all_read_and_told(tmp_path: Path) -> None:
    write(tmp_path, {"a_1_10_part-1.py": RIGHT, "a_1_11_part-2.py": RIGHT})
    found = read(tmp_path, "in")
    assert [f.name for f in found.handed[0].files] == ["part-1.py", "part-2.py"]
    assert [n.kind for n in found.notes] == ["attempts?"]


def test_canvas_anonymous_and_late_anonymous_submissions_are_told_apart(tmp_path: Path) -> None:
    write(tmp_path, {"anon_AbC1d_10_x.py": "", "LATE_anon_ZZ9_11_x.py": "", "anon_12345_12_x.py": ""})
    handed = by_key(read(tmp_path, "in"))
    assert {k: h.late for k, h in handed.items()} == {"anon_AbC1d": False, "anon_ZZ9": True, "anon_12345": False}


def test_two_canvas_students_of_one_name_have_two_rows(tmp_path: Path) -> None:
    write(tmp_path, {"leekim_1_10_x.py": "", "leekim_2_11_x.py": "", "itoben_3_12_x.py": ""})
    with opened(tmp_path) as found:
        assert set(by_key(found)) == {"leekim_1", "leekim_2", "itoben"}


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("old", [False, True])
def test_moodle_folders_old_and_new_and_flat_files_are_one_submission_a_student(
    flat: bool, old: bool, tmp_path: Path
) -> None:
    found = read(deliveries.moodle(tmp_path / "in", flat=flat, old=old and not flat), "in")
    assert found.lms is Lms.MOODLE
    handed = by_key(found)
    assert {k: h.people[0].id for k, h in handed.items()} == {
        "Ada Lovelace": "4001",
        "Ben Ito": "4002",
        "Chloé Durand": "4003",
        "Jonas Meier": "4005",
    }
    assert [f.name for f in handed["Ada Lovelace"].files] == ["relu.ipynb", "onlinetext.html"]
    assert len(handed["Ben Ito"].files) == 2
    assert handed["Chloé Durand"].place == "Chloé Durand_4003"


def test_moodle_groups_without_a_number_and_blind_marking_are_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"Default group_assignsubmission_file/a.py": RIGHT, "Participant_17_assignsubmission_file/a.py": RIGHT},
    )
    handed = by_key(read(tmp_path, "in"))
    assert {k: h.people[0].id for k, h in handed.items()} == {"Default group": "", "Participant": "17"}


def test_gradescope_metadata_tell_names_groups_times_and_attempts(tmp_path: Path) -> None:
    found = read(deliveries.gradescope(tmp_path / "in"), "in")
    handed = by_key(found)
    ada, pair = handed["Ada Lovelace"], handed["Ben Ito + Chloé Durand"]
    assert ada.people == (Person("Ada Lovelace", sid="100", email="ada@uni.edu"),)
    assert ada.attempt == 2
    assert ada.submitted is not None
    assert ada.submitted.startswith("2026-01-02T10:00:00")
    assert [p.email for p in pair.people] == ["ben@uni.edu", "chloe@uni.edu"]
    assert [(s.name, s.why) for s in found.skipped] == [("submission_9003", "no files")]


@pytest.mark.parametrize(
    ("metadata", "kind"),
    [(None, "no metadata"), ("a: [", "bad metadata"), ("- 1\n", "bad metadata"), ("{}", None)],
)
def test_gradescope_without_readable_metadata_is_numbers_and_says_so(
    metadata: str | None, kind: str | None, tmp_path: Path
) -> None:
    deliveries.gradescope(tmp_path)
    (tmp_path / "submission_metadata.yml").unlink()
    if metadata is not None:
        (tmp_path / "submission_metadata.yml").write_text(metadata)
    found = read(tmp_path, "in")
    assert set(by_key(found)) == {"submission_9001", "submission_9002"}
    assert [n.kind for n in found.notes] == ([kind] if kind else [])


def test_gradescope_metadata_run_nothing(tmp_path: Path) -> None:
    deliveries.gradescope(tmp_path)
    (tmp_path / "submission_metadata.yml").write_text(f"a: !!python/object/apply:os.mkdir ['{tmp_path}/made']\n")
    assert [n.kind for n in read(tmp_path, "in").notes] == ["bad metadata"]
    assert not (tmp_path / "made").exists()


def test_blackboard_takes_the_last_attempt_and_the_receipts_name(tmp_path: Path) -> None:
    found = read(deliveries.blackboard(tmp_path / "in"), "in")
    handed = by_key(found)
    ada = handed["alovelace"]
    assert ada.people == (Person("Ada Lovelace", login="alovelace"),)
    assert (ada.attempt, ada.attempts, ada.submitted) == (2, 2, "2026-01-02T09:30:00")
    assert [f.name for f in ada.files] == ["relu.ipynb"]
    assert handed["ben_ito"].people[0].name == "Ben Ito"
    assert sorted(s.why for s in found.skipped) == ["older", "receipt alone"]


def test_brightspace_takes_the_last_folder_by_its_date(tmp_path: Path) -> None:
    found = read(deliveries.brightspace(tmp_path / "in"), "in")
    ada = by_key(found)["Ada Lovelace"]
    assert (ada.attempt, ada.attempts, ada.submitted) == (2, 2, "2025-09-25T10:15:00")
    assert by_key(found)["Ben Ito"].submitted == "2025-09-24T00:00:00"
    assert [s.why for s in found.skipped] == ["older"]


def test_brightspace_flat_files_and_foreign_dates_are_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "1-9 - Ada Lovelace - Sep 24, 2025 926 PM - relu.py": RIGHT,
            "2-9 - Ben Ito - relu.py": WRONG,
            "3-9 - Eva Groß - 24 März, 2025 1412 - relu.py": RIGHT,
        },
    )
    handed = by_key(read(tmp_path, "in"))
    assert {k: h.submitted for k, h in handed.items()} == {
        "Ada Lovelace": "2025-09-24T21:26:00",
        "Ben Ito": None,
        "Eva Groß": None,
    }
    assert [f.name for h in handed.values() for f in h.files] == ["relu.py"] * 3


def test_brightspace_folders_that_cannot_be_dated_are_told(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "1-9 - Eva Groß - 24 März, 2025 1412/relu.py": RIGHT,
            "1-9 - Eva Groß - 3 April, 2025 1412/relu.py": RIGHT,
        },
    )
    assert [n.kind for n in read(tmp_path, "in").notes] == ["undated"]


def test_github_clones_drop_the_assignment_and_git_and_say_so(tmp_path: Path) -> None:
    found = read(deliveries.github(tmp_path / "in"), "in")
    assert {h.key: h.people[0].login for h in found.handed} == {"ada-l": "ada-l", "benito": "benito", "chloe": "chloe"}
    assert [f.name for f in found.handed[0].files] == ["assignment/relu.py"]
    assert [(n.kind, n.values) for n in found.notes] == [("assignment", ("homework-2-",))]


def test_a_single_clone_keeps_its_whole_name_and_says_so(tmp_path: Path) -> None:
    write(tmp_path, {"hw-2-ada/.git/config": "", "hw-2-ada/a.py": RIGHT})
    found = read(tmp_path, "in")
    assert [h.key for h in found.handed] == ["hw-2-ada"]
    assert [n.kind for n in found.notes] == ["no assignment"]


def test_folders_that_are_no_clones_are_told_where_clones_are_asked_for(tmp_path: Path) -> None:
    write(tmp_path, {"hw-2-ada/a.py": RIGHT, "hw-2-ben/a.py": RIGHT})
    found = read(tmp_path, "in", Lms.GITHUB)
    assert (found.handed, [(s.name, s.why) for s in found.skipped]) == (
        (),
        [("hw-2-ada", "unknown"), ("hw-2-ben", "unknown")],
    )
    done = run("inspect", tmp_path, "--from", "github")
    assert done.exit_code == 2
    told = " ".join(done.output.split())
    assert "no submissions as github names them: without --from it is read as what most names in it look like" in told


# -- what is not sure is said


def test_what_is_named_unlike_the_rest_is_left_out_and_named(tmp_path: Path) -> None:
    deliveries.canvas(tmp_path)
    write(
        tmp_path,
        {"readme.txt": "", "Ada Lovelace_4001_assignsubmission_file/x.py": RIGHT, ".DS_Store": "", "__MACOSX/x": ""},
    )
    done = run("inspect", tmp_path)
    assert "readme.txt: named unlike the others" in done.stdout
    assert "Ada Lovelace_4001_assignsubmission_file: named as moodle names submissions" in done.stdout
    assert "DS_Store" not in done.stdout


def test_a_few_names_like_an_lms_s_leave_the_folder_plain_and_are_told(tmp_path: Path) -> None:
    write(tmp_path, {"ada.py": "", "ben.py": "", "chloe.py": "", "lab_12_3_final.py": ""})
    found = read(tmp_path, "in")
    assert found.lms is Lms.PLAIN
    assert len(found.handed) == 4
    assert [(n.kind, n.values) for n in found.notes] == [("some", ("canvas", "1", "4"))]
    done = run("inspect", tmp_path, "--from", "canvas")
    assert "1 submissions, 3 left out" in done.stdout


def test_the_layout_may_be_said_and_then_only_it_is_looked_for(tmp_path: Path) -> None:
    deliveries.plain(tmp_path)
    done = run("inspect", tmp_path, "--from", "moodle")
    assert done.exit_code == 2
    assert "no submissions as moodle names them" in done.output


def test_every_reason_and_note_has_a_sentence() -> None:
    source = "".join(p.read_text() for p in (Path(grader.__file__).parent / "intake").glob("*.py"))
    assert set(re.findall(r'Note\("([^"]+)"', source)) <= set(messages.INTAKE)
    assert set(re.findall(r'Skipped\([^"\n]*"([^"\n]+)"[,)]', source)) <= set(messages.SKIPPED)
    assert set(messages.LAYOUTS) == set(Lms)
    for kind in messages.INTAKE:
        assert "{" not in messages.intake(kind, ("a", "b", "c"))


def test_inspect_shows_a_person_what_was_recognised_and_a_program_the_schema(tmp_path: Path) -> None:
    deliveries.canvas(tmp_path)
    done = run("inspect", tmp_path)
    assert done.exit_code == 0
    assert "Canvas's download of submissions: 5 submissions, 1 late, 1 left out" in done.stdout
    assert "lovelaceada    12345  relu-1.ipynb; the last of 2 attempts" in done.stdout
    made = json.loads(run("inspect", tmp_path, "--json").stdout)
    jsonschema.validate(made, json.loads((SCHEMAS / "intake-1.json").read_text()))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**made, "lms": "ilias"}, json.loads((SCHEMAS / "intake-1.json").read_text()))


def test_names_of_strangers_cannot_move_the_cursor(tmp_path: Path) -> None:
    write(tmp_path, {"a\x1b[2Jb.py": RIGHT, "c.py": RIGHT})
    assert "\x1b" not in run("inspect", tmp_path).output


# -- rosters


CANVAS_BOOK = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Homework 2 (55),Current Score\r\n"
    "    Points Possible,,,,,1.00,(read only)\r\n"
    '"Lovelace, Ada",12345,s100,alovelace,S1,,\r\n'
    '"Ito, Ben",222,s101,bito,S1,,\r\n'
    '"Durand, Chloé",12346,s102,cdurand,S1,,\r\n'
    '"Meier, Jonas",12348,s103,jmeier,S1,,\r\n'
    '"Nowak, Ola",12349,s104,onowak,S1,,\r\n'
    '"Student, Test",99999,,abcdef,S1,,\r\n'
)


def test_a_roster_fills_in_who_people_are_and_gives_the_missing_a_row(tmp_path: Path) -> None:
    (tmp_path / "book.csv").write_text(CANVAS_BOOK, encoding="utf-8", newline="")
    deliveries.canvas(tmp_path / "in")
    with opened(tmp_path / "in", read_roster(tmp_path / "book.csv")) as found:
        handed = by_key(found)
        assert handed["durandchloé"].people == (Person("Durand, Chloé", "12346", "cdurand", "s102"),)
        assert [h.key for h in found.missing] == ["nowakola"]
        assert [(n.kind, n.values) for n in found.notes] == [("stranger", ("projectgroup7",))]
    done = run(
        *("grade", tmp_path / "in", "--roster", tmp_path / "book.csv", "--out", tmp_path / "out"),
        *("--exercise", "relu_forward"),
    )
    assert done.exit_code == 0
    row = rows(tmp_path / "out")["nowakola"]
    assert (row["status"], row["points"], row["problem"]) == ("missing", 0, "in the roster, but nothing was handed in")
    jsonschema.validate(row, json.loads((SCHEMAS / "result-1.json").read_text()))
    assert (tmp_path / "out" / "students" / "nowakola.html").is_file()


@pytest.mark.parametrize(
    ("lms", "roster"),
    [
        ("moodle", "Identifier,Full name,ID number,Email address\nParticipant 4001,Ada Lovelace,100,ada@uni.edu\n"),
        ("moodle", '"First name",Surname,"ID number","Email address"\nAda,Lovelace,100,ada@uni.edu\n'),
        ("gradescope", "First Name,Last Name,SID,Email,Role\nAda,Lovelace,100,ada@uni.edu,Student\n"),
        ("gradescope", "name;email\nLovelace, Ada;ADA@uni.edu\n"),
        ("blackboard", "Last Name\tFirst Name\tUsername\nLovelace\tAda\talovelace\n"),
        ("brightspace", "OrgDefinedId,Username,Last Name,First Name,Email\n#100,#al,Lovelace,Ada,ada@uni.edu\n"),
        ("github", 'identifier,github_username,github_id,name\n"100","ada-l","77","Ada Lovelace"\n'),
        ("plain", "name,login,email\nAda Lovelace,x,ada@uni.edu\n"),
        ("plain", "login\nada\n"),
        ("plain", "NetID,Full\nada,Ada Lovelace\n"),
    ],
)
def test_rosters_of_every_kind_are_joined_by_what_they_share(lms: str, roster: str, tmp_path: Path) -> None:
    for encoding in ("utf-8", "utf-16"):
        (tmp_path / "roster.csv").write_text(roster, encoding=encoding)
        known = read_roster(tmp_path / "roster.csv")
        with opened(MAKERS[lms](tmp_path / f"in {encoding}"), known) as found:
            assert not found.missing
            strangers = {n.values[0] for n in found.notes if n.kind == "stranger"}
            assert next(k for k in EXPECTED[lms] if k.lower().startswith(("ada", "alove"))) not in strangers
            assert strangers


def test_a_file_that_is_named_by_a_login_is_no_other_name(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "xy123.py").write_text("x = 1\n")
    (tmp_path / "in" / "zz9.py").write_text("x = 1\n")
    (tmp_path / "roster.csv").write_text('name,id,login\n"Lovelace, Ada",1,xy123\n"Kim, Ben",2,zz9\n')
    with opened(tmp_path / "in", read_roster(tmp_path / "roster.csv")) as found:
        assert found.notes == () and found.missing == ()


def test_people_who_cannot_be_told_apart_are_named_and_none_is_chosen(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("name,email\nKim Lee,a@x.edu\nLee Kim,b@x.edu\n")
    write(tmp_path / "in", {"leekim_1_10_x.py": RIGHT, "other_2_11_x.py": RIGHT})
    with opened(tmp_path / "in", read_roster(tmp_path / "roster.csv")) as found:
        assert [n.kind for n in found.notes] == ["namesakes", "stranger"]
        assert not found.missing
        assert by_key(found)["leekim"].people == (Person("leekim", "1"),)


def test_a_number_that_is_somebody_else_s_in_the_roster_is_told(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("name,id\nOla Nowak,1\n")
    write(tmp_path / "in", {"leekim_1_10_x.py": RIGHT})
    with opened(tmp_path / "in", read_roster(tmp_path / "roster.csv")) as found:
        assert [n.kind for n in found.notes] == ["other name"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "is empty"),
        (b"a,b\n1,2\n", "no column says who"),
        (b"PK\x03\x04", "save it as CSV"),
        (b"\x00\x01", "no text file"),
        (b"name,id\n", "no row about a person"),
    ],
)
def test_a_roster_that_cannot_be_used_is_told_with_the_way_out(data: bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_bytes(data)
    done = run("inspect", deliveries.plain(tmp_path / "in"), "--roster", tmp_path / "roster.csv")
    assert done.exit_code == 2
    assert told in done.output
    assert "Traceback" not in done.output


# -- zips


def evil(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("../out.py", "/abs.py", "C:/x.py", "..\\win.py", "ada.py"):
            archive.writestr(name, RIGHT)
        archive.writestr("n" * 250 + ".py", RIGHT)
        link = zipfile.ZipInfo("link.py")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("sub\\ben.py", WRONG)
    return path


def test_a_zip_writes_nothing_outside_and_makes_no_link(tmp_path: Path) -> None:
    with opened(evil(tmp_path / "evil.zip")) as found:
        assert set(by_key(found)) == {"ada", "sub"}
        assert sorted(s.why for s in found.skipped) == ["link", "long name", "outside", "outside", "outside", "outside"]
        folder = found.handed[0].files[0].path.parent
        assert not any(p.is_symlink() for p in folder.rglob("*"))
    assert os.listdir(tmp_path) == ["evil.zip"]
    assert not folder.exists()


def test_a_bomb_is_stopped_where_its_bytes_come_not_where_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from grader.intake import archive

    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("ada.py", RIGHT)
        made.writestr("big.ipynb", b"0" * (3 << 20))
    monkeypatch.setattr(archive, "MOST_OF_ONE", 1 << 20)
    with opened(tmp_path / "bomb.zip") as found:
        assert [(s.name, s.why) for s in found.skipped] == [("big.ipynb", "large")]
        assert [h.key for h in found.handed] == ["ada"]
    monkeypatch.setattr(archive, "MOST_BYTES", 1 << 20)
    monkeypatch.setattr(archive._Room, "left", 1 << 20)
    monkeypatch.setattr(archive._Room, "__init__", lambda self: None)
    with pytest.raises(ArchiveError), opened(tmp_path / "bomb.zip"):
        pass


def test_members_that_are_damaged_or_in_the_way_of_others_are_left_out_and_the_rest_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("ada.py", RIGHT)
        made.writestr("ada.py/inside.py", RIGHT)
        made.writestr("ben.py", RIGHT * 50)
        at = made.getinfo("ben.py").header_offset + 30 + len("ben.py") + 4
    data = bytearray((tmp_path / "x.zip").read_bytes())
    data[at : at + 20] = b"\xff" * 20
    (tmp_path / "x.zip").write_bytes(data)
    with opened(tmp_path / "x.zip") as found:
        assert [h.key for h in found.handed] == ["ada"]
        assert [(s.name, s.why) for s in found.skipped] == [("ada.py/inside.py", "broken"), ("ben.py", "broken")]


PIECES = (
    "LATE;anon;123;7;Ada Lovelace;assignsubmission;file;onlinetext;attempt;submission;2026-01-01-10-00-00;"
    "Sep 24, 2024 926 PM;12-9;x.ipynb;a-1.py;.html; - ;-;\u00e9;.txt"
)
WORDS = st.sampled_from(PIECES.split(";"))
NAMES = st.lists(st.lists(WORDS, min_size=1, max_size=7).map("_".join), min_size=1, max_size=6, unique=True)


@settings(max_examples=150, deadline=None)
@given(NAMES, st.booleans())
def test_whatever_names_there_are_each_is_in_a_submission_or_left_out_with_why(names: list[str], folders: bool) -> None:
    with tempfile.TemporaryDirectory() as made:
        for name in names:
            path = Path(made) / name
            if folders:
                path.mkdir()
                path = path / "a.py"
            path.write_text("x = 1\n")
        with opened(Path(made)) as found:
            used = {f.path.relative_to(made).parts[0] for h in found.handed for f in h.files}
            told = {s.name for s in found.skipped} | {"index.html", "submission_metadata.yml"}
            assert {n for n in names if not n.startswith(".")} <= used | told
            assert len({h.key for h in found.rows}) == len(found.rows)
            json.dumps(found.as_json())


@given(st.text(st.sampled_from('ab";,\t\r\n 1\u00e9'), min_size=1))
def test_any_table_comes_back_byte_for_byte(text: str) -> None:
    try:
        table = parse(text.encode())
    except TableError:
        return
    assert table.replaced({}) == text.encode()
    cells = {(r, c): cell.text for r, row in enumerate(table.rows) for c, cell in enumerate(row)}
    again = parse(table.replaced(dict.fromkeys(cells, "x")))
    assert [[c.text for c in row] for row in again.rows] == [["x"] * len(row) for row in table.rows]


def test_what_is_no_zip_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_text("no")
    for name in ("inspect", "grade"):
        done = run(name, tmp_path / "x.zip", *(["--out", tmp_path / "o"] if name == "grade" else []))
        assert done.exit_code == 2
        assert "not a zip that can be opened" in done.output


def test_a_folder_with_a_dot_in_its_name_is_called_by_all_of_it(tmp_path: Path) -> None:
    for name in ("jane.doe", "jane.smith"):
        (tmp_path / "in" / name).mkdir(parents=True)
        (tmp_path / "in" / name / "linear.py").write_text("def f():\n    return 1\n")
    (tmp_path / "in" / "kim.lee.py").write_text("def f():\n    return 1\n")
    (tmp_path / "roster.csv").write_text("login\njane.doe\njane.smith\nkim.lee\n")
    with opened(tmp_path / "in", read_roster(tmp_path / "roster.csv")) as found:
        assert [one.key for one in found.handed] == ["jane.doe", "jane.smith", "kim.lee"]
        assert (found.missing, found.notes) == ((), ())


def test_one_folder_that_may_be_a_class_is_told(tmp_path: Path) -> None:
    deliveries.plain(tmp_path / "in" / "class")
    done = run("inspect", tmp_path / "in")
    assert "the only entry is the folder class, taken for one submission" in done.output


def test_a_zip_in_a_student_s_folder_is_opened(tmp_path: Path) -> None:
    folder = tmp_path / "in" / "ada"
    folder.mkdir(parents=True)
    (tmp_path / "in" / "ben.py").write_text("x = 1\n")
    with zipfile.ZipFile(folder / "hw1.zip", "w") as archive:
        archive.writestr("hw1/relu.py", "import numpy as np\ndef relu_forward(x):\n    return np.maximum(0, x), x\n")
    options = ("--exercise", "relu_forward", "--out", tmp_path / "out")
    assert run("grade", tmp_path / "in", *options).exit_code == 0
    assert rows(tmp_path / "out")["ada"]["points"] == 1
    with zipfile.ZipFile(folder / "hw1.zip", "w") as archive:
        archive.writestr("hw1/relu.py", "def relu_forward(x):\n    return x, x\n")
    assert run("grade", tmp_path / "in", *options).exit_code == 0
    assert rows(tmp_path / "out")["ada"]["points"] == 0


def test_a_plain_zip_with_one_folder_is_one_submission(tmp_path: Path) -> None:
    with opened(zipped(deliveries.plain(tmp_path / "in"), tmp_path / "in.zip", "class/")) as found:
        assert [h.key for h in found.handed] == ["class"]


# -- tables


def test_replacing_cells_leaves_every_other_byte_alone() -> None:
    text = '\ufeffa;"b ""x""";c\r\n1;"two\nlines";\r\n\r\n "4" ;5;6\n7;8;9'
    table = parse(text.encode())
    assert table.separator == ";"
    assert [c.text for c in table.rows[0]] == ["a", 'b "x"', "c"]
    assert [c.text for c in table.rows[1]] == ["1", "two\nlines", ""]
    assert table.replaced({}) == text.encode()
    assert table.replaced({(1, 2): "3", (1, 1): "2", (3, 2): "a;b"}).decode() == text.replace(
        '"two\nlines";', '"2";3'
    ).replace("8;9", '8;"a;b"')


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le", "latin-1"])
def test_tables_keep_their_encoding(encoding: str) -> None:
    text = "name,grade\nChloé,1\n"
    data = ("\ufeff" + text).encode(encoding) if encoding == "utf-16-le" else text.encode(encoding)
    table = parse(data)
    assert table.header == ("name", "grade")
    assert table.replaced({(1, 1): "2"}) == data.replace(b"1", b"2")


def test_an_unreadable_table_is_a_table_error(tmp_path: Path) -> None:
    with pytest.raises(TableError):
        parse(b"PK\x03\x04")


def test_a_broken_notebook_among_several_files_is_told(tmp_path: Path) -> None:
    write(tmp_path / "in", {"a_1_10_x.ipynb": "{", "a_1_11_y.ipynb": notebook(RIGHT), "b_2_12_x.py": RIGHT})
    assert run("grade", tmp_path / "in", "--out", tmp_path / "o", "--exercise", "relu_forward").exit_code == 0
    assert "x.ipynb is no notebook" in rows(tmp_path / "o")["a"]["problem"]
