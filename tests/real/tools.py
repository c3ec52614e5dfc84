"""Translates what a turn wants done into a tool that this agent offered: the one place that knows the agents' tools."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

from tests.real.dialects import Answered, ToolUse
from tests.real.scenario import Answer, Ask, Call, Run, Say, Write


def answered(turn: Answer, tools: Mapping[str, str]) -> Answered:
    """The whole answer for `turn`. A wish that no offered tool can grant is said in words, so that a test sees it."""
    if isinstance(turn, Say):
        return Answered(turn.first, turn.text, None, turn.usage)
    if isinstance(turn, Call):
        return Answered("", turn.say, ToolUse(turn.tool, turn.arguments), turn.usage)
    if isinstance(turn, Write):
        call = _write(turn, tools)
    elif isinstance(turn, Run):
        call = _run(turn.command, tools)
    else:
        call = _ask(turn, tools)
    if call is None and isinstance(turn, Write) and not tools:
        return Answered("", f"{turn.say}\n{_edit(turn)}", None, turn.usage)
    if call is None:
        return Answered("", turn.say or f"I have no tool for {turn}", None, turn.usage)
    return Answered("", turn.say, call, turn.usage)


def _write(turn: Write, tools: Mapping[str, str]) -> ToolUse | None:
    if "Write" in tools:
        return ToolUse("Write", {"file_path": turn.path, "content": turn.content})
    if "write" in tools:
        return ToolUse("write", {"filePath": turn.path, "content": turn.content})
    if "write_file" in tools:
        return ToolUse("write_file", {"file_path": turn.path, "content": turn.content})
    if tools.get("apply_patch") == "custom":
        added = "".join(f"+{line}\n" for line in turn.content.splitlines())
        return ToolUse("apply_patch", f"*** Begin Patch\n*** Add File: {turn.path}\n{added}*** End Patch\n")
    return _run(f"printf %s {shlex.quote(turn.content)} > {shlex.quote(turn.path)}", tools)


def _edit(turn: Write) -> str:
    """In the words that an agent without tools takes for a new file."""
    return f"{turn.path}\n```\n<<<<<<< SEARCH\n=======\n{turn.content.rstrip()}\n>>>>>>> REPLACE\n```\n"


def _run(command: str, tools: Mapping[str, str]) -> ToolUse | None:
    if "Bash" in tools:
        return ToolUse("Bash", {"command": command, "description": "Run a command"})
    if "exec_command" in tools:
        return ToolUse("exec_command", {"cmd": command})
    if tools.get("exec") == "custom":
        return ToolUse(
            "exec", f"const r = await tools.exec_command({{cmd: {json.dumps(command)}}});\ntext(r.output);\n"
        )
    if "bash" in tools:
        return ToolUse("bash", {"command": command, "description": "Run a command"})
    if "run_shell_command" in tools:
        return ToolUse("run_shell_command", {"command": command, "description": "Run a command"})
    return None


def _ask(turn: Ask, tools: Mapping[str, str]) -> ToolUse | None:
    options = [{"label": option, "description": f"Choose {option}"} for option in turn.options]
    question = {"question": turn.question, "header": "Choice", "options": options}
    if "AskUserQuestion" in tools:
        return ToolUse("AskUserQuestion", {"questions": [question | {"multiSelect": False}]})
    if "question" in tools:
        return ToolUse("question", {"questions": [question]})
    if "ask_user" in tools:
        return ToolUse("ask_user", {"questions": [question | {"type": "choice"}]})
    return None
