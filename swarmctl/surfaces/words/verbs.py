"""Every command of the command line, made by `swarmctl.surfaces.cli.reference`, so that other faces know them."""

from typing import NamedTuple


class Verb(NamedTuple):
    name: str
    usage: str
    """Its arguments; what may be left out stands in brackets."""
    help: str
    group: str


# fmt: off
VERBS = (
    Verb('init', '', 'Write a swarm.toml with the gates that this repository seems to have', 'Start'),
    Verb('doctor', '', 'Say what works here, what is missing, and which settings hold', 'Start'),
    Verb('demo', '', 'See it work in a throwaway repository', 'Start'),
    Verb('ask', '["QUESTION"]…', 'Answer a question exactly, or say that it is not known', 'Ask'),
    Verb('route', '["QUESTION"]…', 'Say where a text would go', 'Ask'),
    Verb('council bench', '[FILE]…', 'Put questions with known answers to the exact tools', 'Ask'),
    Verb('council stats', '', 'Show what was asked here', 'Ask'),
    Verb('council why', 'ID', 'Show how a question was answered, and answer it again', 'Ask'),
    Verb('run', '"TASK"…', 'Do tasks in parallel, each in its own worktree', 'Work'),
    Verb('adopt', 'PANE|WORKTREE', 'Take over an agent that you started by hand', 'Work'),
    Verb('resume', '[ID]', 'Go on with a session that failed, was stopped or lost its process', 'Work'),
    Verb('sync', 'ID', "Bring the target into a session's worktree, so that it can land again", 'Work'),
    Verb('handoff', 'ID --agent NAME', 'Give a session to another agent', 'Work'),
    Verb('stop', '[ID]', 'Stop an agent at a safe point', 'Work'),
    Verb('send', 'ID "TEXT"…', "Tell a session's agent something", 'Work'),
    Verb('answer', 'ID allow|deny|pane', "Answer the question that a session's agent waits with", 'Work'),
    Verb('attach', 'ID', "Open a session's terminal", 'Work'),
    Verb('next', '', 'Show the session that needs you most, with what to type', 'Look'),
    Verb('ps', '', 'List tasks with what is known of their sessions', 'Look'),
    Verb('show', 'ID', 'Show one session', 'Look'),
    Verb('why', 'ID', 'Print the chain of evidence behind a state, a route or a refusal', 'Look'),
    Verb('logs', 'ID', "Print what a session's terminal showed, secrets masked", 'Look'),
    Verb('diff', 'ID', 'Show what a session changed against its base, committed or not', 'Look'),
    Verb('compare', '[ID]…', 'Show how several attempts at one task stand', 'Look'),
    Verb('path', '[ID]', 'Print the directory of a session, or the state folder of this repository', 'Look'),
    Verb('cost', '', 'Show what agents used', 'Look'),
    Verb('budget', '', 'Show what agents may still cost', 'Look'),
    Verb('statusline', '', 'Print one short line for a status line', 'Look'),
    Verb('web', '', 'Show the cockpit in a browser of this machine', 'Look'),
    Verb('merge', 'ID', 'Land a finished session through the queue', 'Land'),
    Verb('pick', 'ID', 'Land one of several attempts through the queue, and put the others away', 'Land'),
    Verb('queue', '', 'Show the merge queue in order', 'Land'),
    Verb('land', '', 'Bring a parked target to its landing ref', 'Land'),
    Verb('approve', '[ID]', 'Approve what needs a person', 'Land'),
    Verb('gate', '', 'Run the gates of a stage here and now, on what the worktree holds', 'Land'),
    Verb('hooks install', '', 'Run the commit gates before your own commits and pushes', 'Land'),
    Verb('hooks uninstall', '', 'Take out what `hooks install` put in, and put back what was there', 'Land'),
    Verb('push', 'ID', "Push a session's own branch, and nothing else, to the remote that you push to", 'Land'),
    Verb('pr', 'ID', "Push a session's branch and open a pull or merge request for it, through gh or glab", 'Land'),
    Verb('learn', '["LINE"]…', 'Propose a line for the instructions that every agent reads', 'Land'),
    Verb('undo', '[ID]', "Bring back a session's work, branch and directory", 'Keep and clean'),
    Verb('rm', 'ID', "Put a session's worktree into the trash", 'Keep and clean'),
    Verb('gc', '', 'Delete old or too large trash, and say what the disk holds', 'Keep and clean'),
    Verb('up', '', 'Start the supervisor of this repository', 'Keep and clean'),
    Verb('down', '', 'Stop every agent at a safe point', 'Keep and clean'),
)
