"""Where people keep what no agent needs: credentials, sockets of other programs, personal folders. Relative to home."""

CREDENTIALS = (
    ".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker", ".oci", ".config/gh", ".config/glab-cli", ".config/hub",
    ".config/gcloud", ".config/doctl", ".config/containers", ".config/git/credentials", ".git-credentials", ".netrc",
    ".npmrc", ".yarnrc.yml", ".pypirc", ".gem/credentials", ".cargo/credentials", ".cargo/credentials.toml",
    ".m2/settings.xml", ".gradle/gradle.properties", ".terraform.d", ".vault-token", ".pgpass", ".my.cnf",
    ".password-store", ".local/share/keyrings", ".local/share/kwalletd", ".config/op", ".config/rclone",
    ".config/sops", ".config/age", ".s3cfg", ".boto", ".databrickscfg", ".huggingface", ".cache/huggingface/token",
    ".Xauthority", ".ICEauthority", ".config/swarmctl",
)  # fmt: skip
PERSONAL = (
    "Desktop", "Documents", "Downloads", "Music", "Pictures", "Videos", "Mail", ".mozilla", ".thunderbird",
    ".config/google-chrome", ".config/chromium", ".config/BraveSoftware", ".config/Signal", ".config/Slack",
    ".bash_history", ".zsh_history", ".python_history", ".node_repl_history", ".psql_history", ".mysql_history",
    ".lesshst", ".viminfo",
)  # fmt: skip
PRIVATE = ("/tmp", "/var/tmp", "/run")
"""Each session has its own, empty: there lie the sockets of tmux, D-Bus, Docker, ssh-agent and gpg-agent."""
NEEDED_IN_RUN = (
    "/run/systemd/resolve",
    "/run/resolvconf",
    "/run/NetworkManager/resolv.conf",
    "/run/nscd",
    "/run/current-system",
    "/run/opengl-driver",
)
"""Names are resolved by these, and some systems keep their programs there."""
CACHE = ".cache"
