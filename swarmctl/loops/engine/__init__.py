"""`advance` decides the next steps from the facts; `steps` take them through the flow, one event at a time."""
