//! Mails: which ones one does without, by a link in them or in one's account; and what they say, for administrators.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, get, post, put, web};
use minijinja::context;
use shared::api::MailSample;
use shared::mail::MailPreference;

use super::input::Body;
use crate::auth::{Actor, Administrator};
use crate::connection::types::now;
use crate::error::{Error, Result};
use crate::notification::samples::{self, Place};
use crate::state::AppState;
use crate::{mail_preferences, page};

/// The mails that the caller's roles bring, and whether they get them. All others cannot be done without.
#[utoipa::path(
    summary = "Lire ses choix de courriels",
    tag = "Mon compte",
    responses((status = 200, body = Vec<MailPreference>))
)]
#[get("/me/mails")]
pub async fn preferences(state: web::Data<AppState>, Actor { user, .. }: Actor) -> Result<HttpResponse> {
    let preferences = state.db.read(move |connection| mail_preferences::of_user(connection, &user)).await?;
    Ok(HttpResponse::Ok().json(preferences))
}

/// Chooses whether mails of one kind about one API are sent to the caller.
#[utoipa::path(
    summary = "Choisir de recevoir ou non des courriels",
    tag = "Mon compte",
    request_body = MailPreference,
    responses((status = 200, body = Vec<MailPreference>))
)]
#[put("/me/mails")]
pub async fn choose(
    state: web::Data<AppState>,
    Actor { user, .. }: Actor,
    Body(chosen): Body<MailPreference>,
) -> Result<HttpResponse> {
    let seal = state.seal.clone();
    let written = state.db.write(move |c| mail_preferences::set(c, &seal, &user, &chosen, now().naive_utc()));
    Ok(HttpResponse::Ok().json(written.await?))
}

/// Every mail that the people of an API may get, filled in with sample values. For administrators.
#[utoipa::path(
    summary = "Lire les modèles de courriels d’une API",
    tag = "Administration",
    params(("target_api" = String, Path, description = "Identifiant de l’API", example = "api_particulier")),
    responses((status = 200, body = Vec<MailSample>))
)]
#[get("/mails/{target_api}")]
pub async fn templates(
    state: web::Data<AppState>,
    _: Administrator,
    target_api: web::Path<String>,
) -> Result<HttpResponse> {
    let policy = state.policies.require(&target_api)?;
    let place = Place {
        public_url: &state.public_url,
        mail_from: &state.config.mail_from,
        team_email: state.config.team_email.as_deref().unwrap_or_default(),
    };
    Ok(HttpResponse::Ok().json(samples::of(&policy, place)?))
}

/// The page that the link of a mail leads to. It changes nothing: programs that look for viruses open links, too.
#[utoipa::path(
    summary = "Lire la page qui met fin à des courriels",
    tag = "Mon compte",
    params(("token" = String, Path, description = "Secret du lien, tel qu’il est dans le courriel")),
    responses((status = 200, description = "Une page, avec un bouton", body = String, content_type = "text/html"))
)]
#[get("/unsubscribe/{token}")]
pub async fn confirm_unsubscription(
    state: web::Data<AppState>,
    request: HttpRequest,
    token: web::Path<String>,
) -> Result<HttpResponse> {
    match state.db.read(move |connection| mail_preferences::of_link(connection, &token)).await? {
        Some(preference) if preference.wanted => {
            let mails = named(&state, &preference);
            page::html(&state, HttpResponse::Ok(), "unsubscribe.html", context! { mails })
        }
        preference => answered(&state, &request, preference.as_ref()),
    }
}

/// Ends the mails that a link is about: the button of that page, or that of a mail program (RFC 8058). Whoever holds the
/// link needs no session.
#[utoipa::path(
    summary = "Mettre fin à des courriels par leur lien, d’un clic (RFC 8058)",
    tag = "Mon compte",
    params(("token" = String, Path, description = "Secret du lien, tel qu’il est dans le courriel")),
    request_body(
        content = String,
        content_type = "application/x-www-form-urlencoded",
        description = "`List-Unsubscribe=One-Click`, qui n’est pas lu"
    ),
    responses((status = 200, description = "Une page qui le confirme", body = String, content_type = "text/html"))
)]
#[post("/unsubscribe/{token}")]
pub async fn unsubscribe(
    state: web::Data<AppState>,
    request: HttpRequest,
    token: web::Path<String>,
) -> Result<HttpResponse> {
    let ended = state.db.write(move |c| mail_preferences::end(c, &token, now().naive_utc())).await?;
    answered(&state, &request, ended.as_ref())
}

/// The page once they have ended; 404 where the link is nobody's, as a page for those who read one.
fn answered(state: &AppState, request: &HttpRequest, ended: Option<&MailPreference>) -> Result<HttpResponse> {
    let Some(ended) = ended else {
        let accepted = request.headers().get(header::ACCEPT).and_then(|accepted| accepted.to_str().ok());
        if !accepted.is_some_and(|accepted| accepted.contains("text/html")) {
            return Err(Error::NotFound);
        }
        let text = "Ce lien est incomplet, ou ne sert plus. Vos choix de courriels sont aussi dans votre compte.";
        return page::message(state, StatusCode::NOT_FOUND, "Lien inconnu", text);
    };
    let text = format!(
        "Vous ne recevez plus ces courriels\u{a0}: {}. Pour les recevoir de nouveau, allez dans «\u{a0}Mon compte\u{a0}».",
        named(state, ended)
    );
    page::message(state, StatusCode::OK, "C’est fait", &text)
}

/// What these mails are, and of which API.
fn named(state: &AppState, preference: &MailPreference) -> String {
    let MailPreference { target_api, kind, .. } = preference;
    let policies = state.policies.current();
    let label = policies.get(target_api).map_or(target_api.as_str(), |policy| policy.label.as_str());
    format!("{} ({label})", kind.label().to_lowercase())
}
