//! What waits for administrators, told by one call.

use datapass::connection::types::now;
use datapass::models::outbox::queue;
use datapass::models::outbox::{self, NewMessage, Payload};
use serde_json::{Value, json};
use shared::api::Mail;

use crate::policies::with_policies_directory;
use crate::support::{Client, TestApp};

async fn awaited(administrator: &Client) -> Value {
    administrator.get("/api/administration").await.ok()
}

#[tokio::test]
async fn nothing_waits_at_first_and_others_are_told_nothing() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    assert_eq!(
        awaited(&administrator).await,
        json!({
            "memberships": 0, "role_requests": 0, "failing": 0, "given_up": 0, "accesses": 0, "webhooks": 0,
            "policy_errors": [], "to_instruct": null,
        })
    );
    app.actor("gestionnaire", &["api_particulier:manager"])
        .await
        .get("/api/administration")
        .await
        .error(403, "forbidden");
    app.visitor().get("/api/administration").await.error(401, "unauthorized");
}

#[tokio::test]
async fn roles_that_are_asked_for_and_own_requests_are_counted() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator", "api_particulier:instructor"]).await;
    let applicant = app.actor("demandeur", &[]).await;
    assert_eq!(awaited(&administrator).await["to_instruct"], 0);
    let ask = json!({"role": "franceconnect:instructor", "reason": "J’arrive.", "manager_email": "chef@exemple.fr"});
    applicant.post("/api/me/role_requests", &ask).await.ok();
    applicant.submitted("api_particulier").await;
    applicant.submitted("franceconnect").await;
    let told = awaited(&administrator).await;
    assert_eq!((&told["role_requests"], &told["to_instruct"]), (&json!(1), &json!(1)), "{told}");
}

#[tokio::test]
async fn what_could_not_be_delivered_is_counted() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let later = now().naive_utc() + chrono::Duration::hours(2);
    let written = app.state.db.write(move |connection| {
        for (to, is_given_up) in [("a@exemple.fr", false), ("b@exemple.fr", true), ("c@exemple.fr", true)] {
            let mail = Mail { to: to.to_owned(), subject: to.to_owned(), body: "Texte".to_owned() };
            let (from, reply_to, unsubscribe) = ("d@exemple.fr".to_owned(), String::new(), String::new());
            let payload = Payload::Mail { from, reply_to, unsubscribe, mail };
            outbox::insert(connection, NewMessage { enrollment_id: None, sequence: 0, payload, held: false }, later)?;
            let due = queue::claim(connection, later, later + chrono::Duration::hours(1), 10)?;
            let id = &due.first().unwrap().id;
            if is_given_up {
                queue::give_up(connection, id, later, "Refusé.")?;
            } else {
                queue::postpone(connection, id, later, later + chrono::Duration::hours(1), "Refusé.")?;
            }
        }
        Ok(())
    });
    written.await.unwrap();
    let told = awaited(&administrator).await;
    assert_eq!((&told["failing"], &told["given_up"]), (&json!(1), &json!(2)), "{told}");
}

#[tokio::test]
async fn errors_of_the_policy_files_are_told_before_anybody_reloads_them() {
    let (app, directory) = with_policies_directory();
    let administrator = app.actor("admin", &["administrator"]).await;
    assert_eq!(awaited(&administrator).await["policy_errors"], json!([]));
    std::fs::write(directory.path().join("api_fausse.toml"), "label = 3\nlabels = \"x\"\n").unwrap();
    let told = awaited(&administrator).await;
    let errors = told["policy_errors"].as_array().unwrap();
    assert!(!errors.is_empty() && errors[0].as_str().unwrap().contains("api_fausse.toml"), "{told}");
    std::fs::remove_file(directory.path().join("api_fausse.toml")).unwrap();
    assert_eq!(awaited(&administrator).await["policy_errors"], json!([]));
}
