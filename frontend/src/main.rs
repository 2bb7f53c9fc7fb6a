//! The browser's side of DataPass: a single-page application that shows what `shared` decides and the server remembers.
//!
//! The rooms, floor by floor. A room imports only rooms of lower floors: `tests/tidy.rs` of the backend reads the imports.

// Floor 8
mod app; // the route table

// Floor 7
mod parts; // the parts in which pages are loaded, when they are asked for

// Floor 6
mod pages; // one module per address

// Floor 5
mod sections; // one module per section of a policy: binds fields to components

// Floor 4
mod shell; // header, footer, page titles, sign-in, loading, submitting

// Floor 3
mod context; // the application context: session, catalogue, flash message
mod form; // the state of a request being written, without a view

// Floor 2
mod loader; // the loading of data from the server
mod submission; // the sending of a form to the server

// Floor 1
mod api; // every call to the server
mod components; // the DSFR components: label, value, error, callback
mod engine; // the validation, callable from JavaScript

// Floor 0
mod browser; // what the browser gives: clock, focus, storage
mod json; // JSON by the browser's own parser
mod query; // query strings
mod words; // text search, whatever accents and capitals

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
