//! Uploads a file, with progress.

use leptos::wasm_bindgen::JsCast;
use leptos::wasm_bindgen::closure::Closure;
use leptos::web_sys::{AbortSignal, File, ProgressEvent};

use super::ApiError;
use super::xhr::{self, failed};

/// A slow line may take that long to carry a file, in milliseconds.
const REQUEST_TIMEOUT_MS: u32 = 300_000;

/// Sends a file; returns the status code and the text of the answer.
pub(super) async fn put(
    url: &str,
    file: &File,
    stop: &AbortSignal,
    on_progress: impl Fn(u32) + 'static,
) -> Result<(u16, String), ApiError> {
    let request = xhr::open("PUT", url, REQUEST_TIMEOUT_MS)?;
    request.set_request_header("Accept", "application/json").map_err(failed)?;
    request.set_request_header("Content-Type", &content_type(file)).map_err(failed)?;

    let progress = Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
        on_progress(percent(event.loaded(), event.total()));
    });
    request.upload().map_err(failed)?.set_onprogress(Some(progress.as_ref().unchecked_ref()));
    let status = xhr::send(&request, Some(file), stop).await?;
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
