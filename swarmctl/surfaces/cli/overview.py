"""The text of `swarmctl --help`, made by `swarmctl.surfaces.cli.reference`, so that it needs no import."""

OVERVIEW = """\
Usage: swarmctl [COMMAND …]

Run a swarm of coding agents from a terminal: each in its own worktree and tmux
window, landing only what passed its gates on the exact tree that lands.

Alone in a terminal it opens the cockpit, which has a key for most of this;
swarmctl --screenshot FILE.svg [120x40 [KEY…]] draws what these keys lead to.

Start:
  init        Write a swarm.toml with the gates that this repository seems to have
  doctor      Say what works here, what is missing, and which settings hold
  demo        See it work in a throwaway repository

Ask:
  ask         Answer a question exactly, or say that it is not known
  route       Say where a text would go
  council     Look into the council

Work:
  run         Do tasks in parallel, each in its own worktree
  adopt       Take over an agent that you started by hand
  resume      Go on with a session that failed, was stopped or lost its process
  sync        Bring the target into a session's worktree, so that it can land again
  handoff     Give a session to another agent
  stop        Stop an agent at a safe point
  send        Tell a session's agent something
  answer      Answer the question that a session's agent waits with
  attach      Open a session's terminal

Look:
  next        Show the session that needs you most, with what to type
  ps          List tasks with what is known of their sessions
  show        Show one session
  why         Print the chain of evidence behind a state, a route or a refusal
  logs        Print what a session's terminal showed, secrets masked
  diff        Show what a session changed against its base, committed or not
  compare     Show how several attempts at one task stand
  path        Print the directory of a session, or the state folder of this repository
  cost        Show what agents used
  budget      Show what agents may still cost
  statusline  Print one short line for a status line
  web         Show the cockpit in a browser of this machine

Land:
  merge       Land a finished session through the queue
  pick        Land one of several attempts through the queue, and put the others away
  queue       Show the merge queue in order
  land        Bring a parked target to its landing ref
  approve     Approve what needs a person
  gate        Run the gates of a stage here and now, on what the worktree holds
  hooks       Put the commit and push gates into your own checkout
  push        Push a session's own branch, and nothing else, to the remote that you push to
  pr          Push a session's branch and open a pull or merge request for it, through gh or glab
  learn       Propose a line for the instructions that every agent reads

Keep and clean:
  undo        Bring back a session's work, branch and directory
  rm          Put a session's worktree into the trash
  gc          Delete old or too large trash, and say what the disk holds
  up          Start the supervisor of this repository
  down        Stop every agent at a safe point

First:  swarmctl init --commit
Then:   swarmctl run "what should be done" --exec 'command that does it'
Exit codes: 0 answered, landed, ready or detached; 1 refused, conflict, failed or not known; 2 usage;
3 environment; 4 budget; 5 waits for a person; 6 no work; 7 unknown; 130 interrupted.
swarmctl COMMAND --help tells more; --debug shows tracebacks; --version.
"""
