"""Ports nobody uses."""

from __future__ import annotations

import socket

import pytest

from swarmctl.core.errors import EnvironmentFault
from swarmctl.edges.files import session_env as module
from swarmctl.edges.files.session_env import port_block


def test_blocks_do_not_overlap_what_is_taken() -> None:
    taken: set[int] = set()
    for _ in range(20):
        base = port_block(taken, 4, seed=7)
        block = set(range(base, base + 4))
        assert taken.isdisjoint(block)
        taken |= block


def test_the_same_seed_gets_the_same_block() -> None:
    assert port_block(set(), 4, seed=11) == port_block(set(), 4, seed=11)


def test_a_port_somebody_listens_on_is_passed_over() -> None:
    base = port_block(set(), 4, seed=3)
    with socket.socket() as server:
        server.bind(("127.0.0.1", base + 2))
        server.listen()
        assert port_block(set(), 4, seed=3) != base


def test_no_ports_wanted_is_no_block() -> None:
    assert port_block(set(), 0, seed=1) == 0


def test_no_free_block_is_a_fault_with_a_hint() -> None:
    with pytest.raises(EnvironmentFault) as fault:
        port_block(set(range(module.FIRST, module.LAST + 1)), 4, seed=1)
    assert "swarmctl gc" in fault.value.hint
