//! Browser sessions: when they end, how one ends them, and that a role changes their ids.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{Duration, NaiveDateTime};
use datapass::connection::AnyConnection;
use datapass::connection::types::now;
use datapass::models::session;
use datapass::schema::sessions;
use datapass::secret;
use diesel::connection::InstrumentationEvent;
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::support::{Client, TestApp};

async fn is_signed_in(client: &Client) -> bool {
    client.get("/api/session").await.ok()["user"] != Value::Null
}

async fn last_used(app: &TestApp, ago: Duration) {
    let at = now().naive_utc() - ago;
    let update = diesel::update(sessions::table).set(sessions::last_seen_at.eq(at));
    app.state.db.write(move |c| Ok(update.execute(c)?)).await.unwrap();
}

async fn since_last_use(app: &TestApp) -> Duration {
    let query = sessions::table.select(sessions::last_seen_at);
    let at: NaiveDateTime = app.state.db.read(move |c| Ok(query.first(c)?)).await.unwrap();
    now().naive_utc() - at
}

async fn own(client: &Client) -> Vec<Value> {
    client.get("/api/me/sessions").await.ok().as_array().unwrap().clone()
}

/// What the session of a client is stored under.
pub fn session_hash(client: &Client) -> String {
    secret::hash(client.cookie.as_deref().unwrap().split_once('=').unwrap().1)
}

#[tokio::test]
async fn a_session_that_nobody_uses_ends_after_two_hours() {
    let app = TestApp::start();
    let user = app.actor("demandeur", &[]).await;
    last_used(&app, Duration::minutes(119)).await;
    assert!(is_signed_in(&user).await);
    assert!(since_last_use(&app).await < Duration::minutes(1), "it was used just now");
    last_used(&app, Duration::minutes(121)).await;
    assert!(!is_signed_in(&user).await);
    user.get("/api/enrollments").await.error(401, "unauthorized");
}

#[tokio::test]
async fn session_use_is_recorded_every_five_minutes_at_most() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    last_used(&app, Duration::minutes(4)).await;
    administrator.get("/api/users").await.ok();
    assert!(since_last_use(&app).await > Duration::minutes(3));
    last_used(&app, Duration::minutes(6)).await;
    administrator.get("/api/users").await.ok();
    assert!(since_last_use(&app).await < Duration::minutes(1));

    app.state.audit.flush(&app.state.db).await.unwrap();
    let log = administrator.get("/api/audit").await.ok();
    let reads = log["items"].as_array().unwrap().iter().filter(|line| line["action"] == "user.list").count();
    assert_eq!(reads, 2, "{log}");
}

#[tokio::test]
async fn a_session_ends_after_a_working_day_however_much_it_is_used() {
    let app = TestApp::start();
    let user = app.actor("demandeur", &[]).await;
    let query = sessions::table.select((sessions::created_at, sessions::expires_at));
    let (from, to): (NaiveDateTime, NaiveDateTime) = app.state.db.read(move |c| Ok(query.first(c)?)).await.unwrap();
    assert_eq!(to - from, Duration::hours(12));
    let over = diesel::update(sessions::table).set(sessions::expires_at.eq(now().naive_utc() - Duration::seconds(1)));
    app.state.db.write(move |c| Ok(over.execute(c)?)).await.unwrap();
    assert!(!is_signed_in(&user).await);
}

#[tokio::test]
async fn a_user_lists_and_ends_their_sessions() {
    let app = TestApp::start();
    let other = app.actor("autre", &[]).await;
    let laptop = app.actor("demandeur", &[]).await;
    let phone = app.actor("demandeur", &[]).await;
    let tablet = app.actor("demandeur", &[]).await;

    let answer = laptop.get("/api/me/sessions").await;
    assert_eq!(answer.headers["cache-control"], "no-store");
    let all = answer.ok().as_array().unwrap().clone();
    assert_eq!(all.len(), 3);
    assert_eq!(all.iter().map(|one| one["is_current"] == true).collect::<Vec<_>>(), [true, false, false]);
    assert!(!answer.text.contains("hash") && !answer.text.contains("token"), "{}", answer.text);
    let of_phone = own(&phone).await.into_iter().find(|one| one["is_current"] == true).unwrap();
    let path = format!("/api/me/sessions/{}", of_phone["id"].as_str().unwrap());

    other.delete(&path).await.error(404, "not_found");
    assert!(is_signed_in(&phone).await);
    app.visitor().delete(&path).await.error(401, "unauthorized");
    assert_eq!(laptop.delete(&path).await.ok().as_array().unwrap().len(), 2);
    assert!(!is_signed_in(&phone).await);
    laptop.delete(&path).await.error(404, "not_found");

    let left = laptop.delete("/api/me/sessions").await.ok();
    assert_eq!(left.as_array().unwrap().len(), 1);
    assert_eq!(left[0]["is_current"], true);
    assert!(!is_signed_in(&tablet).await);
    assert!(is_signed_in(&laptop).await && is_signed_in(&other).await);
}

#[tokio::test]
async fn a_role_that_is_given_or_taken_changes_the_ids_of_sessions() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let before = app.actor("nouveau", &[]).await;
    for granted in [true, false] {
        let role = json!({"email": "nouveau@exemple.fr", "role": "franceconnect:instructor", "granted": granted,
            "reason": "Arrivée."});
        administrator.post("/api/users/roles", &role).await.ok();
    }
    let answer = before.get("/api/enrollments").await;
    answer.ok();
    let after = before.after(&answer);
    assert_ne!(after.cookie, before.cookie);

    // What was under way with the old id is answered, and nothing is told twice.
    let straggler = before.get("/api/session").await;
    assert!(straggler.ok()["user"] != Value::Null && !straggler.headers.contains_key("set-cookie"));
    let list = after.get("/api/me/sessions").await;
    assert!(!list.headers.contains_key("set-cookie"));
    assert_eq!(list.ok().as_array().unwrap().len(), 1);
    assert!(administrator.get("/api/session").await.ok()["user"] != Value::Null);

    let query = sessions::table.filter(sessions::is_replaced.eq(true)).select(sessions::expires_at);
    let until: NaiveDateTime = app.state.db.read(move |c| Ok(query.first(c)?)).await.unwrap();
    assert!(until <= now().naive_utc() + Duration::minutes(1));
    let over = diesel::update(sessions::table.filter(sessions::is_replaced.eq(true)))
        .set(sessions::expires_at.eq(now().naive_utc() - Duration::seconds(1)));
    app.state.db.write(move |c| Ok(over.execute(c)?)).await.unwrap();
    assert!(!is_signed_in(&before).await);
    assert!(is_signed_in(&after).await);
}

#[tokio::test]
async fn signing_out_and_acting_for_somebody_go_well_with_a_change_of_id() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let colleague = app.actor("collegue", &["administrator"]).await;
    app.actor("demandeur", &[]).await;
    let role =
        json!({"email": "collegue@exemple.fr", "role": "franceconnect:instructor", "granted": true, "reason": "R."});
    administrator.post("/api/users/roles", &role).await.ok();
    let begun = colleague.post("/api/impersonation", &json!({"email": "demandeur@exemple.fr", "reason": "R."})).await;
    assert_eq!(begun.ok()["user"]["email"], "demandeur@exemple.fr");
    let acting = colleague.after(&begun);
    assert_eq!(acting.get("/api/session").await.ok()["user"]["email"], "demandeur@exemple.fr");

    administrator.post("/api/users/roles", &role).await.ok();
    acting.post("/api/sign_out", &json!({})).await.ok();
    assert!(!is_signed_in(&acting).await && !is_signed_in(&colleague).await);
}

#[tokio::test]
async fn impersonation_cannot_touch_sessions_or_api_clients() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let user = app.actor("demandeur", &[]).await;
    let begun =
        administrator.post("/api/impersonation", &json!({"email": "demandeur@exemple.fr", "reason": "R."})).await;
    begun.ok();
    let acting = administrator.after(&begun);
    acting.get("/api/me/sessions").await.error(403, "forbidden");
    acting.delete("/api/me/sessions").await.error(403, "forbidden");
    acting.get("/api/me/api_clients").await.error(403, "forbidden");
    let new = json!({"name": "Outil", "scopes": ["enrollments:read"]});
    acting.post("/api/me/api_clients", &new).await.error(403, "forbidden");
    let id = own(&user).await[0]["id"].as_str().unwrap().to_owned();
    acting.delete(&format!("/api/me/sessions/{id}")).await.error(403, "forbidden");
    assert!(is_signed_in(&user).await);
}

#[tokio::test]
async fn the_session_is_read_with_one_query() {
    let app = TestApp::start();
    let user = app.actor("instructeur", &["api_particulier:instructor", "franceconnect:reporter"]).await;
    let id_hash = session_hash(&user);
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    let read = move |connection: &mut AnyConnection| {
        connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if matches!(event, InstrumentationEvent::StartQuery { .. }) {
                seen.fetch_add(1, Ordering::Relaxed);
            }
        });
        let found = session::find(connection, &id_hash, now().naive_utc())?;
        connection.set_instrumentation(None::<fn(InstrumentationEvent<'_>)>);
        Ok(found.unwrap().user)
    };
    let found = app.state.db.read(read).await.unwrap();
    assert_eq!((found.organizations.len(), found.roles.len()), (2, 2), "none is counted twice");
    assert_eq!(count.load(Ordering::Relaxed), 1);
}
