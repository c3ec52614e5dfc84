"""The process between swarmctl and an agent or a command; it outlives the supervisor and keeps the exit.

`pid` exists before the agent does and lets one wrapper in per run directory; `exit` comes after the last process of the
tree is gone. In the start-up path of every agent: only built-in modules are imported.
"""

# ruff: noqa: PTH104, PTH108, PTH118, PTH123, PTH208
import _ctypes
import _signal as signal  # type: ignore[import-not-found]
import os
import time

from swarmctl.edges.shell.offer import EXIT, LOST, PID, PIPE, PTY, TTY, Offer, read_offer
from swarmctl.edges.shell.pump import CappedLog, Pump, open_terminal
from swarmctl.edges.shell.waiting import Signals

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
HANGUP_GRACE_S = 3.0
TERMINATE_GRACE_S = 30.0
LEFTOVER_GRACE_S = 0.3
KILL_DEADLINE_S = 10.0
JOB_STOPS = (signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)


def main(source: str, run_dir: str, marker: str) -> int:
    """`marker` is not used here: it names the wrapper to whoever lists processes."""
    signals = Signals()
    offer = read_offer(source, run_dir)
    if offer is None:
        keep(run_dir, EXIT, LOST)
        return 1
    if offer.mode == PIPE:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if not source.startswith(f"/proc/{os.getppid()}/"):
            return 1
    elif not (detach(run_dir) if offer.mode == PTY else claim(run_dir)):
        return 0
    reserve(run_dir)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    keep(run_dir, EXIT, Tree(offer, signals).run())
    return 0


def detach(run_dir: str) -> bool:
    """Go on as a child of nobody; the process that was started ends once the child's claim is decided."""
    reader, writer = os.pipe()
    if os.fork():
        os.close(writer)
        os.read(reader, 1)
        os._exit(0)
    os.close(reader)
    claimed = claim(run_dir)
    os.close(writer)
    return claimed


def prctl(option: int, value: int) -> None:
    """Without `ctypes`, whose import is a quarter of the wrapper's start."""
    _ctypes.call_function(_ctypes.dlsym(_ctypes.dlopen(None, 0), "prctl"), (option, value, 0, 0, 0))  # type: ignore[arg-type]


def claim(run_dir: str) -> bool:
    """Linking is exclusive and shows the whole file: the first wrapper is identified, any other one must end."""
    fresh = f"{run_dir}/{PID}.{os.getpid()}"
    store(fresh, identity())
    try:
        os.link(fresh, f"{run_dir}/{PID}")
    except FileExistsError:
        return False
    finally:
        os.unlink(fresh)
    return True


def identity() -> str:
    with open("/proc/self/stat", "rb") as stat:
        fields = stat.read().rpartition(b")")[2].split()
    with open("/proc/sys/kernel/random/boot_id", "rb") as boot:
        return f"{os.getpid()} {int(fields[19])} {boot.read().decode().strip()}"


def keep(run_dir: str, name: str, text: str) -> None:
    """A reader sees all of it or nothing."""
    path = f"{run_dir}/{name}"
    store(f"{path}.new", text)
    os.rename(f"{path}.new", path)


def store(path: str, text: str) -> None:
    data = text.encode() + b"\n"
    fd = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    os.write(fd, data)
    os.ftruncate(fd, len(data))
    os.fsync(fd)
    os.close(fd)


def reserve(run_dir: str) -> None:
    """Take the exit's room on disk now, so that a full disk later cannot swallow it."""
    fd = os.open(f"{run_dir}/{EXIT}.new", os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    os.write(fd, b" " * 64)
    os.close(fd)


def children() -> list[int]:
    try:
        with open("/proc/thread-self/children", "rb") as listing:
            return [int(pid) for pid in listing.read().split()]
    except FileNotFoundError:
        return children_by_scan()


def children_by_scan() -> list[int]:
    """For kernels that do not list them."""
    mine = str(os.getpid()).encode()
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", "rb") as stat:
                if stat.read().rpartition(b")")[2].split()[1] == mine:
                    found.append(int(name))
        except OSError:
            continue
    return found


def ignores(pid: int, number: int) -> bool:
    """As an interactive shell does with SIGTERM: it ends when its terminal does."""
    try:
        with open(f"/proc/{pid}/status", "rb") as status:
            (mask,) = (line.split()[1] for line in status if line.startswith(b"SigIgn:"))
    except OSError:
        return False
    return bool(int(mask, 16) >> (number - 1) & 1)


class Tree:
    """The agent and everything it starts: orphans are reparented to the wrapper, which ends them last."""

    def __init__(self, offer: Offer, signals: Signals) -> None:
        self.signals = signals
        self.in_terminal = offer.mode != PIPE
        self.pump: Pump | None = None
        self.status: int | None = None
        self.deadline = float("inf")
        self.agent = self.start(offer)

    def start(self, offer: Offer) -> int:
        """Fork and exec; the child's side never returns. A signal that comes between the two waits for the agent."""
        outer, inner = -1, -1
        if offer.mode == PTY:
            outer, inner = open_terminal()
        elif offer.mode == PIPE:
            outer, inner = os.pipe()
        signal.pthread_sigmask(signal.SIG_BLOCK, Signals.NUMBERS)
        pid = os.fork()
        if pid == 0:
            become(offer, inner)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, Signals.NUMBERS)
        if outer >= 0:
            os.close(inner)
            log = CappedLog(offer.log, offer.head, offer.tail)
            self.pump = Pump(outer, log, f"{offer.run_dir}/input" if offer.mode == PTY else "")
        return pid

    def run(self) -> str:
        """The words for `exit`, once nothing of the tree is left."""
        while self.status is None:
            self.wait(self.deadline)
            if time.monotonic() >= self.deadline:
                self.kill()
        self.end_leftovers()
        if self.pump:
            self.pump.drain()
        if os.WIFSIGNALED(self.status):
            return f"signal {os.WTERMSIG(self.status)}"
        return f"code {os.WEXITSTATUS(self.status)}"

    def wait(self, until: float) -> bool:
        """Sleep until something happens or it is too late; False when there are no children left."""
        for number in self.signals.wait(until, self.pump):
            self.forward(number)
        return self.reap()

    def reap(self) -> bool:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            if os.WIFSTOPPED(status):
                if pid == self.agent and os.WSTOPSIG(status) in JOB_STOPS:
                    self.signal_agent(signal.SIGCONT)
            elif pid == self.agent:
                self.status = status

    def forward(self, number: int) -> None:
        if number == signal.SIGCHLD:
            return
        self.signal_agent(number)
        if number == signal.SIGTERM and self.in_terminal and ignores(self.agent, number):
            self.signal_agent(signal.SIGHUP)
        self.signal_agent(signal.SIGCONT)
        grace = {signal.SIGHUP: HANGUP_GRACE_S, signal.SIGTERM: TERMINATE_GRACE_S}.get(number)
        if grace is not None:
            self.deadline = min(self.deadline, time.monotonic() + grace)

    def signal_agent(self, number: int) -> None:
        """Its group, or itself while it has none yet."""
        if self.status is not None:
            return
        for send in (os.killpg, os.kill):
            try:
                send(self.agent, number)
                return
            except OSError:
                continue

    def end_leftovers(self) -> None:
        """What outlived the agent gets a moment, then no choice; orphans of the killed show up in the next round."""
        if not self.reap():
            return
        self.kill(signal.SIGTERM)
        self.kill(signal.SIGCONT)
        grace = min(self.deadline, time.monotonic() + LEFTOVER_GRACE_S)
        end = time.monotonic() + KILL_DEADLINE_S
        while self.wait(grace) and time.monotonic() < end:
            if time.monotonic() >= grace:
                self.kill()
                grace = time.monotonic() + 0.01

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Direct children only: they cannot be mistaken for others before they are reaped here."""
        for pid in children():
            try:
                os.kill(pid, number)
            except OSError:
                continue


def become(offer: Offer, inner: int) -> None:
    """In the child: its own group, the foreground of its terminal, plain signals, then the program."""
    code = 126
    try:
        take_place(offer, inner)
        os.chdir(offer.cwd)
        code = execute(offer)
    except OSError as error:
        complain(f"cannot start in {offer.cwd!r}: {error.strerror}")
    finally:
        os._exit(code)


def take_place(offer: Offer, inner: int) -> None:
    signal.set_wakeup_fd(-1)
    if offer.mode == PTY:
        os.setsid()
        os.close(os.open(os.ttyname(inner), os.O_RDWR))
    else:
        os.setpgid(0, 0)
    if offer.mode == TTY:
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        try:
            os.tcsetpgrp(0, os.getpgrp())
        except OSError:
            pass
    for number in (*JOB_STOPS, *Signals.NUMBERS, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, Signals.NUMBERS)
    if inner >= 0:
        for fd in (0, 1, 2) if offer.mode == PTY else (1, 2):
            os.dup2(inner, fd)


def execute(offer: Offer) -> int:
    """Replace the process; when that fails, the shell's codes: 127 not found, 126 not executable."""
    name = offer.argv[0]
    folders = [b""] if b"/" in name else offer.env.get(b"PATH", b"/usr/local/bin:/usr/bin:/bin").split(b":")
    code, words = 127, "no such program"
    for folder in folders:
        try:
            os.execve(os.path.join(folder, name), offer.argv, offer.env)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            code, words = 126, error.strerror or "it cannot be executed"
    complain(f"cannot run {os.fsdecode(name)!r}: {words}")
    return code


def complain(words: str) -> None:
    os.write(2, f"swarmctl: {words}\n".encode(errors="replace"))
