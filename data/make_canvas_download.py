"""A download of submissions and a grade book as Canvas makes them, from the sample class: to try the path from an LMS
and back, and for README.

    python data/make_canvas_download.py FOLDER

writes FOLDER/submissions.zip and FOLDER/gradebook.csv. Names and numbers are made up; one student of the grade book
handed in nothing, one handed in late, one twice.
"""

from __future__ import annotations

import csv
import io
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WHEN = (2026, 1, 15, 12, 0, 0)
PEOPLE = {  # file of the sample class: last name, first name
    "ada.ipynb": ("Lovelace", "Ada"),
    "ben.py": ("Ito", "Ben"),
    "chloe.ipynb": ("Durand", "Chloé"),
    "ines.ipynb": ("Costa", "Ines"),
    "hugo.ipynb": ("Berg", "Hugo"),
    "olga.ipynb": ("Petrova", "Olga"),
}
ABSENT = ("Nowak", "Ola")
LATE, TWICE = "hugo.ipynb", "ines.ipynb"
POINTS_POSSIBLE = "100.00"


def submissions() -> dict[str, bytes]:
    """Files of the zip by name: NAME[_LATE]_USERID_FILEID_ORIGINAL."""
    made = {}
    for number, (file, (last, first)) in enumerate(PEOPLE.items()):
        who = f"{last}{first}".lower()
        late = "_LATE" if file == LATE else ""
        data = (ROOT / "data" / "sample_class" / file).read_bytes()
        name = f"homework2{Path(file).suffix}"
        if file == TWICE:
            made[f"{who}_{1001 + number}_{5001 + number}_{name}"] = b'{"cells": []}'
            name = f"homework2-1{Path(file).suffix}"
        made[f"{who}{late}_{1001 + number}_{6001 + number}_{name}"] = data
    return made


def gradebook() -> bytes:
    """The grade book as Canvas exports it: byte order mark, CRLF, totals that are read-only."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Homework 2 (70312)", "Final Score"])
    writer.writerow(["    Points Possible", "", "", "", "", POINTS_POSSIBLE, "(read only)"])
    for number, (last, first) in enumerate([*PEOPLE.values(), ABSENT]):
        login = f"{first[0]}{last}".lower()
        writer.writerow([f"{last}, {first}", 1001 + number, f"s{2001 + number}", login, "Section 1", "", ""])
    return ("\ufeff" + file.getvalue()).encode()


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / "submissions.zip", "w") as archive:
        for name, data in submissions().items():
            archive.writestr(zipfile.ZipInfo(name, WHEN), data, zipfile.ZIP_DEFLATED)
    (folder / "gradebook.csv").write_bytes(gradebook())
    print(f"{folder / 'submissions.zip'}, {folder / 'gradebook.csv'}")


if __name__ == "__main__":
    main()
