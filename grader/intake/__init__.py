"""From what an LMS delivers to who handed in what: bulk downloads recognised, rosters read, nothing graded.

Facts only (`facts`); what they mean in words is in `grader.messages`. Nothing in here runs or parses student code.
"""

from grader.intake.facts import File, Handed, Intake, Lms, Note, Person, Skipped
from grader.intake.recognise import opened

__all__ = ["File", "Handed", "Intake", "Lms", "Note", "Person", "Skipped", "opened"]
