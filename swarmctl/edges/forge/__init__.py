"""The forge that a repository is pushed to, through the command line that its vendor makes."""
