//! How the body of a form is read: a size, a media type, and no control character in any field.

use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::error::InternalError;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};
use openidconnect::url::form_urlencoded;
use serde::de::DeserializeOwned;
use shared::text::is_control;

use crate::error::{Error, Result};
use crate::page;
use crate::state::AppState;

/// The largest body, in bytes.
const MAX_BODY: usize = 16 * 1024;

/// The fields that hold texts of several lines.
const LINES: &[&str] = &["reason"];

/// What pages call the fields that one types in.
const LABELS: &[(&str, &str)] = &[
    ("code", "Code"),
    ("current", "Mot de passe actuel"),
    ("email", "Adresse électronique"),
    ("family_name", "Nom"),
    ("given_name", "Prénom"),
    ("job", "Fonction"),
    ("password", "Mot de passe"),
    ("phone_number", "Numéro de téléphone"),
    ("reason", "Raison"),
    ("siret", "Numéro SIRET"),
];

/// The fields of a form.
#[derive(Debug)]
pub struct Form<T>(pub T);

impl<T> Deref for Form<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = std::result::Result<Self, actix_web::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = web::Bytes::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let is_form = request.content_type().eq_ignore_ascii_case("application/x-www-form-urlencoded");
            match read(&body.await?, is_form) {
                Ok(fields) => Ok(Self(fields)),
                Err((status, text)) => Err(refusal(&request, status, &text)?),
            }
        })
    }
}

/// The fields, or the status and the text that refuse them.
fn read<T: DeserializeOwned>(body: &[u8], is_form: bool) -> std::result::Result<T, (StatusCode, String)> {
    if body.len() > MAX_BODY {
        let text = "Le contenu envoyé est trop long. Revenez à la page précédente et raccourcissez-le.".to_owned();
        return Err((StatusCode::PAYLOAD_TOO_LARGE, text));
    }
    let mut fields = form_urlencoded::parse(body);
    let is_wrong = |text: &str, is_lines| text.contains(|c| is_control(c, is_lines));
    let wrong = fields.find(|(name, value)| is_wrong(name, false) || is_wrong(value, LINES.contains(&name.as_ref())));
    if let Some((name, _)) = wrong {
        let text = match LABELS.iter().find(|(known, _)| *known == name) {
            Some((_, label)) => format!(
                "Le champ «\u{a0}{label}\u{a0}» contient des caractères invisibles. Revenez à la page précédente et \
                 saisissez-le de nouveau."
            ),
            None => "Il contient des caractères invisibles. Rouvrez la page et recommencez.".to_owned(),
        };
        return Err((StatusCode::UNPROCESSABLE_ENTITY, text));
    }
    let fields = serde_urlencoded::from_bytes(body).ok().filter(|_| is_form);
    fields.ok_or_else(|| (StatusCode::BAD_REQUEST, "Rouvrez la page et recommencez.".to_owned()))
}

fn refusal(request: &HttpRequest, status: StatusCode, text: &str) -> Result<actix_web::Error> {
    let Some(state) = request.app_data::<web::Data<AppState>>() else {
        return Err(Error::Internal("the application state is missing".to_owned()));
    };
    let page = page::message(state, status, "Ce formulaire n’a pas pu être lu", text)?;
    Ok(InternalError::from_response("a form is unreadable", page).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    type Fields = Vec<(String, String)>;

    fn refused(body: &str) -> Option<u16> {
        read::<Fields>(body.as_bytes(), true).err().map(|(status, _)| status.as_u16())
    }

    #[test]
    fn control_characters_are_refused_in_every_field() {
        for body in ["email=a%00b", "a%00=b", "next=%2F%7F", "password=a%09b", "email=a%0Ab", "reason=a%00b"] {
            assert_eq!(refused(body), Some(422), "{body}");
        }
        for body in ["", "email=a%40b", "reason=a%0D%0A%09b"] {
            assert_eq!(refused(body), None, "{body}");
        }
    }

    #[test]
    fn a_field_is_named_as_its_page_names_it() {
        let (_, text) = read::<Fields>(b"given_name=%00", true).unwrap_err();
        assert!(text.starts_with("Le champ «\u{a0}Prénom\u{a0}»"), "{text}");
    }

    #[test]
    fn what_is_no_form_or_too_long_is_refused() {
        assert_eq!(read::<Fields>(b"{}", false).unwrap_err().0, StatusCode::BAD_REQUEST);
        assert_eq!(refused(&"a".repeat(MAX_BODY + 1)), Some(413));
    }
}
