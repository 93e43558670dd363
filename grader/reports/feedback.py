"""Pages of a run in a zip that the LMS takes back as feedback files.

Moodle ("Upload multiple feedback files in a zip", mod/assign/feedback/file/importziplib.php) wants a path part
`FULL NAME_NUMBER_assignsubmission_file_` as the download had it. Canvas ("Upload submissions", the reverse of
"Download submissions") reads user and file numbers from `NAME_USERID_FILEID_...` and adds the file as a comment.
Other layouts get a file a submission, named by it.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

from grader.reports.stored import Stored

PAGE = "feedback.html"
WHEN = (1980, 1, 1, 0, 0, 0)  # of every file, so that equal runs give equal bytes


def names(run: Stored, pages: Mapping[str, str]) -> dict[str, str]:
    """What the page of each submission that was handed in is called in the zip, by submission."""
    made = {}
    for row in run.rows:
        submission = row["submission"]
        place = run.who.get(submission, {}).get("place", "")
        if row["status"] == "missing":
            continue
        if run.lms == "moodle" and place:
            made[submission] = f"{place}_assignsubmission_file_/{PAGE}"
        elif run.lms == "canvas" and place:
            made[submission] = f"{place.rstrip('_')}_{PAGE}"
        else:
            made[submission] = pages[submission]
    return made


def write(run: Stored, pages: Mapping[str, str], to: Path) -> int:
    """Write the zip; how many pages are in it. `pages` are file names in the run's folder `students`, by submission."""
    found = names(run, pages)
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for submission, name in sorted(found.items()):
            data = (run.folder / "students" / pages[submission]).read_bytes()
            archive.writestr(zipfile.ZipInfo(name, WHEN), data, zipfile.ZIP_DEFLATED)
    return len(found)
