//! The integration tests: one binary, real processes, real sockets, real engines.

#[cfg(test)]
mod api;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod console;
#[cfg(test)]
mod relay;
#[cfg(test)]
mod store;
#[cfg(test)]
mod support;
