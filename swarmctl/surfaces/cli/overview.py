"""The text of `swarmctl --help`, made by `swarmctl.surfaces.cli.reference`, so that it needs no import."""

OVERVIEW = """\
Usage: swarmctl COMMAND …

Run a swarm of coding agents from a terminal: each in its own worktree and tmux
window, landing only what passed its gates on the exact tree that lands.

Start:
  init      Write a swarm.toml with the gates that this repository seems to have; shows it first when one exists
  doctor    Say what works here, what is missing, and which settings are in force
  demo      See it work in a throwaway repository: one task lands, one is mended by its gate, one conflicts and is kept

Work:
  run       Do tasks in parallel, each in its own worktree, and land what passes the gates
  resume    Go on with a session that failed, was stopped or lost its process: the same worktree, another attempt
  stop      Stop an agent at a safe point: its work is checkpointed, its processes are ended, nothing is removed
  send      Type a message into a running session and submit it
  attach    Open a session's terminal: here, in a popup of your tmux, or as a line to type where there is no terminal

Look:
  ps        List tasks with what is known of their sessions
  show      Show one session: where it is, how it stands, what proves it, and what to type next
  why       Print the chain of evidence behind a state, a route or a refusal: every event about it, oldest first
  logs      Print what a session's terminal showed, secrets masked
  diff      Show what a session changed against its base, committed or not
  path      Print the directory of a session, or where swarmctl keeps the state of this repository

Land:
  merge     Land a finished session through the queue: merged beside your checkout, gated on that tree, then moved
  queue     Show the merge queue in order, what is parked, and the last landings with their proofs
  land      Bring a parked target to its landing ref, once what blocked it is out of the way
  approve   Approve what needs a person: a session that changes its own gates, or something executable of the repository
  gate      Run the gates of a stage here and now, on what the worktree holds
  hooks     Put the commit and push gates into your own checkout, or take them out again

Keep and clean:
  undo      Bring back a session's work, branch and directory; without ID, take back the last landing by a new commit
  rm        Put a session's worktree into the trash, once a checkpoint holds everything in it
  gc        Delete trash that is old or too large ([trash] days, max_gb), and say what the disk holds
  up        Start the supervisor of this repository
  down      Stop every agent at a safe point, then the tmux server and the supervisor

First:  swarmctl init --commit
Then:   swarmctl run "what should be done" --exec 'command that does it'
Exit codes: 0 landed, ready or detached; 1 refused, conflict or failed; 2 usage; 3 environment; 4 budget;
5 waits for a person; 6 no work produced; 7 unknown; 130 interrupted.
swarmctl COMMAND --help tells more; --debug shows tracebacks; --version.
"""
