//! A file on its way to the server. By `XMLHttpRequest`: `fetch` does not say how much has gone.

use js_sys::Promise;
use leptos::wasm_bindgen::JsCast;
use leptos::wasm_bindgen::closure::Closure;
use leptos::web_sys::{AbortSignal, File, ProgressEvent, XmlHttpRequest};
use wasm_bindgen_futures::JsFuture;

use super::ApiError;

/// A slow line may take that long to carry a file, in milliseconds.
const PATIENCE: u32 = 300_000;

/// Sends a file; returns the status code and the text of the answer.
pub(super) async fn put(
    url: &str,
    file: &File,
    stop: &AbortSignal,
    on_progress: impl Fn(u32) + 'static,
) -> Result<(u16, String), ApiError> {
    let failed = |_| ApiError::Network;
    if stop.aborted() {
        return Err(ApiError::Network);
    }
    let request = XmlHttpRequest::new().map_err(failed)?;
    request.open("PUT", url).map_err(failed)?;
    request.set_timeout(PATIENCE);
    request.set_request_header("Accept", "application/json").map_err(failed)?;
    request.set_request_header("Content-Type", &content_type(file)).map_err(failed)?;

    let progress = Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
        on_progress(percent(event.loaded(), event.total()));
    });
    request.upload().map_err(failed)?.set_onprogress(Some(progress.as_ref().unchecked_ref()));
    let running = request.clone();
    let abort = Closure::<dyn FnMut()>::new(move || {
        // It fails only where there is nothing to abort.
        let _ = running.abort();
    });
    stop.set_onabort(Some(abort.as_ref().unchecked_ref()));
    let ended = Promise::new(&mut |resolve, _| request.set_onloadend(Some(&resolve)));
    request.send_with_opt_blob(Some(file)).map_err(failed)?;
    let _ = JsFuture::from(ended).await;
    stop.set_onabort(None);

    // Without an answer the status is 0.
    let status = request.status().ok().filter(|status| *status > 0).ok_or(ApiError::Network)?;
    Ok((status, request.response_text().ok().flatten().unwrap_or_default()))
}

/// The file's type; some systems do not know it, and an empty one would be refused as a malformed header.
fn content_type(file: &File) -> String {
    let kind = file.type_();
    if kind.is_empty() { "application/octet-stream".to_owned() } else { kind }
}

/// How much has gone.
fn percent(loaded: f64, total: f64) -> u32 {
    if total <= 0.0 {
        return 0;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 100")]
    let percent = (loaded / total * 100.0).clamp(0.0, 100.0) as u32;
    percent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_that_has_gone_is_a_percentage() {
        assert_eq!(percent(0.0, 200.0), 0);
        assert_eq!(percent(50.0, 200.0), 25);
        assert_eq!(percent(201.0, 200.0), 100);
        assert_eq!(percent(0.0, 0.0), 0);
    }
}
