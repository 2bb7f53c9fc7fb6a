//! Transfers files by `XMLHttpRequest`: `fetch` reports no progress of an upload.

use js_sys::Promise;
use leptos::wasm_bindgen::JsCast;
use leptos::wasm_bindgen::closure::Closure;
use leptos::web_sys::{AbortSignal, File, XmlHttpRequest};
use wasm_bindgen_futures::JsFuture;

use super::ApiError;

/// An open request, which fails after `timeout_ms` milliseconds.
pub(super) fn open(method: &str, url: &str, timeout_ms: u32) -> Result<XmlHttpRequest, ApiError> {
    let request = XmlHttpRequest::new().map_err(failed)?;
    request.open(method, url).map_err(failed)?;
    request.set_timeout(timeout_ms);
    Ok(request)
}

/// Sends it and waits for its end; the status code. `stop` ends it early, as if the network were lost.
pub(super) async fn send(request: &XmlHttpRequest, file: Option<&File>, stop: &AbortSignal) -> Result<u16, ApiError> {
    if stop.aborted() {
        return Err(ApiError::Network);
    }
    let running = request.clone();
    let abort = Closure::<dyn FnMut()>::new(move || {
        // It fails only where there is nothing to abort.
        let _ = running.abort();
    });
    stop.set_onabort(Some(abort.as_ref().unchecked_ref()));
    let ended = Promise::new(&mut |resolve, _| request.set_onloadend(Some(&resolve)));
    request.send_with_opt_blob(file.map(AsRef::as_ref)).map_err(failed)?;
    let _ = JsFuture::from(ended).await;
    stop.set_onabort(None);
    // Without a whole answer the status is 0.
    request.status().ok().filter(|status| *status > 0).ok_or(ApiError::Network)
}

/// What a browser that refuses amounts to.
pub(super) fn failed<T>(_: T) -> ApiError {
    ApiError::Network
}
