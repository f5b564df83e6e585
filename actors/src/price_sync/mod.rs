//! Contract: to be filled in by its first commit.
