//! The integration tests: one binary, real processes, real sockets.

#[cfg(test)]
mod relay;
#[cfg(test)]
mod store;
#[cfg(test)]
mod support;
