//! The browser's side of DataPass: a single-page application that shows what `shared` decides and the server remembers.
//!
//! The way in is [`app::App`], which holds the whole route table.

mod api;
mod app;
mod browser;
mod components;
mod engine;
mod form;
mod json;
mod loader;
mod pages;
mod query;
mod sections;
mod words;

use leptos::mount::mount_to;
use leptos::prelude::document;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::HtmlElement;

/// Puts the application in the place of what the page showed while it was loading.
fn main() {
    let Some(place) = document().get_element_by_id("app").and_then(|place| place.dyn_into::<HtmlElement>().ok()) else {
        return;
    };
    place.set_inner_html("");
    mount_to(place, app::App).forget();
}
