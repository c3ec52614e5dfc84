"""The HINT of every tool, so that no tool is loaded for a question that cannot be its own; capitals do not matter.

Made from the tools by `python -m swarmctl.edges.exact.hinted`; a test checks that it is what they say.
"""

from __future__ import annotations

import re
from functools import cache


@cache
def hint(name: str) -> re.Pattern[str]:
    return re.compile(HINTS[name], re.IGNORECASE)


# fmt: off
HINTS: dict[str, str] = {
    'arithmetic': '[0-9]|\\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\\w+teen|twenty|\\w{3,4}ty|hundred|thousand|million)\\b',  # noqa: E501
    'units': '\\b(?:in|to|into|as|how many)\\b',
    'dates': '\\b(?:days?|weeks?|weekday|months?|years?|date|today|tomorrow|yesterday|fortnight|leap|iso|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\\b|[0-9]{4}-[0-9]{2}-[0-9]{2} (?:minus|-) ',  # noqa: E501
    'times': '[0-9]:[0-9]{2}|\\b(?:time|unix|epoch|timestamp)\\b|[0-9] ?[ap]m\\b',
    'bases': '\\b(?:hex|hexadecimal|binary|octal|decimal|denary|arabic|roman|base[ -]?[0-9]+)\\b|\\b0[xbo][0-9a-f]|number is',  # noqa: E501
    'encodings': 'base64|url|percent|\\bhex|utf-?8|unicode|ascii|code ?points?|sha-?(?:1|224|256|384|512)|md5|\\bU\\+|\\bord\\(|\\bchr\\(',  # noqa: E501
    'numbers': 'prime|factor|divisors?\\b|divisib|divide|multiple|\\bgcd\\b|\\bhcf\\b|\\blcm\\b|\\bgcf\\b|\\bmod|remainder|inverse|fibonacci|totient|\\bphi\\b|φ|\\bchoose\\b|binomial|\\bperfect\\b|square number|\\beven\\b|\\bodd\\b|power of|\\bdigits\\b|\\bsum of\\b|composite',  # noqa: E501
    'algebra': 'solv|\\bfind\\b|\\broots?\\b|\\bzero(?:e?s)?\\b|factor|expan|multiply out|simplif|primitive|deriv|differenti|\\bd[\\d^²³]* ?/ ?d|integra|∫|\\blim|\\bsum\\b|∑|\\bsolutions?\\b|[a-zA-Zθ)] *[=?]|=',  # noqa: E501
    'logic': 'tautolog|contradict|satisfiab|equivalent|\\btrue\\b|\\bfalse\\b|implies|\\biff\\b|\\bxor\\b|->|=>|→|⇒|∧|\\u2228|¬|↔|truth',  # noqa: E501
    'formats': '\\b(?:json|toml|ya?ml)\\b',
    'cron': '\\bcron|[\\d*?/,-] +[\\d*?]|@(?:hourly|daily|midnight|weekly|monthly|yearly|annually)',
    'regexes': '\\bmatch|\\bregex|\\bregular expression|\\bagainst\\b',
    'versions': '\\d\\.\\d|\\bsemver\\b|\\bversions?\\b|[\\^~]\\d',
    'lookup_defined': '\\b(?:where|wheres|file|defin\\w+|declared|declaration|location|implemented)\\b',
    'lookup_calls': '\\b(?:calls?|callers?|called|invok\\w+|instantiat\\w+)\\b',
    'lookup_imports': '\\b(?:import(?:s|ed|ing|ers?)?|depends?)\\b',
    'lookup_mentions': '\\b(?:mention\\w*|used|uses?|test(?:s|ed)?|referenced?|references|occurrences?|usages?)\\b',
    'lookup_lines': '\\blines?\\b|:\\d+|\\bL\\d+\\b',
    'lookup_history': '\\b(?:last|latest|recent\\w*|when|who)\\b',
    'lookup_between': '\\b(?:between|since|from|diff\\w*|compared?|commits?|ahead|behind)\\b',
    'lookup_head': '\\b(?:branch|commit|head|checked|sha|revision|hash)\\b',
    'lookup_owner': '\\b(?:own\\w*|wrote|authors?|maintain\\w*|code ?owners?|responsible|belongs?|whose|most lines)\\b',
    'lookup_todos': '\\b(?:to-?dos?|fixmes?)\\b',
    'lookup_versions': '\\b(?:versions?|requires?|required|locked|pinned|need(?:ed|s)?|depend\\w*|release)\\b',
    'lookup_counts': '\\b(?:how many|number of|count|loc|lines|files)\\b',
}
# fmt: on
