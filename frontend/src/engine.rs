//! The validation of requests, callable from JavaScript.
//!
//! The browser tests hold it against the server's answers, so that both sides are seen to say the same. It is in the part
//! of the form’s rest, as what it draws in is large.

use leptos::wasm_bindgen;
use leptos::wasm_bindgen::prelude::{Closure, wasm_bindgen};
use leptos::wasm_bindgen::{JsError, JsValue};
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use shared::document::Document;
use shared::draft::Draft;
use shared::policy::Policy;
use shared::validation::{Input, PreviousEnrollment, Stage, validate};

use crate::json;

/// A function that checks a request as it would be at submission, and returns every error as JSON.
///
/// From the JSON of a policy, as the API gives it, and that of a request:
/// `{draft, documents, nom_raison_sociale, previous}`.
///
/// # Errors
/// What cannot be read.
#[wasm_bindgen]
pub async fn validation(policy: String, request: String) -> Result<JsValue, JsError> {
    checked(policy, request).await.map_err(|refused| JsError::new(&refused.0))
}

/// Why there is no such function.
struct Refused(String);

impl From<SplitLoaderError> for Refused {
    fn from(error: SplitLoaderError) -> Self {
        Self(error.to_string())
    }
}

impl From<serde_json::Error> for Refused {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

#[wasm_split(form_rest, wasm_split_path = ::leptos::wasm_split, fallible)]
fn checked(policy: String, request: String) -> Result<JsValue, Refused> {
    let mut request = match json::parse(&request) {
        Some(Value::Object(members)) => members,
        Some(_) | None => return Err(Refused("the request is no JSON object".to_owned())),
    };
    let policy: Policy = serde_json::from_value(json::parse(&policy).unwrap_or_default())?;
    let draft: Draft = take(&mut request, "draft")?;
    let documents: Vec<Document> = take(&mut request, "documents")?;
    let nom_raison_sociale: String = take(&mut request, "nom_raison_sociale")?;
    let previous: Option<PreviousEnrollment> = take(&mut request, "previous")?;
    let errors = move || {
        let input = Input { previous: previous.as_ref(), ..Input::new(&draft, &documents, &nom_raison_sociale) };
        serde_json::to_value(validate(&policy, input, Stage::Submit))
            .map(|errors| json::print(&errors))
            .unwrap_or_default()
    };
    Ok(Closure::<dyn Fn() -> String>::new(errors).into_js_value())
}

fn take<T: DeserializeOwned>(members: &mut Map<String, Value>, name: &str) -> Result<T, serde_json::Error> {
    serde_json::from_value(members.remove(name).unwrap_or_default())
}
