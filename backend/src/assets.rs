//! The built front end: its files and their addresses. How they are served is in [`crate::routes::assets`].

use rust_embed::RustEmbed;

/// What `just front` builds. A debug build reads the files when they are asked for, a release carries them.
#[derive(RustEmbed)]
#[folder = "../frontend/dist"]
pub struct Files;

/// Address of a built file by its plain name (`datapass.css`, `theme.js`), for pages that are not the front end's.
pub fn address(name: &str) -> String {
    let manifest = Files::get("manifest.json").and_then(|file| serde_json::from_slice(&file.data).ok());
    let manifest: serde_json::Value = manifest.unwrap_or_default();
    manifest.pointer(&format!("/files/{name}")).and_then(|path| path.as_str()).map_or_else(|| format!("/assets/{name}"), ToOwned::to_owned)
}
