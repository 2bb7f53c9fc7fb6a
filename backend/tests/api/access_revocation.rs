//! What ends the access of sessions and tools: signing out everywhere, a ban, the end of a secret, a second factor that is
//! missing.

use chrono::TimeDelta;
use datapass::auth::session::{self, Opened};
use datapass::connection::types::now;
use datapass::ids::UserId;
use datapass::models::user;
use datapass::schema::api_clients;
use diesel::prelude::*;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Client, TestApp};
use crate::tokens::{BOTH, Tool, get, refused};

const LIST: &str = "/api/enrollments";

async fn id_of(client: &Client) -> UserId {
    UserId(client.get("/api/session").await.ok()["user"]["id"].as_i64().unwrap())
}

#[tokio::test]
async fn the_owner_of_a_tool_is_told_by_mail_that_it_is_connected() {
    let app = TestApp::start();
    let owner = app.actor("demandeur", &[]).await;
    Tool::connect(&owner, &BOTH).await;
    let mails = app.mails().await;
    let (to, subject, body) = mails.last().unwrap();
    assert_eq!(
        (to.as_str(), subject.as_str()),
        ("demandeur@exemple.fr", "Un outil est connecté à votre compte DataPass")
    );
    assert!(body.contains("«\u{a0}Outil\u{a0}»"), "{body}");
}

#[tokio::test]
async fn signing_out_everywhere_and_a_ban_disconnect_tools() {
    let app = TestApp::start();
    let owner = app.actor("demandeur", &[]).await;
    let (tool, other) = (Tool::connect(&owner, &BOTH).await, app.actor("autre", &[]).await);
    let (kept, token) = (Tool::connect(&other, &BOTH).await, tool.token(&app).await);
    get(&app, LIST, &token).await.ok();
    owner.send(owner.request(Method::DELETE, "/api/me/sessions")).await.ok();
    refused(&get(&app, LIST, &token).await);
    assert_eq!(tool.ask(&app, &[]).await.status, 401);
    assert_eq!(owner.get("/api/me/api_clients").await.ok(), json!([]));
    let token = kept.token(&app).await;

    let administrator = app.actor("administratrice", &["administrator"]).await;
    for banned in [true, false] {
        let ban = json!({"email": "autre@exemple.fr", "banned": banned, "reason": "Adresse compromise."});
        administrator.post("/api/users/ban", &ban).await.ok();
        // It does not come back with its owner.
        refused(&get(&app, LIST, &token).await);
    }
}

#[tokio::test]
async fn the_secret_of_a_tool_ends_after_a_year() {
    let app = TestApp::start();
    let owner = app.actor("demandeur", &[]).await;
    let tool = Tool::connect(&owner, &BOTH).await;
    let path = format!("/api/me/api_clients/{}/secrets", tool.id);
    let ends = |made: &Value| {
        let at: chrono::DateTime<chrono::Utc> = made["expires_at"].as_str().unwrap().parse().unwrap();
        (at - now()).num_days()
    };
    assert!((363..=365).contains(&ends(&owner.get("/api/me/api_clients").await.ok()[0])));
    // After a renewal the secret before it ends when it would have.
    let renewed = Tool::of(&owner.post(&path, &json!(null)).await.ok());
    tool.token(&app).await;
    let past = (now() - TimeDelta::minutes(1)).naive_utc();
    let end = app.state.db.write(move |c| {
        Ok(diesel::update(api_clients::table).set(api_clients::previous_expires_at.eq(past)).execute(c)?)
    });
    end.await.unwrap();
    assert_eq!(tool.ask(&app, &[]).await.status, 401);
    renewed.token(&app).await;
    let end = app
        .state
        .db
        .write(move |c| Ok(diesel::update(api_clients::table).set(api_clients::expires_at.eq(past)).execute(c)?));
    end.await.unwrap();
    assert_eq!(renewed.ask(&app, &[]).await.status, 401);
    // A new secret is all it takes; the one that has ended is not given another life.
    let last = Tool::of(&owner.post(&path, &json!(null)).await.ok());
    last.token(&app).await;
    assert_eq!(renewed.ask(&app, &[]).await.status, 401);
}

#[tokio::test]
async fn a_role_opens_nothing_without_the_second_factor_that_it_asks_for() {
    let app = TestApp::start_with(|config| config.require_mfa = true);
    let applicant = app.actor("demandeur", &[]).await;
    let filed = applicant.submitted("api_particulier").await;
    let person = app.actor("instructrice", &[]).await;
    let id = id_of(&person).await;
    let tool = Tool::connect(&person, &BOTH).await;
    let token = tool.token(&app).await;
    let role = "api_particulier:instructor".parse().unwrap();
    app.state.db.write(move |c| Ok(user::grant(c, id, &role)?)).await.unwrap();

    // From this moment on, for the session and the tool that were there before.
    let session = person.get("/api/session").await.ok();
    assert_eq!((&session["user"]["roles"], &session["lacks_second_factor"]), (&json!([]), &json!(true)));
    assert_eq!(person.ids("").await, [] as [i64; 0]);
    person.get(&format!("{LIST}/{filed}")).await.error(404, "not_found");
    get(&app, &format!("{LIST}/{filed}"), &token).await.error(404, "not_found");
    assert_eq!(applicant.get("/api/session").await.ok()["lacks_second_factor"], false);

    let opened = Opened { second_factor: true, ..Opened::default() };
    let cookie = session::open(&app.state, id, opened).await.unwrap();
    let mut secured = person.clone();
    secured.cookie = Some(format!("{}={}", cookie.name(), cookie.value()));
    let session = secured.get("/api/session").await.ok();
    assert_eq!(
        (&session["user"]["roles"][0], &session["lacks_second_factor"]),
        (&json!("api_particulier:instructor"), &json!(false))
    );
    assert_eq!(secured.ids("").await, [filed]);
    let token = Tool::connect(&secured, &BOTH).await.token(&app).await;
    get(&app, &format!("{LIST}/{filed}"), &token).await.ok();
}
