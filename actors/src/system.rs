//! To be filled in by its first commit.
