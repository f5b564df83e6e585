//! Breakers.
