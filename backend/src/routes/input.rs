//! How bodies, query strings and paths are read: limits, media types, and errors that name the member.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Error, Result};

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

/// A whole body, of at most `limit` bytes.
pub fn read(
    request: &HttpRequest,
    mut payload: Payload,
    limit: usize,
) -> impl Future<Output = Result<web::Bytes>> + use<> {
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok())
        .unwrap_or_default();
    async move {
        let too_large = || {
            let megabytes = limit / (1024 * 1024);
            Error::PayloadTooLarge(format!("Le contenu envoyé dépasse la limite de {megabytes} Mo."))
        };
        if announced > limit {
            return Err(too_large());
        }
        let mut body = web::BytesMut::with_capacity(announced);
        while let Some(chunk) = std::future::poll_fn(|cx| futures_poll(&mut payload, cx)).await {
            let chunk = chunk.map_err(|error| Error::BadRequest(format!("Envoi interrompu\u{a0}: {error}.")))?;
            if body.len() + chunk.len() > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }
}

fn futures_poll(
    payload: &mut Payload,
    cx: &mut std::task::Context<'_>,
) -> std::task::Poll<Option<std::result::Result<web::Bytes, actix_web::error::PayloadError>>> {
    use futures_core::Stream as _;

    Pin::new(payload).poll_next(cx)
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let value: Value =
        serde_json::from_slice(bytes).map_err(|error| Error::BadRequest(format!("JSON illisible\u{a0}: {error}.")))?;
    refuse_null_characters(&value, "")?;
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let reason = error.into_inner();
        if path == "." {
            Error::BadRequest(format!("JSON inattendu\u{a0}: {reason}."))
        } else {
            Error::BadRequest(format!("{path} : valeur illisible ({reason})."))
        }
    })
}

/// PostgreSQL stores no null character in a text, and nobody types one.
fn refuse_null_characters(value: &Value, path: &str) -> Result<()> {
    let refuse = |text: &str| {
        if text.contains('\0') {
            Err(Error::BadRequest(format!("{path}\u{a0}: le caractère nul n’est pas accepté.")))
        } else {
            Ok(())
        }
    };
    match value {
        Value::String(text) => refuse(text),
        Value::Array(items) => items.iter().try_for_each(|item| refuse_null_characters(item, path)),
        Value::Object(members) => members.iter().try_for_each(|(name, member)| {
            refuse(name)?;
            refuse_null_characters(member, format!("{path}.{name}").trim_start_matches('.'))
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

/// Unknown or unreadable members of a query string are a 400 that names them.
pub fn query_config() -> web::QueryConfig {
    web::QueryConfig::default()
        .error_handler(|error, _| Error::BadRequest(format!("Adresse illisible\u{a0}: {error}.")).into())
}

/// A path that cannot be read names nothing: 404.
pub fn path_config() -> web::PathConfig {
    web::PathConfig::default().error_handler(|_, _| Error::NotFound.into())
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
    let version = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).and_then(|text| text.parse().ok());
    version
        .map(Some)
        .ok_or_else(|| Error::BadRequest("If-Match\u{a0}: indiquez l’ETag reçu, par exemple \"3\".".to_owned()))
}
