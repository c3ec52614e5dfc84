"""Git: worktrees, checkpoints and merges with the git binary. The one home of git in the product."""
