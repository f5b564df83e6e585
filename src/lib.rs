//! Switchyard: a relay between AI coding agents and AI vendors.

pub mod app;
pub mod cli;
pub mod demo;
pub mod metrics;
pub mod process;
pub mod proxy;
pub mod run;
pub mod server;
pub mod settings;
pub mod store;
pub mod telemetry;
pub mod upstream;
pub mod web;
pub mod wire;
