//! The texts that the server fills in, as they stand in `templates/`: pages and mails. What goes into them is said where
//! they are used.

use std::sync::LazyLock;

use minijinja::{Environment, Template, Value};
use rust_embed::RustEmbed;
use shared::french;

use crate::error::{Error, Result};

#[derive(RustEmbed)]
#[folder = "templates"]
struct Files;

/// Names in `.html` escape what is put into them. `{{ label | de }}` writes « d’API Particulier », « de FranceConnect ».
static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_loader(|name| Ok(source(name)));
    environment.add_filter("de", |name: String| french::de(&name));
    environment
});

/// A template as it is written: `mails/submit.txt`.
pub fn source(name: &str) -> Option<String> {
    Files::get(name).map(|file| String::from_utf8_lossy(&file.data).into_owned())
}

/// Fills in the template of that name: `identity/sign_in.html`.
///
/// # Errors
/// There is none of that name, or it cannot be filled in.
pub fn render(name: &str, values: Value) -> Result<String> {
    let filled = ENVIRONMENT.get_template(name).and_then(|template| template.render(values));
    filled.map_err(|error| Error::Internal(format!("template {name}: {error}")))
}

/// A text that is no file, such as a policy's own mail, ready to be filled in.
///
/// # Errors
/// It is no template.
pub fn parse(text: &str) -> std::result::Result<Template<'_, '_>, minijinja::Error> {
    ENVIRONMENT.template_from_str(text)
}

/// Fills in a text that is no file, such as a policy's own mail.
///
/// # Errors
/// It cannot be filled in.
pub fn render_text(text: &str, values: &Value) -> Result<String> {
    ENVIRONMENT.render_str(text, values).map_err(|error| Error::Internal(format!("text to fill in: {error}")))
}
