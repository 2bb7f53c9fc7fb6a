//! How bodies, query strings and paths are read: limits, media types, and errors that name the place.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Display;
use std::future::{Future, Ready, ready};
use std::pin::Pin;

use actix_web::body::{BodyStream, to_bytes_limited};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};
use openidconnect::url::form_urlencoded;
use serde::de::DeserializeOwned;
use serde_json::Value;
use shared::problem::{ItemCode, pointer};
use shared::text::{Flaw, is_control};

use super::{admission, body_rate, methods};
use crate::error::{Error, Result};
use crate::json::{self, Fault};

/// The largest JSON body, in bytes. The largest valid draft has a few hundred thousand.
const MAX_JSON: usize = 2 * 1024 * 1024;

/// A JSON body.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = matches!(request.content_type(), "application/json" | "application/merge-patch+json");
        let bytes = read(request, payload.take(), MAX_JSON);
        Box::pin(async move {
            if !is_json {
                let message = "Envoyez du JSON, avec l’en-tête «\u{a0}Content-Type: application/json\u{a0}».";
                return Err(Error::UnsupportedMediaType(message.to_owned()));
            }
            parse(&bytes.await?).map(Self)
        })
    }
}

/// A whole body, of at most `limit` bytes. One that announces more is refused before it is read.
pub fn read(request: &HttpRequest, payload: Payload, limit: usize) -> impl Future<Output = Result<web::Bytes>> + use<> {
    let announced = announced(request);
    async move {
        let body = match announced {
            Some(length) if limit < length => None,
            _ => to_bytes_limited(BodyStream::new(payload), limit).await.ok(),
        };
        body.ok_or_else(|| too_large(limit))?.map_err(|error| interrupted(&error))
    }
}

/// How long the body is, as far as it says so.
pub fn announced(request: &HttpRequest) -> Option<usize> {
    request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok())
}

/// 413: more than `limit` bytes.
pub fn too_large(limit: usize) -> Error {
    let megabytes = limit / (1024 * 1024);
    Error::PayloadTooLarge(format!("Le contenu envoyé dépasse la limite de {megabytes}\u{a0}Mo."))
}

/// A body that does not come to its end: 400, or 503 where others needed its place.
pub fn interrupted(error: &PayloadError) -> Error {
    let detail = match error {
        PayloadError::Io(error) if error.kind() == body_rate::LOST_PLACE => {
            return Error::Overloaded(admission::RETRY_AFTER);
        }
        PayloadError::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => {
            "L’envoi est trop lent ou s’est arrêté\u{a0}: vérifiez votre connexion, puis réessayez."
        }
        _ => "L’envoi s’est interrompu\u{a0}: réessayez.",
    };
    Error::pointer("", ItemCode::Format, detail)
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let value: Value =
        serde_json::from_slice(bytes).map_err(|error| Error::pointer("", ItemCode::Format, unparsable(&error)))?;
    match control_character(&value, false) {
        Some(place) => Err(Error::pointer(pointer(place), ItemCode::Format, Flaw::Unseen.to_string())),
        None => json::read(&value),
    }
}

fn unparsable(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    format!(
        "Ce JSON est illisible à partir de la ligne {line}, caractère {column}\u{a0}: corrigez-le, puis renvoyez-le."
    )
}

/// The members that hold texts of several lines, at whatever depth.
const LINES: &[&str] = &[
    "additional_content",
    "answer",
    "body",
    "comment",
    "data_recipients",
    "data_retention_comment",
    "description",
    "question",
    "reason",
    "text",
];

/// The members that lead to a control character, if there is one. `is_lines`: line ends and tabs are none.
fn control_character(value: &Value, is_lines: bool) -> Option<Vec<String>> {
    let below = |name: String, mut place: Vec<String>| {
        place.insert(0, name);
        place
    };
    match value {
        Value::String(text) => text.contains(|c| is_control(c, is_lines)).then(Vec::new),
        Value::Array(items) => {
            let mut items = items.iter().enumerate();
            items.find_map(|(index, item)| Some(below(index.to_string(), control_character(item, is_lines)?)))
        }
        Value::Object(members) => members.iter().find_map(|(name, member)| {
            let place = if name.contains(|c| is_control(c, false)) {
                Some(Vec::new())
            } else {
                control_character(member, is_lines || LINES.contains(&name.as_str()))
            };
            Some(below(name.clone(), place?))
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// The query string of the address.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let members = form_urlencoded::parse(request.query_string().as_bytes());
        let read = serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(members));
        ready(read.map(Self).map_err(|error| {
            let Fault { place, code, detail } = Fault::of(&error);
            let name = place.into_iter().next().or_else(|| repeated(members.map(|(name, _)| name)));
            Error::parameter(name.unwrap_or_default(), code, detail)
        }))
    }
}

/// The first name that comes twice.
fn repeated<'a>(mut names: impl Iterator<Item = Cow<'a, str>>) -> Option<String> {
    let mut seen = BTreeSet::new();
    names.find(|name| !seen.insert(name.clone())).map(Cow::into_owned)
}

/// 400: a parameter of the address that cannot be read.
pub fn unreadable(name: &str, reason: &impl Display) -> Error {
    Error::parameter(name, ItemCode::Format, json::unreadable_detail(reason))
}

/// A path that cannot be read names nothing: 404; unless it names something that other methods are for: 405.
pub fn path_config() -> web::PathConfig {
    web::PathConfig::default().error_handler(|_, request| {
        methods::of_namesake(request).map_or(Error::NotFound, Error::MethodNotAllowed).into()
    })
}

/// The `cursor` of a list whose rows are told apart by a UUID.
///
/// # Errors
/// 400: it is something else.
pub fn uuid_cursor(cursor: Option<String>) -> Result<Option<String>> {
    if cursor.as_ref().is_some_and(|id| uuid::Uuid::parse_str(id).is_err()) {
        let detail = "Cette valeur ne vient pas d’une page précédente.";
        return Err(Error::parameter("cursor", ItemCode::Format, detail));
    }
    Ok(cursor)
}

/// The version that `If-Match` names (RFC 9110, 13.1.1); `None` without the header or with `*`.
///
/// # Errors
/// 400: the header holds something else.
pub fn if_match(request: &HttpRequest) -> Result<Option<i64>> {
    let Some(value) = request.headers().get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    if text == "*" {
        return Ok(None);
    }
    let tag = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default();
    let version = tag.split_once('-').map_or(tag, |(version, _)| version).parse().ok();
    version
        .map(Some)
        .ok_or_else(|| Error::header("If-Match", ItemCode::Format, "Indiquez l’ETag reçu, par exemple \"3\"."))
}
