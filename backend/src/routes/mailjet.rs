//! Where Mailjet tells what became of the mails that it took (its Event API).

use actix_web::http::header;
use actix_web::{FromRequest as _, HttpRequest, HttpResponse, post, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use shared::outbox::{MailRejection, UnreachableAddress};
use shared::problem::ItemCode;
use utoipa::ToSchema;

use super::input::Body;
use crate::connection::AnyConnection;
use crate::connection::types::now;
use crate::email_address::EmailAddress;
use crate::error::{Error, Result};
use crate::identity::sign_in::attempt::Attempt;
use crate::models::unreachable_address;
use crate::state::AppState;
use crate::{json, secret};

/// How long it is believed that an address does not answer, in days.
const BELIEVED: i64 = 365;

/// What became of a mail. Other members are not looked at.
#[derive(Debug, Deserialize, ToSchema)]
pub struct MailEvent {
    /// `sent`, `bounce`, `blocked`, `spam`…; others are not looked at.
    event: String,
    /// When, in seconds since 1970.
    time: i64,
    /// To whom it went.
    email: String,
    /// What we called it; mails that others send by the same account have other names.
    #[serde(rename = "CustomID")]
    custom_id: Option<String>,
    /// Whether it will come back again.
    hard_bounce: Option<bool>,
}

/// What is to be done about an address.
enum Told {
    Unreachable(UnreachableAddress, NaiveDateTime),
    Reached(String, NaiveDateTime),
}

/// What became of mails: one event, or several.
#[utoipa::path(
    summary = "Recevoir de Mailjet ce que deviennent les courriels",
    description = "Avec `MAILJET_EVENTS_SECRET` comme mot de passe (HTTP Basic), quel que soit le nom d’utilisateur. \
                   Après plusieurs secrets erronés, il faut attendre\u{a0}: 429, avec `Retry-After`.",
    tag = "Administration",
    request_body = Vec<MailEvent>,
    responses((status = 200))
)]
#[post("/mailjet/events")]
pub async fn events(request: HttpRequest, payload: web::Payload, state: web::Data<AppState>) -> Result<HttpResponse> {
    let Some(expected) = &state.config.mailjet_events_secret else { return Err(Error::NotFound) };
    let Some(shown) = password(&request) else { return Err(Error::Unauthorized) };
    let attempt = Attempt::mail_events(&request, &state);
    attempt.begin().map_err(Error::TooManyRequests)?;
    if !secret::same(&secret::hash(&shown), &secret::hash(expected)) {
        return Err(Error::Unauthorized);
    }
    attempt.succeeded();
    let Body(body) = Body::<Value>::from_request(&request, &mut payload.into_inner()).await?;
    let events: Vec<MailEvent> = if body.is_array() { json::read(&body)? } else { vec![json::read(&body)?] };
    let now = now();
    let told = events.iter().enumerate().map(|(place, event)| told(event, &body, place, now));
    let told: Vec<Told> = told.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    if !told.is_empty() {
        let long_ago = (now - Duration::days(BELIEVED)).naive_utc();
        state.db.write(move |connection| keep(connection, &told, long_ago)).await?;
    }
    Ok(HttpResponse::Ok().finish())
}

/// The password that is shown.
fn password(request: &HttpRequest) -> Option<String> {
    let (scheme, shown) = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let shown = String::from_utf8(STANDARD.decode(shown.trim()).ok()?).ok()?;
    let (_, password) = shown.split_once(':')?;
    scheme.eq_ignore_ascii_case("basic").then(|| password.to_owned())
}

/// What an event tells of an address; nothing where it is about somebody else's mail or about nothing of the sort.
fn told(event: &MailEvent, body: &Value, place: usize, now: DateTime<Utc>) -> Result<Option<Told>> {
    let wrong = |member: &str, code, detail: &str| {
        let pointer = if body.is_array() { format!("/{place}/{member}") } else { format!("/{member}") };
        Err(Error::invalid_pointer(pointer, code, detail))
    };
    let is_ours = event.custom_id.as_deref().is_some_and(|id| uuid::Uuid::parse_str(id).is_ok());
    let rejection = match event.event.as_str() {
        _ if !is_ours => return Ok(None),
        "bounce" => Some(MailRejection::Bounce),
        "blocked" => Some(MailRejection::Blocked),
        "spam" => Some(MailRejection::Spam),
        // Whoever opens it has got it.
        "sent" | "open" | "click" => None,
        _ => return Ok(None),
    };
    let Some(email) = EmailAddress::parse(&event.email).map(|email| email.to_string()) else {
        return wrong("email", ItemCode::Format, "Cette valeur n’est pas une adresse électronique.");
    };
    let Some(at) = DateTime::from_timestamp(event.time, 0).filter(|at| at.timestamp() >= 0) else {
        return wrong("time", ItemCode::OutOfRange, "Indiquez des secondes depuis 1970.");
    };
    // A clock that is fast must not make the word last longer.
    let at = at.min(now).naive_utc();
    Ok(Some(match rejection {
        None => Told::Reached(email, at),
        Some(rejection) => {
            let permanent = event.hard_bounce.unwrap_or(false);
            Told::Unreachable(UnreachableAddress { email, rejection, permanent }, at)
        }
    }))
}

fn keep(connection: &mut AnyConnection, told: &[Told], long_ago: NaiveDateTime) -> Result<()> {
    for told in told {
        match told {
            Told::Unreachable(address, at) => unreachable_address::remember(connection, address, *at)?,
            Told::Reached(email, at) => unreachable_address::reached(connection, email, *at)?,
        }
    }
    Ok(unreachable_address::forget_before(connection, long_ago)?)
}
