//! The built front end: its files and their addresses. How they are served is in [`crate::routes::assets`].

use rust_embed::RustEmbed;
use serde_json::Value;

/// What `just front` builds. A debug build reads the files when they are asked for, a release carries them.
#[derive(RustEmbed)]
#[folder = "../frontend/dist"]
pub struct Files;

/// Address of a built file by its plain name (`datapass.css`, `theme.js`), for pages that are not the front end's.
pub fn address(name: &str) -> String {
    let address = manifest().pointer(&format!("/files/{name}")).and_then(Value::as_str).map(ToOwned::to_owned);
    address.unwrap_or_else(|| format!("/assets/{name}"))
}

/// What the application begins with, for the page after which it is likely to come.
pub fn first_part() -> [String; 4] {
    ["start.js", "frontend.js", "parts.js", "frontend.wasm"].map(address)
}

/// Addresses of the files that a part of the application needs besides what all need.
pub fn addresses_of_part(part: &str) -> Vec<String> {
    let files = manifest().pointer(&format!("/parts/{part}")).cloned();
    files.and_then(|files| serde_json::from_value(files).ok()).unwrap_or_default()
}

/// What the build says of its files.
fn manifest() -> Value {
    Files::get("manifest.json").and_then(|file| serde_json::from_slice(&file.data).ok()).unwrap_or_default()
}
