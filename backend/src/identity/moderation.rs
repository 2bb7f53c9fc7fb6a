//! `/users/moderations`: administrators of DataPass say who may speak for an organisation.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use minijinja::{Value, context};
use serde::Deserialize;
use shared::organization::MembershipSource;
use shared::user::User;

use super::form::{self, Problem};
use super::next;
use super::webmail::{domain_of, is_webmail};
use crate::app::State;
use crate::audit;
use crate::auth::OptionalActor;
use crate::db::AnyConnection;
use crate::db::types::now;
use crate::error::{Error, Result};
use crate::models::join_request::{self, Waiting};
use crate::models::membership::{self, Membership};
use crate::notification::account::{Told, mail};
use crate::{outbox, page};

const PATH: &str = "/users/moderations";

/// How many the page shows: the oldest first, the others come when these are done.
const SHOWN: i64 = 50;

/// The most characters of a reason.
const MAX_REASON: usize = 1_000;

#[get("/users/moderations")]
pub async fn list(request: HttpRequest, actor: OptionalActor, state: web::Data<State>) -> Result<HttpResponse> {
    match administrator(actor) {
        Ok(_) => show(&request, &state, StatusCode::OK, None).await,
        Err(answer) => answer(&state),
    }
}

/// What the form of each request sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Decision {
    /// « accept » or « refuse ».
    decision: String,
    /// Why not.
    reason: String,
    /// « on »: whoever has an address in the same domain need not wait any more.
    domain: String,
    token: String,
}

#[post("/users/moderations/{id}")]
pub async fn decide(
    request: HttpRequest,
    actor: OptionalActor,
    id: web::Path<i64>,
    form: web::Form<Decision>,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let actor = match administrator(actor) {
        Ok(actor) => actor,
        Err(answer) => return answer(&state),
    };
    if !form::is_ours(&request, &state, &form.token) {
        return show(&request, &state, StatusCode::FORBIDDEN, Some((*id, form::foreign("reason").text))).await;
    }
    let Decision { decision, reason, domain, .. } = form.into_inner();
    let reason = reason.trim().to_owned();
    let is_accepted = decision == "accept";
    if !is_accepted && (reason.is_empty() || reason.chars().count() > MAX_REASON || reason.contains('\0')) {
        let text = format!("Dites pourquoi, en {MAX_REASON} caractères au plus\u{a0}: la personne le lira.");
        return show(&request, &state, StatusCode::UNPROCESSABLE_ENTITY, Some((*id, text))).await;
    }
    let (public_url, from) = (state.public_url.clone(), state.config.mail_from.clone());
    let decided = state.db.write(move |connection| {
        let Some(waiting) = join_request::find_waiting(connection, *id)? else { return Err(Error::NotFound) };
        audit::name(if is_accepted { "membership.accept" } else { "membership.refuse" });
        let refusal = (!is_accepted).then_some(reason.as_str());
        if !join_request::decide(connection, waiting.id, refusal, actor.id, now().naive_utc())? {
            return Err(Error::NotFound);
        }
        if is_accepted {
            accept(connection, &waiting, !domain.is_empty())?;
        }
        let told = match refusal {
            None => Told::JoinAccepted(&waiting.label),
            Some(reason) => Told::JoinRefused(&waiting.label, reason),
        };
        outbox::post(connection, mail(told, &waiting.email, &public_url, &from)?)
    });
    match decided.await {
        // Somebody else was faster: what is left is shown.
        Ok(()) | Err(Error::NotFound) => {
            state.bell.notify_one();
            Ok(page::see_other(PATH))
        }
        Err(error) => Err(error),
    }
}

fn accept(connection: &mut AnyConnection, waiting: &Waiting, with_domain: bool) -> Result<()> {
    let membership = Membership::new(&waiting.siret, &waiting.label, waiting.is_external, MembershipSource::Moderation);
    membership::insert(connection, waiting.account_id, &membership)?;
    let domain = domain_of(&waiting.email);
    if with_domain && !is_webmail(domain) {
        membership::approve(connection, &waiting.siret, domain, waiting.is_external)?;
    }
    Ok(())
}

type Answer = fn(&State) -> Result<HttpResponse>;

/// Who is signed in, if they are an administrator; else what they are answered.
fn administrator(actor: OptionalActor) -> std::result::Result<User, Answer> {
    match actor.0.map(|signed| signed.user) {
        Some(user) if user.is_administrator() => Ok(user),
        Some(_) => Err(|state| {
            page::message(
                state,
                StatusCode::NOT_FOUND,
                "Page introuvable",
                "Cette page n’existe pas, ou vous n’y avez pas accès.",
            )
        }),
        None => Err(|_| Ok(page::see_other(&next::sign_in(PATH)))),
    }
}

/// The page; with what is wrong with the decision of one of them.
async fn show(
    request: &HttpRequest,
    state: &State,
    status: StatusCode,
    wrong: Option<(i64, String)>,
) -> Result<HttpResponse> {
    let waiting = state.db.read(|connection| Ok(join_request::waiting(connection, SHOWN)?)).await?;
    let rows: Value = waiting.iter().map(|waiting| row(waiting, wrong.as_ref())).collect();
    let problems: Vec<Problem> = wrong.into_iter().map(|(_, text)| Problem { field: "reason", text }).collect();
    form::show(request, state, "moderations.html", status, context! { rows }, &problems)
}

fn row(waiting: &Waiting, wrong: Option<&(i64, String)>) -> Value {
    let domain = domain_of(&waiting.email);
    context! {
        id => waiting.id,
        name => format!("{} {}", waiting.given_name, waiting.family_name),
        email => &waiting.email,
        job => &waiting.job,
        siret => &waiting.siret,
        label => &waiting.label,
        is_external => waiting.is_external,
        since => waiting.created_at.format("%d/%m/%Y").to_string(),
        domain,
        is_webmail => is_webmail(domain),
        problem => wrong.filter(|(id, _)| *id == waiting.id).map(|(_, text)| text),
    }
}
