//! The nouns of Switchyard and the arithmetic on them: no actor, no I/O, no clock, no luck.
//!
//! Everything here is a plain value. Instants come in as [`instant::Micros`], money as
//! [`money::Nano`], and what one policy shares with another is defined here, because actor folders
//! never import each other.

pub mod allowance;
pub mod billing;
pub mod blocked;
pub mod breaker;
pub mod breaker_change;
pub mod breaker_key;
pub mod breaker_view;
pub mod caller;
pub mod catalogue;
pub mod check;
pub mod counters;
pub mod credential;
pub mod crossing;
pub mod decision;
pub mod dialect;
pub mod error_rules;
pub mod expression;
pub mod filters;
pub mod flying;
mod fold;
pub mod ids;
pub mod instant;
pub mod ledger;
mod ledger_form;
pub mod limit_book;
pub mod limits;
pub mod live;
pub mod loss_policy;
pub mod map;
pub mod money;
pub mod outcome;
pub mod own_header;
pub mod passing;
pub mod preferences;
pub mod price;
pub mod provider;
pub mod proxy;
pub mod reachability;
pub mod routing;
pub mod secret;
pub mod session;
pub mod sharing;
pub mod usage;
pub mod verdict;
pub mod window;
pub mod words;
