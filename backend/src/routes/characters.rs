//! Control characters in the address of a request: refused before anything reads it.
//!
//! Those of bodies are refused where bodies are read ([`super::input`], [`crate::identity`]); no header that holds one, but for
//! a tab, gets through the parser of HTTP.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::{HttpResponse, ResponseError as _, web};
use openidconnect::url::form_urlencoded;
use shared::problem::ItemCode;
use shared::text::{Flaw, is_control};

use crate::error::{Error, Result};
use crate::page;
use crate::state::AppState;

/// Tells clients of it in OAuth's own words (RFC 6749 § 4.1.2.1): `identity::oauth::parameters`.
const AUTHORIZE: &str = "/oauth/authorize";

/// Answers 400 to an address with a control character, whichever its route.
///
/// # Errors
/// Those of the request.
pub async fn refuse(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> std::result::Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    match place(&request) {
        Some(name) => {
            let response = answer(&request, name);
            Ok(request.into_response(response?).map_into_right_body())
        }
        None => Ok(next.call(request).await?.map_into_left_body()),
    }
}

/// The name of the parameter that holds one.
fn place(request: &ServiceRequest) -> Option<String> {
    if let Some(position) = request.path().split('/').position(|part| wrong(part).is_some()) {
        let pattern = request.match_pattern().unwrap_or_default();
        let name = name_in(&pattern, position);
        // Without one, no route reads the path: it is 404 as any other.
        return (!name.is_empty()).then(|| name.to_owned());
    }
    if request.path() == AUTHORIZE { None } else { wrong(request.query_string()) }
}

/// The name of the first pair that holds one. A part of a path is read in the same way: what `&`, `=` and `+` mean there does
/// not matter here.
fn wrong(text: &str) -> Option<String> {
    let holds_one = |text: &str| text.contains(|c| is_control(c, false));
    let mut pairs = form_urlencoded::parse(text.as_bytes());
    pairs.find(|(name, value)| holds_one(name) || holds_one(value)).map(|(name, _)| name.into_owned())
}

/// What stands in that part of a pattern: `id` in `/api/enrollments/{id}`.
fn name_in(pattern: &str, position: usize) -> &str {
    let part = pattern.split('/').nth(position).unwrap_or_default();
    let name = part.split_once('{').map_or("", |(_, rest)| rest);
    name.split([':', '}']).next().unwrap_or_default()
}

/// A problem where programs call, a page where people do.
fn answer(request: &ServiceRequest, name: String) -> Result<HttpResponse> {
    let state = request.app_data::<web::Data<AppState>>();
    match state.filter(|_| !request.path().starts_with("/api/")) {
        None => {
            let detail = Flaw::Unseen.to_string();
            Ok(Error::parameter(name, ItemCode::Format, detail).error_response())
        }
        Some(state) => {
            let text =
                "Elle contient des caractères invisibles\u{a0}: saisissez-la de nouveau, ou revenez à l’accueil.";
            page::message(state, StatusCode::BAD_REQUEST, "Cette adresse n’est pas lisible", text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_path_has_the_name_of_its_pattern() {
        for (pattern, position, name) in [
            ("/api/enrollments/{id}", 3, "id"),
            ("/api/enrollments/export.{format}", 3, "format"),
            ("/habilitations/{number:H?[0-9]+}", 2, "number"),
            ("/api/enrollments", 2, ""),
            ("", 1, ""),
        ] {
            assert_eq!(name_in(pattern, position), name);
        }
    }

    #[test]
    fn a_control_character_is_found_however_it_is_written() {
        for text in ["a\0b", "a%00b", "a=b&c=%7F", "a&b=%0a", "a%1Fb=c"] {
            assert!(wrong(text).is_some(), "{text}");
        }
        for text in ["", "a%20b", "a=b&c=%C3%A9", "%2500", "a+b", "%"] {
            assert_eq!(wrong(text), None, "{text}");
        }
    }
}
