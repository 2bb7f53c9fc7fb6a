//! What the browser gives: the clock, the page's address and title, focus, visibility, local and session storage.
//!
//! Everything that reaches for `window` outside `api` is here, so that the rest can be tested natively.

use std::time::Duration;

use chrono::{DateTime, TimeZone, Utc};
use js_sys::{Array, Uint8Array};
use leptos::prelude::{document, window};
use leptos::wasm_bindgen;
use leptos::wasm_bindgen::JsCast;
use leptos::wasm_bindgen::prelude::{Closure, wasm_bindgen};
use leptos::web_sys::{
    Blob, Element, HtmlAnchorElement, HtmlElement, HtmlInputElement, HtmlTextAreaElement, IntersectionObserver,
    IntersectionObserverEntry, Storage, Url,
};
use wasm_bindgen_futures::JsFuture;

/// The name of the site, at the end of every title.
const SITE: &str = "DataPass";

/// Prefix of the keys of local storage where drafts are kept: texts that are not yet sent.
pub const DRAFT_PREFIX: &str = "datapass.draft.";

#[wasm_bindgen(raw_module = "./parts.js")]
extern "C" {
    /// Whether the server no longer had a part that was asked for: it has those of another version.
    #[wasm_bindgen(js_name = isOutdated)]
    pub fn is_outdated() -> bool;

    /// Fetches that part once the browser has nothing else to do.
    #[wasm_bindgen(js_name = fetchAhead)]
    pub fn fetch_ahead(part: &str);
}

/// Milliseconds since 1970.
pub fn milliseconds() -> f64 {
    js_sys::Date::now()
}

/// Now.
pub fn now() -> DateTime<Utc> {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 fit")]
    let milliseconds = milliseconds() as i64;
    Utc.timestamp_millis_opt(milliseconds).single().unwrap_or_default()
}

/// Copies a text to the clipboard. Whether it could: browsers allow it in secure contexts only.
pub async fn copy(text: &str) -> bool {
    window().is_secure_context() && JsFuture::from(window().navigator().clipboard().write_text(text)).await.is_ok()
}

/// Writes a text at the cursor of that text area, in the place of what is selected. The whole text, where there is such an area.
pub fn write_at_cursor(id: &str, text: &str) -> Option<String> {
    let area = document().get_element_by_id(id)?.dyn_into::<HtmlTextAreaElement>().ok()?;
    let length = u32::try_from(text.encode_utf16().count()).ok()?;
    let start = area.selection_start().ok().flatten()?;
    area.set_range_text(text).ok()?;
    area.focus().ok()?;
    area.set_selection_range(start + length, start + length).ok()?;
    Some(area.value())
}

/// Selects the text of that input.
pub fn select(id: &str) {
    let field = document().get_element_by_id(id).and_then(|field| field.dyn_into::<HtmlInputElement>().ok());
    if let Some(field) = field {
        field.select();
    }
}

/// Selects a line, from 1, of that field of several lines, and shows it.
pub fn select_line(id: &str, line: usize) {
    let field = document().get_element_by_id(id).and_then(|field| field.dyn_into::<HtmlTextAreaElement>().ok());
    let Some(field) = field else { return };
    let text = field.value();
    let length = |line: &str| u32::try_from(line.encode_utf16().count()).unwrap_or(u32::MAX);
    let start: u32 = text.split('\n').take(line.saturating_sub(1)).map(|line| length(line) + 1).sum();
    let end = start + text.split('\n').nth(line.saturating_sub(1)).map_or(0, length);
    let (count, place) = (i32::try_from(text.split('\n').count()), i32::try_from(line.saturating_sub(1)));
    field.scroll_into_view();
    let _ = field.focus();
    let _ = field.set_selection_range(start, end);
    // Browsers do not scroll to what a script selects. Lines are not wrapped; a few before it are shown, too.
    if let (Ok(count), Ok(place)) = (count, place) {
        field.set_scroll_top(field.scroll_height() / count.max(1) * (place - 3).max(0));
    }
}

/// Minutes to add to a UTC time to get the user's, at that time (summer time changes it).
pub fn offset_minutes(at: DateTime<Utc>) -> i32 {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit")]
    let date = js_sys::Date::new(&(at.timestamp_millis() as f64).into());
    #[expect(clippy::cast_possible_truncation, reason = "less than a day")]
    let minutes = date.get_timezone_offset() as i32;
    -minutes
}

/// Names the page in the tab and for screen readers.
pub fn set_title(title: &str) {
    document().set_title(&format!("{title} – {SITE}"));
}

/// Path, query and fragment of the address bar, to come back to after signing in.
pub fn current_path() -> String {
    let location = window().location();
    [location.pathname(), location.search(), location.hash()].map(Result::unwrap_or_default).concat()
}

/// Takes the query string out of the address bar. Nothing is loaded, and the way back stays as it is.
pub fn forget_search() {
    let (Ok(history), location) = (window().history(), window().location()) else { return };
    let address = [location.pathname(), location.hash()].map(Result::unwrap_or_default).concat();
    let state = history.state().unwrap_or(wasm_bindgen::JsValue::NULL);
    let _ = history.replace_state_with_url(&state, "", Some(&address));
}

/// The whole address of a page of the application.
pub fn address_of(path: &str) -> String {
    format!("{}{path}", window().location().origin().unwrap_or_default())
}

/// Leaves the application for that address.
pub fn leave_to(url: &str) {
    // A browser refuses only an address that is none; then there is nothing better to do than to stay.
    let _ = window().location().set_href(url);
}

/// Loads the page again.
pub fn reload() {
    drop(window().location().reload());
}

/// Moves the focus to that element, or to the first field in it when it is a group, and shows it; what is folded around it
/// opens first. Whether there is one.
pub fn focus(id: &str) -> bool {
    let Some(element) = document().get_element_by_id(id) else { return false };
    if unfold(&element) {
        let id = id.to_owned();
        leptos::prelude::request_animation_frame(move || {
            focus_in_place(&id);
        });
        return true;
    }
    focus_in_place(id)
}

/// Opens what is folded around that element. Whether anything was.
fn unfold(element: &Element) -> bool {
    if let Ok(Some(folded)) = element.closest("details:not([open])") {
        return folded.set_attribute("open", "").is_ok();
    }
    let Ok(Some(folded)) = element.closest(".fr-accordion .fr-collapse:not(.fr-collapse--expanded)") else {
        return false;
    };
    let button = document().query_selector(&format!("[aria-controls=\"{}\"]", folded.id())).ok().flatten();
    let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) else { return false };
    button.click();
    true
}

fn focus_in_place(id: &str) -> bool {
    let Some(element) = document().get_element_by_id(id) else { return false };
    let target = if element.has_attribute("tabindex") || is_focusable(&element) {
        Some(element)
    } else {
        element.query_selector("input:not(:disabled), select, textarea, button, a[href]").ok().flatten()
    };
    let Some(target) = target.and_then(|target| target.dyn_into::<HtmlElement>().ok()) else { return false };
    target.scroll_into_view();
    target.focus().is_ok()
}

fn is_focusable(element: &Element) -> bool {
    matches!(element.tag_name().as_str(), "INPUT" | "SELECT" | "TEXTAREA" | "BUTTON" | "A")
}

/// For how many frames what is being drawn is waited for: half a second.
const FRAMES: u32 = 30;

/// Moves the focus as [`focus`] does, once what is being drawn is in the page and can be seen.
pub fn focus_soon(id: String) {
    focus_within(id, FRAMES);
}

fn focus_within(id: String, frames: u32) {
    leptos::prelude::request_animation_frame(move || {
        let is_there = focus(&id) && document().active_element().is_some_and(|element| element.tag_name() != "BODY");
        if !is_there && frames > 0 {
            focus_within(id, frames - 1);
        }
    });
}

/// Calls once what was drawn until now is on the screen.
pub fn after_paint(call: impl FnOnce() + 'static) {
    leptos::prelude::request_animation_frame(move || leptos::prelude::set_timeout(call, Duration::ZERO));
}

/// Whether that element is in the page.
pub fn is_there(id: &str) -> bool {
    document().get_element_by_id(id).is_some()
}

/// Whether that element has the focus.
pub fn has_focus(id: &str) -> bool {
    document().active_element().is_some_and(|element| element.id() == id)
}

/// Calls once that element is visible in the viewport.
pub fn when_seen(id: &str, call: impl FnOnce() + 'static) {
    let Some(element) = document().get_element_by_id(id) else { return };
    let mut call = Some(call);
    let watch = Closure::<dyn FnMut(Array, IntersectionObserver)>::new(
        move |entries: Array, observer: IntersectionObserver| {
            let mut entries = entries.iter().map(|entry| entry.unchecked_into::<IntersectionObserverEntry>());
            if entries.any(|entry| entry.is_intersecting()) {
                observer.disconnect();
                if let Some(call) = call.take() {
                    call();
                }
            }
        },
    );
    // The browser keeps the observer for as long as it has the element.
    if let Ok(observer) = IntersectionObserver::new(watch.into_js_value().unchecked_ref()) {
        observer.observe(&element);
    }
}

/// Whether the page is in a tab that nobody looks at.
pub fn is_hidden() -> bool {
    document().hidden()
}

/// Whether the window is wider than that of a phone.
pub fn is_wide() -> bool {
    window().inner_width().ok().and_then(|width| width.as_f64()).is_some_and(|width| width >= 768.0)
}

/// The first bytes of a file, at most `length`; `None` where it cannot be read.
pub async fn first_bytes(file: &Blob, length: i32) -> Option<Vec<u8>> {
    let head = file.slice_with_i32_and_i32(0, length).ok()?;
    let buffer = JsFuture::from(head.array_buffer()).await.ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}

/// Whether the browser believes that it is connected.
pub fn is_online() -> bool {
    window().navigator().on_line()
}

/// Opens another window at that address. Whether the browser lets it.
pub fn open(url: &str) -> bool {
    window().open_with_url_and_target(url, "_blank").is_ok_and(|window| window.is_some())
}

/// Closes this window, if it was opened by another; else nothing happens.
pub fn close() {
    let _ = window().close();
}

/// Local storage. `None` where the user has forbidden it: nothing may depend on it.
pub fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// Reads from local storage.
pub fn stored(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Writes to local storage. Whether it could.
pub fn store(key: &str, text: &str) -> bool {
    storage().is_some_and(|storage| storage.set_item(key, text).is_ok())
}

/// Removes from local storage.
pub fn forget(key: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(key);
    }
}

/// Keeps a text for this tab, which leaves the application and comes back.
pub fn set_aside(key: &str, text: &str) {
    if let Ok(Some(storage)) = window().session_storage() {
        let _ = storage.set_item(key, text);
    }
}

/// What was set aside, once.
pub fn take_back(key: &str) -> Option<String> {
    let storage = window().session_storage().ok().flatten()?;
    let text = storage.get_item(key).ok().flatten()?;
    let _ = storage.remove_item(key);
    Some(text)
}

/// Removes every draft from local storage.
pub fn forget_drafts() {
    let Some(storage) = storage() else { return };
    let length = storage.length().unwrap_or(0);
    let keys: Vec<String> = (0..length).filter_map(|index| storage.key(index).ok().flatten()).collect();
    for key in keys.iter().filter(|key| key.starts_with(DRAFT_PREFIX)) {
        let _ = storage.remove_item(key);
    }
}

/// The text of a file; `None` where it cannot be read.
pub async fn text_of(file: &Blob) -> Option<String> {
    JsFuture::from(file.text()).await.ok()?.as_string()
}

/// Downloads a file under that name.
pub fn save(file: &Blob, name: &str) {
    let Ok(url) = Url::create_object_url_with_blob(file) else { return };
    let link = document().create_element("a").ok().and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok());
    if let Some(link) = link {
        link.set_href(&url);
        link.set_download(name);
        link.click();
    }
    let _ = Url::revoke_object_url(&url);
}
