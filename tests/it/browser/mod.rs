//! The pages, as a person meets them in a browser.

mod live;
mod dashboard;
mod pages;
mod places;
mod prices;
mod readers;
mod screens;
