"""Agents as data: one YAML file says how one agent is started, prompted and listened to."""
