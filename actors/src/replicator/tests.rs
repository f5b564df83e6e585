//! The replicator between two nodes and a common counter of the test.
