//! The management API in this process, over a store of its own.

mod active_sessions;
mod dashboard;
mod document;
mod error_rules;
mod fill_costs;
mod flow;
mod guesses;
mod keys;
mod limits;
mod login;
mod model_prices;
mod order;
mod overview;
mod provider_figures;
mod provider_standings;
mod provider_trials;
mod providers;
mod reference;
mod request_filters;
mod sensitive_words;
pub mod server;
mod stand;
mod usage_logs;
mod user_search;
mod users;
