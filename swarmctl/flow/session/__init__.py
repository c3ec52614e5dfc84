"""Session: provision, launch, settle and remove one attempt; every stage can be repeated after a crash."""
