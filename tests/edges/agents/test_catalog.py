"""The catalog: who defines an agent, and that a repository's definition waits for approval."""

from __future__ import annotations

from pathlib import Path

import pytest

from swarmctl.core.agent import Order
from swarmctl.core.errors import UsageFault
from swarmctl.core.ports import Agents
from swarmctl.edges.agents.catalog import Catalog
from tests.fakes.files import Approvals


@pytest.fixture
def approvals() -> Approvals:
    return Approvals()


@pytest.fixture
def catalog(tmp_path: Path, approvals: Approvals) -> Catalog:
    catalog = Catalog(tmp_path / "packaged", tmp_path / "user", approvals, tmp_path / "repo")
    for folder in (tmp_path / "packaged", tmp_path / "user", tmp_path / "repo" / ".swarm" / "agents"):
        folder.mkdir(parents=True)
    define(catalog.packaged, "shell", "packaged")
    return catalog


def define(folder: Path, name: str, description: str) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(f'name: {name}\ndescription: {description}\nargv: [run, "{{prompt}}"]\n')
    return path


def repository(catalog: Catalog) -> Path:
    assert catalog.repository is not None
    return catalog.repository / ".swarm" / "agents"


def test_it_is_the_port(catalog: Catalog, tmp_path: Path) -> None:
    port: Agents = catalog
    port.check("shell")
    assert port.start("shell", Order("do it", "", str(tmp_path))).argv == ("run", "do it")
    assert port.profile("shell").modes == ("headless",)
    assert port.env("shell", {"PATH": "/bin", "TMUX": "x"}) == {"PATH": "/bin"}


def test_a_prompt_does_not_stay_when_its_start_ended(catalog: Catalog, tmp_path: Path) -> None:
    (catalog.packaged / "piped.yaml").write_text("name: piped\ndescription: d\nargv: [run]\nprompt: stdin\n")
    own = tmp_path / "own"
    catalog.start("piped", Order("do it", "", str(own)))
    (own / "chat.md").write_text("kept")
    assert (own / ".prompt").read_text() == "do it"
    for _ in range(2):
        catalog.ended(str(own))
    assert [path.name for path in own.iterdir()] == ["chat.md"]


def test_the_users_definition_goes_before_the_packaged_one(catalog: Catalog) -> None:
    define(catalog.user, "shell", "user")
    assert catalog.get("shell").description == "user"


def test_the_repositorys_definition_counts_only_with_approval_of_its_content(
    catalog: Catalog, approvals: Approvals
) -> None:
    path = define(repository(catalog), "shell", "repository")
    assert catalog.get("shell").description == "packaged"
    assert catalog.unapproved() == ["agent .swarm/agents/shell.yaml"]
    approvals.given = set(catalog.wanted())
    assert catalog.get("shell").description == "repository"
    path.write_text(path.read_text() + "\n# changed\n")
    assert catalog.get("shell").description == "packaged"
    assert catalog.unapproved() == ["agent .swarm/agents/shell.yaml"]


def test_an_unapproved_agent_without_another_of_its_name_says_so(catalog: Catalog) -> None:
    define(repository(catalog), "theirs", "repository")
    with pytest.raises(UsageFault, match="nobody approved it yet") as fault:
        catalog.check("theirs")
    assert "swarmctl approve .swarm/agents/theirs.yaml" in fault.value.hint
    assert [spec.name for spec in catalog.all()] == ["shell"]


@pytest.mark.parametrize("name", ["shel", "", "../packaged/shell", ".hidden", "a/b"])
def test_an_agent_that_is_not_there_is_a_usage_fault(catalog: Catalog, name: str) -> None:
    with pytest.raises(UsageFault) as fault:
        catalog.check(name)
    assert "shell" in fault.value.hint


def test_the_nearest_name_is_offered(catalog: Catalog) -> None:
    with pytest.raises(UsageFault, match="did you mean shell"):
        catalog.check("shel")


def test_a_broken_definition_does_not_hide_what_was_asked_for(catalog: Catalog) -> None:
    (catalog.user / "broken.yaml").write_text("nonsense")
    assert catalog.get("shell").description == "packaged"
    with pytest.raises(UsageFault, match="there is no agent 'other'"):
        catalog.check("other")


def test_a_file_must_be_called_like_its_agent(catalog: Catalog) -> None:
    define(catalog.user, "other", "d").rename(catalog.user / "mine.yaml")
    with pytest.raises(UsageFault, match="is called 'other'"):
        catalog.check("mine")


def test_a_file_that_is_no_text_is_a_usage_fault(catalog: Catalog) -> None:
    (catalog.user / "mine.yaml").write_bytes(b"\xff")
    with pytest.raises(UsageFault, match="UTF-8"):
        catalog.check("mine")
