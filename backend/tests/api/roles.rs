//! Roles: given and taken one by one, with a reason, and kept for those who have not come yet.

use datapass::connection::types::now;
use datapass::models::user::{self, Profile};
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp};

pub async fn change(who: &Client, email: &str, role: &str, granted: bool) -> Answer {
    let body = json!({"email": email, "role": role, "granted": granted, "reason": "Demande du service."});
    who.post("/api/users/roles", &body).await
}

/// A first sign-in, as the identity provider tells of it.
async fn comes(app: &TestApp, email_verified: bool) {
    let profile = Profile {
        issuer: "test".to_owned(),
        sub: format!("nouvelle {email_verified}"),
        email: "nouvelle@exemple.fr".to_owned(),
        email_verified,
        given_name: "Billie".to_owned(),
        family_name: "Exemple".to_owned(),
        phone_number: String::new(),
        job: String::new(),
    };
    let stored = app.state.db.write(move |c| Ok(user::upsert(c, &profile, &[], now().naive_utc())?)).await;
    stored.unwrap();
}

#[tokio::test]
async fn role_changes_are_applied_and_recorded() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let colleague = app.actor("collegue", &[]).await;
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.submitted("franceconnect").await;
    let path = format!("/api/enrollments/{id}");
    colleague.get(&path).await.error(404, "not_found");

    let person = change(&administrator, "Collegue@Exemple.fr ", "franceconnect:instructor", true).await.ok();
    assert_eq!(person["roles"], json!(["franceconnect:instructor"]));
    colleague.get(&path).await.ok();
    change(&administrator, "collegue@exemple.fr", "api_particulier:cnaf:reporter", true).await.ok();
    let person = change(&administrator, "collegue@exemple.fr", "franceconnect:instructor", false).await.ok();
    assert_eq!(person["roles"], json!(["api_particulier:cnaf:reporter"]), "one role at a time: the other stays");
    colleague.get(&path).await.error(404, "not_found");

    // Addresses that hold hers, and more of them than a page has.
    for number in 0..105 {
        change(&administrator, &format!("a{number:03}collegue@exemple.fr"), "franceconnect:reporter", true).await.ok();
    }
    let person = change(&administrator, "collegue@exemple.fr", "api_particulier:men:reporter", false).await.ok();
    assert_eq!((&person["has_account"], &person["roles"]), (&json!(true), &json!(["api_particulier:cnaf:reporter"])));

    let history = administrator.get("/api/users/role_changes?email=collegue@exemple.fr").await.ok();
    let lines: Vec<(&Value, &Value)> =
        history.as_array().unwrap().iter().map(|line| (&line["role"], &line["granted"])).collect();
    assert_eq!(
        lines,
        [
            (&json!("api_particulier:men:reporter"), &json!(false)),
            (&json!("franceconnect:instructor"), &json!(false)),
            (&json!("api_particulier:cnaf:reporter"), &json!(true)),
            (&json!("franceconnect:instructor"), &json!(true)),
        ]
    );
    assert_eq!((&history[0]["actor"], &history[0]["reason"]), (&json!("admin Exemple"), &json!("Demande du service.")));
}

#[tokio::test]
async fn roles_given_before_the_first_sign_in_apply_then() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let person = change(&administrator, "nouvelle@exemple.fr", "franceconnect:reporter", true).await.ok();
    assert_eq!((&person["has_account"], &person["roles"]), (&json!(false), &json!(["franceconnect:reporter"])));
    let found = administrator.get("/api/users?search=nouvelle").await.ok();
    assert_eq!(found["items"][0]["email"], "nouvelle@exemple.fr");

    comes(&app, false).await;
    let found = administrator.get("/api/users?search=nouvelle").await.ok();
    assert_eq!(found["items"][0]["has_account"], false, "an address that is not verified claims nothing");
    comes(&app, true).await;
    let found = administrator.get("/api/users?search=nouvelle").await.ok();
    assert_eq!(
        (&found["items"][0]["has_account"], &found["items"][0]["roles"]),
        (&json!(true), &json!(["franceconnect:reporter"]))
    );
    let found = administrator.get("/api/users?search=BILLIE").await.ok();
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "by first name, whatever its letters");
}

#[tokio::test]
async fn invalid_role_changes_are_refused_and_the_last_administrator_stays() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let instructor = app.actor("instructeur", &["franceconnect:instructor"]).await;
    for (email, role) in [
        ("instructeur", "franceconnect:reporter"),
        ("instructeur@exemple.fr", "franceconect:reporter"),
        ("instructeur@exemple.fr", "franceconnect:cnaf:reporter"),
        ("instructeur@exemple.fr", "root"),
    ] {
        change(&administrator, email, role, true).await.error(400, "bad_request");
    }
    let mute = json!({"email": "a@exemple.fr", "role": "administrator", "granted": true, "reason": " "});
    administrator.post("/api/users/roles", &mute).await.error(400, "bad_request");
    change(&administrator, "admin@exemple.fr", "administrator", false).await.error(409, "wrong_status");
    administrator.get("/api/users").await.ok();
    change(&administrator, "instructeur@exemple.fr", "administrator", true).await.ok();
    change(&administrator, "admin@exemple.fr", "administrator", false).await.ok();
    administrator.get("/api/users").await.error(403, "forbidden");
    instructor.get("/api/users").await.ok();
    app.visitor().get("/api/users").await.error(401, "unauthorized");
}

#[tokio::test]
async fn people_are_listed_page_by_page_and_found_by_part_of_their_name() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    for name in ["a_b", "axb", "zoe"] {
        app.actor(name, &["franceconnect:reporter", "franceconnect:subscriber"]).await;
    }
    app.actor("sans_role", &[]).await;
    let emails = |page: &Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|one| one["email"].as_str().unwrap().to_owned()).collect()
    };
    let first = administrator.get("/api/users?limit=3").await.ok();
    let next = first["next"].as_str().unwrap();
    let second = administrator.get(&format!("/api/users?limit=3&cursor={next}")).await.ok();
    let mut all = emails(&first);
    all.extend(emails(&second));
    all.sort();
    assert_eq!(all, ["a_b@exemple.fr", "admin@exemple.fr", "axb@exemple.fr", "zoe@exemple.fr"]);
    assert_eq!(second["next"], Value::Null);
    assert_eq!(emails(&administrator.get("/api/users?search=a_b").await.ok()), ["a_b@exemple.fr"], "no wildcard");
    assert_eq!(emails(&administrator.get("/api/users?search=SANS").await.ok()), ["sans_role@exemple.fr"]);
}

#[tokio::test]
async fn whoever_gets_or_loses_a_role_is_told_by_mail() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let manager = app.actor("gestionnaire", &["api_particulier:manager"]).await;
    app.actor("collegue", &[]).await;
    let last = async |to: &str, count: usize| {
        let mut mails = app.mails().await.into_iter().filter(|(reader, ..)| reader == to).collect::<Vec<_>>();
        assert_eq!(mails.len(), count, "{mails:?}");
        let (_, subject, body) = mails.pop().unwrap();
        assert!(!body.contains("Demande du service."), "the reason is kept for those who give roles: {body}");
        (subject, body.replace('\u{a0}', " "))
    };
    let (known, new) = ("collegue@exemple.fr", "nouvelle@exemple.fr");

    change(&administrator, known, "franceconnect:instructor", true).await.ok();
    let (subject, body) = last(known, 1).await;
    assert_eq!(subject, "Vous avez un nouveau rôle sur DataPass");
    assert!(body.contains("admin Exemple vous a donné un rôle sur DataPass : Instructeur"), "{body}");
    assert!(body.contains("FranceConnect") && body.contains("dès maintenant"), "{body}");
    change(&administrator, known, "franceconnect:instructor", true).await.ok();
    last(known, 1).await;
    change(&administrator, known, "franceconnect:instructor", false).await.ok();
    let (subject, body) = last(known, 2).await;
    assert_eq!(subject, "Vous n’avez plus un rôle sur DataPass");
    assert!(body.contains("admin Exemple vous a retiré un rôle sur DataPass : Instructeur"), "{body}");
    assert!(body.contains("FranceConnect") && body.contains("/mon-compte"), "{body}");
    change(&administrator, known, "franceconnect:instructor", false).await.ok();
    last(known, 2).await;
    let ban = json!({"email": known, "banned": true, "reason": "Enquête."});
    administrator.post("/api/users/ban", &ban).await.ok();
    let since = app.mails().await.len();
    change(&administrator, known, "franceconnect:reporter", true).await.ok();
    assert_eq!(app.mails().await.len(), since, "who is kept out gets no mails");

    change(&manager, new, "api_particulier:reporter", true).await.ok();
    let (_, body) = last(new, 1).await;
    assert!(body.contains("gestionnaire Exemple vous a donné un rôle sur DataPass : Rapporteur"), "{body}");
    assert!(body.contains("créez-en un avec cette adresse électronique, nouvelle@exemple.fr"), "{body}");
    change(&manager, new, "api_particulier:reporter", false).await.ok();
    let (_, body) = last(new, 2).await;
    assert!(body.contains("vous n’avez rien à faire"), "{body}");
}

#[tokio::test]
async fn a_role_that_is_held_already_leaves_nothing_when_it_is_given_again() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    app.actor("collegue", &[]).await;
    for email in ["collegue@exemple.fr", "nouvelle@exemple.fr"] {
        for _ in 0..3 {
            let person = change(&administrator, email, "franceconnect:reporter", true).await.ok();
            assert_eq!(person["roles"], json!(["franceconnect:reporter"]));
        }
        let history = administrator.get(&format!("/api/users/role_changes?email={email}")).await.ok();
        assert_eq!(history.as_array().map(Vec::len), Some(1), "{history}");
    }
    let lines = crate::audit::lines(&app, &administrator, "").await;
    let is_told = |line: &&Value| line["action"] == "role.grant" || line["action"] == "role.change";
    let told = lines.iter().filter(is_told).count();
    assert_eq!(told, 2, "{lines:?}");
    let mails = app.mails().await;
    assert_eq!(mails.iter().filter(|(to, ..)| to == "collegue@exemple.fr").count(), 1);
    // Who is refused is told of as before.
    app.actor("demandeur", &[]).await.post("/api/users/roles", &json!({
        "email": "collegue@exemple.fr", "role": "franceconnect:reporter", "granted": true, "reason": "Demande du service.",
    })).await.error(403, "forbidden");
}
