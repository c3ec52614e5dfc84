"""When a cron line runs next in the person's zone, and what its fields mean; never where dialects or clocks differ."""

from __future__ import annotations

import re

from swarmctl.core.council import Asked, Found
from swarmctl.edges.exact.phrase import bare

NAME = "cron"
HINT = re.compile(r"\bcron|[\d*?/,-] +[\d*?]|@(?:hourly|daily|midnight|weekly|monthly|yearly|annually)", re.I)
SCOPE = (
    ("when does */5 * * * * run next?", "2026-03-04 11:05"),
    ("When will `0 9 * * 1-5` run next?", "2026-03-05 09:00"),
    ("when does the cron 0 0 1 * * next run?", "2026-04-01 00:00"),
    ("next run of 30 2 * * 0", "2026-03-08 02:30"),
    ('what is the next run of "15 14 1 * *"', "2026-04-01 14:15"),
    ("next run for 0 0 29 2 *", "2028-02-29 00:00"),
    ("when is the next run of 0 12 * * MON", "2026-03-09 12:00"),
    ("next time 0 */6 * * * runs", "2026-03-04 12:00"),
    ("the next 3 runs of 0 9 * * 1-5", "2026-03-05 09:00, 2026-03-06 09:00, 2026-03-09 09:00"),
    (
        "next 5 runs of */15 * * * *",
        "2026-03-04 11:15, 2026-03-04 11:30, 2026-03-04 11:45, 2026-03-04 12:00, 2026-03-04 12:15",
    ),
    ("when does @daily run next", "2026-03-05 00:00"),
    ("when does @hourly next run?", "2026-03-04 12:00"),
    ("next run of 0 0 31 2 *", "never"),
    ("when does 0 0 13 * 5 run next?", "2026-03-06 00:00"),
    ("what does */5 * * * * mean?", "every 5 minutes"),
    ("what does 0 9 * * 1-5 mean?", "at 09:00, on Monday to Friday"),
    ("explain 30 4 1,15 * 5", "at 04:30, on day 1 and 15 of the month or on Friday"),
    ("explain the cron expression 0 0 * * 0", "at 00:00, on Sunday"),
    ("describe 0 22 * * 1-5", "at 22:00, on Monday to Friday"),
    ("what does @weekly mean", "at 00:00, on Sunday"),
    ('what does "5 4 * * sun" mean?', "at 04:05, on Sunday"),
    (
        "explain cron 0 0,12 1 */2 *",
        "at 00:00 and 12:00, on day 1 of the month, in January, March, May, July, September and November",
    ),
    ("meaning of 23 0-20/2 * * *", "at minute 23 of hour 0, 2, 4, 6, 8, 10, 12, 14, 16, 18 and 20, every day"),
    ("what does 0 0 1 1 * mean", "at 00:00, on day 1 of the month, in January"),
    ("when does 10 0 * * * run?", "at 00:10, every day"),
    ("is */5 * * * * a valid cron expression?", "yes"),
    ("what does * * * * * mean?", "every minute"),
    ("when does 59 23 31 12 * run next", "2026-12-31 23:59"),
    ("is 60 * * * * a valid cron expression?", "no"),
    ("is * * * * a valid cron expression?", "no"),
)
TRAPS = (
    "when does the bus run next?",
    "when does */5 * * * run next?",
    "when does 60 * * * * run next?",
    "when does 0 24 * * * run next?",
    "when does 0 0 * * 8 run next?",
    "when does 0 0 L * * run next?",
    "when does 0 0 * * 5#2 run next?",
    "when does 0 0 15W * * run next?",
    "when does 0 0 12 * * ? run next?",
    "when does 0 0 12 * * ? 2027 run next?",
    "when does @reboot run next?",
    "when does */5 * * * * run next and what does 0 0 * * * mean?",
    "when did */5 * * * * run last?",
    "why does */5 * * * * run next?",
    "when does my cron job run next?",
    "what does 1 2 3 4 5 six mean?",
    "what does cron mean?",
    "explain cron",
    "when does 5/10 * * * * run next?",
    "when does 0 0 * * FRI-MON run next?",
    "when does 0 0 0 * * run next?",
    "when does */0 * * * * run next?",
    "when does */5 * * * * not run next?",
    "when does */5 * * * * run next in Tokyo?",
    "next 100 runs of * * * * *",
    "next 0 runs of * * * * *",
    "what does 0 9 * * 1-5 mean for my salary?",
    "when does 0 0 1-32 * * run next?",
    "when does 10-5 * * * * run next?",
    "next run of 0 0 1 JANUARY *",
    "run */5 * * * * now",
)
_FORMS: tuple[tuple[str, str], ...] = (
    (
        r"when (?:does|will|is|would) {line} "
        r"(?:next run|run next|fire next|next fire|run the next time|next execute|execute next|next due|due next)",
        "next",
    ),
    (r"when is (?:the )?next (?:run|execution|time|fire) (?:of|for) {line}", "next"),
    (r"(?:the )?next (?:run|execution|run time|time|fire|fire time|occurrence)(?: time)? (?:of|for) {line}", "next"),
    (r"when is (?:the )?next time {line} (?:runs|fires|is run|will run)", "next"),
    (r"(?:what time|at what time|on what date) (?:does|will) {line} (?:next run|run next|fire next|next fire)", "next"),
    (r"{line} next (?:run|execution|time)", "next"),
    (r"(?:the )?next time {line} (?:runs|fires|is run|will run)", "next"),
    (
        r"(?:the )?next (?P<many>[2-9]|10|two|three|four|five) "
        r"(?:runs|executions|times|run times|fire times|occurrences) (?:of|for) {line}",
        "next",
    ),
    (r"what (?:does|would) {line} mean", "meaning"),
    (r"(?:explain|describe|translate|meaning of|(?:the )?schedule of) {line}", "meaning"),
    (r"when (?:does|will|would) {line} run", "meaning"),
    (r"what does {line} do", "meaning"),
    (r"is (?P<line>[\d*,/-]+(?: [\d*,/-]+){0,3}) (?:a )?valid cron(?: expression| schedule| line| job)?", "valid"),
    (r"is {line} (?:a )?valid cron(?: expression| schedule| line| job)?", "valid"),
)
_LINE = (
    r"(?:the )?(?:cron ?(?:expression|schedule|line|job|entry|tab)?|schedule)?:? ?"
    r"(?P<quote>[`'\"]?)(?P<line>@[a-z]+|[^\s`'\"]+(?: [^\s`'\"]+){4})(?P=quote)"
)
_COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5}


def answer(asked: Asked) -> Found | None:
    text = " ".join(bare(asked.text).split())
    if not text or len(text) > 300 or not text.isascii():
        return None
    for form, what in _FORMS:
        found = re.fullmatch(form.replace("{line}", _LINE), text, re.IGNORECASE)
        if found:
            many = found.groupdict().get("many") or "1"
            return _said(asked, found["line"], what, _COUNTS.get(many.lower()) or int(many))
    return None


def _said(asked: Asked, line: str, what: str, many: int) -> Found | None:
    from swarmctl.edges.exact import crontab

    schedule = crontab.read(line)
    if schedule is None:
        return _invalid(line) if what == "valid" else None
    means = crontab.meaning(schedule)
    if what == "valid":
        return Found("yes", f"five fields: {means}")
    times = crontab.runs(schedule, asked.now, asked.zone, max(many, 3))
    if times is None:
        return None
    shown = [f"{time:%Y-%m-%d %H:%M}" for time in times]
    if what == "meaning":
        return Found(means, f"next: {', '.join(shown) or 'never'} ({asked.zone})")
    if not shown:
        return Found("never", f"{means}: no such day in {crontab.YEARS} years")
    after = f"; then {', '.join(shown[many:])}" if shown[many:] else ""
    return Found(", ".join(shown[:many]), f"{means}{after} ({asked.zone})")


def _invalid(line: str) -> Found | None:
    """Only of lines that no dialect of cron would take."""
    fields = line.split()
    if len(fields) > 5 or not re.fullmatch(r"[\d*,/ -]+", line):
        return None
    if len(fields) < 5:
        return Found("no", f"it has {len(fields)} of the five fields: minute, hour, day, month, weekday")
    most = (59, 23, 31, 12, 7)
    for field, high in zip(fields, most, strict=True):
        values = [int(number) for number in re.findall(r"(?<![/\d])\d{1,9}", field)]
        if any(value > high for value in values):
            return Found("no", f"{max(values)} in {field} is more than {high}")
    return None
