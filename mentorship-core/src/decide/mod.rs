//! What each command does: pure functions from a view to a change set.
