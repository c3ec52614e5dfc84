"""Files of ours and of the user's: state paths, settings, provisioning, approvals, spool, secrets."""
