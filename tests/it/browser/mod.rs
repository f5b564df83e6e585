//! The pages, as a person meets them in a browser.

mod pages;
mod places;
mod screens;
