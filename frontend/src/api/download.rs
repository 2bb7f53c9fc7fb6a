//! Downloads a file, with progress.

use leptos::wasm_bindgen::JsCast;
use leptos::wasm_bindgen::closure::Closure;
use leptos::web_sys::{AbortSignal, Blob, ProgressEvent, XmlHttpRequest, XmlHttpRequestResponseType};
use wasm_bindgen_futures::JsFuture;

use super::ApiError;
use super::xhr::{self, failed};

/// A long list may take that long, in milliseconds.
const REQUEST_TIMEOUT_MS: u32 = 600_000;

/// What came.
pub struct Downloaded {
    pub file: Blob,
    /// Its name.
    pub name: String,
    /// How many rows it has.
    pub rows: u64,
}

/// Fetches a file. `on_progress` is told how many bytes have come, and of how many rows in all.
pub async fn get(
    url: &str,
    stop: &AbortSignal,
    on_progress: impl Fn(f64, u64) + 'static,
) -> Result<Downloaded, ApiError> {
    let request = xhr::open("GET", url, REQUEST_TIMEOUT_MS)?;
    request.set_response_type(XmlHttpRequestResponseType::Blob);
    let told = request.clone();
    let progress =
        Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| on_progress(event.loaded(), rows(&told)));
    request.set_onprogress(Some(progress.as_ref().unchecked_ref()));
    let status = xhr::send(&request, None, stop).await?;
    let file: Blob = request.response().map_err(failed)?.dyn_into().map_err(failed)?;
    if status != 200 {
        let text = JsFuture::from(file.text()).await.map_err(failed)?.as_string().unwrap_or_default();
        return Err(super::answer(status, &text).err().unwrap_or(ApiError::Network));
    }
    let disposition = request.get_response_header("content-disposition").ok().flatten().unwrap_or_default();
    Ok(Downloaded { file, name: name_in(&disposition), rows: rows(&request) })
}

fn rows(request: &XmlHttpRequest) -> u64 {
    let count = request.get_response_header("x-total-count").ok().flatten();
    count.and_then(|count| count.parse().ok()).unwrap_or_default()
}

/// The name that a `Content-Disposition` gives.
fn name_in(disposition: &str) -> String {
    let name = disposition.split_once("filename=\"").and_then(|(_, rest)| rest.split_once('"'));
    name.map_or_else(|| "export".to_owned(), |(name, _)| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_has_the_name_that_the_server_gives() {
        assert_eq!(name_in("attachment; filename=\"demandes-2026-01-02.csv\""), "demandes-2026-01-02.csv");
        assert_eq!(name_in(""), "export");
    }
}
