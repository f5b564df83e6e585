//! The pages, as a person meets them in a browser.

mod dashboard;
mod forms;
mod journey;
mod live;
mod names;
mod pages;
mod places;
mod prices;
mod providers;
mod readers;
mod screens;
mod users;
