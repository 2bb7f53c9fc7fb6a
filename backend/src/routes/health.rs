//! What proxies and monitors ask: whether the process lives, and whether it can do its work.
//!
//! They are answered on a lane of their own, with a connection of their own, however much there is to do.

use std::time::Duration;

use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::time::timeout;
use utoipa::ToSchema;

use crate::connection::types::now;
use crate::delivery::antivirus::next_tries_end;
use crate::error::Result;
use crate::models::outbox::queue;
use crate::state::AppState;

/// How long each part has to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long an answer is given again, in milliseconds: whoever asks more often costs nothing.
const KEPT_MILLISECONDS: i64 = 1_000;

/// Whether a part does its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// It does.
    Up,
    /// It does not, or not in time.
    Down,
}

impl Health {
    const fn of(is_up: bool) -> Self {
        if is_up { Self::Up } else { Self::Down }
    }
}

/// That the process answers.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Liveness {
    /// Always `up`.
    status: Health,
}

/// Whether the server can do its work.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Readiness {
    /// `up` where each part is.
    status: Health,
    /// The database answers.
    database: Health,
    /// Its tables are those of this version.
    migrations: Health,
    /// The store of documents answers.
    documents: Health,
    /// How long the message that waits longest for its delivery has been due, in seconds; 0 where none is. A file is due from
    /// the moment that it was sent until the antivirus has looked at it, however often it was asked. No reason to be
    /// down: what cannot be delivered elsewhere keeps nobody from working here.
    outbox_seconds: i64,
    /// How many policies that were published are not in force, since this version of the program cannot read them; the
    /// administrators’ page says why. No reason to be down: the policy before is in force in their place.
    unread_policies: usize,
}

/// The last answer, and when it was given.
pub type LastReadiness = Mutex<Option<(DateTime<Utc>, Readiness)>>;

/// Says that the process answers. Touches nothing else.
#[utoipa::path(
    summary = "Vérifier que le serveur répond",
    tag = "Service",
    responses((status = 200, body = Liveness))
)]
#[get("/health/live")]
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(Liveness { status: Health::Up })
}

/// Says whether the server can do its work: 503 where a part does not answer, so that a proxy sends nobody here.
#[utoipa::path(
    summary = "Vérifier que le serveur peut travailler",
    tag = "Service",
    responses(
        (status = 200, body = Readiness),
        (status = 503, description = "Une partie ne répond pas", body = Readiness)
    )
)]
#[get("/health/ready")]
pub async fn ready(state: web::Data<AppState>, last: web::Data<LastReadiness>) -> Result<HttpResponse> {
    let mut last = last.lock().await;
    let readiness = match *last {
        Some((at, readiness)) if (now() - at).num_milliseconds() < KEPT_MILLISECONDS => readiness,
        _ => {
            let readiness = readiness(&state).await;
            *last = Some((now(), readiness));
            readiness
        }
    };
    let mut response = match readiness.status {
        Health::Up => HttpResponse::Ok(),
        Health::Down => HttpResponse::ServiceUnavailable(),
    };
    Ok(response.json(readiness))
}

async fn readiness(state: &AppState) -> Readiness {
    let has_antivirus = state.antivirus.is_some();
    let asked = state.db.probe(move |connection, are_current| {
        let now = now().naive_utc();
        let due_since = queue::due_since(connection, now)?;
        let unscanned_since =
            if has_antivirus { queue::unscanned_since(connection, next_tries_end(now))? } else { None };
        Ok((are_current, due_since.into_iter().chain(unscanned_since).min()))
    });
    let (answered, stored) = tokio::join!(timeout(PATIENCE, asked), timeout(PATIENCE, state.storage.answers()));
    let answered = answered.ok().and_then(Result::ok);
    let database = Health::of(answered.is_some());
    let (are_current, due_since) = answered.unwrap_or_default();
    let (migrations, documents) = (Health::of(are_current), Health::of(stored.is_ok_and(|stored| stored)));
    let outbox_seconds = due_since.map_or(0, |since| (now().naive_utc() - since).num_seconds());
    let is_up = [database, migrations, documents].iter().all(|part| *part == Health::Up);
    let unread_policies = state.policies.in_force().unread_count();
    Readiness { status: Health::of(is_up), database, migrations, documents, outbox_seconds, unread_policies }
}
