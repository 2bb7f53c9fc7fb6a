//! Roles that people ask for: who may ask, who answers, and that the answer works at once.

use datapass::auth::session;
use datapass::connection::types::now;
use datapass::models::user::{self, Profile};
use datapass::schema::{user_organizations, users};
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::roles::change;
use crate::support::{Answer, Client, TestApp, races};

const INSTRUCTOR: &str = "api_particulier:instructor";
const MANAGER: &str = "chef@exemple.fr";

async fn ask(who: &Client, role: &str) -> Answer {
    let body = json!({"role": role, "reason": "J’arrive dans l’équipe.", "manager_email": MANAGER});
    who.post("/api/me/role_requests", &body).await
}

async fn asked(who: &Client, role: &str) -> i64 {
    ask(who, role).await.ok()["id"].as_i64().unwrap()
}

async fn answer(who: &Client, id: i64, give: bool, reason: &str) -> Answer {
    who.put(&format!("/api/users/role_requests/{id}"), &json!({"give": give, "reason": reason})).await
}

/// The numbers of what waits for that person’s answer.
async fn waiting(who: &Client) -> Vec<i64> {
    let waiting = who.get("/api/users/role_requests").await.ok();
    waiting.as_array().unwrap().iter().map(|one| one["id"].as_i64().unwrap()).collect()
}

async fn own(who: &Client) -> Value {
    who.get("/api/me/role_requests").await.ok()
}

#[tokio::test]
async fn a_role_is_asked_for_and_waits_with_all_that_those_who_answer_need() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let asker = app.actor("nouvelle", &[]).await;
    let body = json!({"role": "api_particulier:instructor:only:agora-plus", "reason": " J’arrive. ",
        "manager_email": " Chef@Exemple.fr"});
    let answer = asker.post("/api/me/role_requests", &body).await;
    assert_eq!(answer.status, 201);
    let expected = json!({
        "id": answer.json()["id"], "email": "nouvelle@exemple.fr", "name": "nouvelle Exemple",
        "organizations": ["Organisation 13002526500013", "Organisation 21920023500014"],
        "role": "api_particulier:instructor:only:agora-plus", "reason": "J’arrive.", "manager_email": MANAGER,
        "created_at": answer.json()["created_at"], "state": "waiting", "answered_by": "", "answered_at": null,
        "answer": "",
    });
    assert_eq!(answer.json(), expected);
    assert_eq!(own(&asker).await, json!([expected]));
    assert_eq!(administrator.get("/api/users/role_requests").await.ok(), json!([expected]));
    assert_eq!(own(&administrator).await, json!([]), "of oneself");
    asker.get("/api/users/role_requests").await.error(403, "forbidden");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_at_its_place() {
    let app = TestApp::start();
    let asker = app.actor("nouvelle", &["franceconnect:reporter"]).await;
    for (role, place) in [
        ("administrator", "/role: not_eligible"),
        ("api_particulie:instructor", "/role: unknown"),
        ("provider:dinun:manager", "/role: unknown"),
        ("api_particulier:inconnu:reporter", "/role: unknown"),
        ("api_particulier:instructor:only:inconnue", "/role: unknown"),
        ("franceconnect:reporter", "/role: unchanged"),
        ("franceconnect:reporter:only:x", "/role: unknown"),
    ] {
        assert_eq!(ask(&asker, role).await.places(), [place], "{role}");
    }
    for (change, place) in [
        (json!({"reason": " "}), "/reason: required"),
        (json!({"reason": "x".repeat(1_001)}), "/reason: too_long"),
        (json!({"manager_email": ""}), "/manager_email: format"),
        (json!({"manager_email": "Nouvelle@exemple.fr "}), "/manager_email: not_eligible"),
    ] {
        let mut body = json!({"role": INSTRUCTOR, "reason": "Arrivée.", "manager_email": MANAGER});
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        assert_eq!(asker.post("/api/me/role_requests", &body).await.places(), [place]);
    }
    assert_eq!(own(&asker).await, json!([]));
}

#[tokio::test]
async fn a_role_waits_once_whatever_its_demarches_until_it_is_taken_back() {
    let app = TestApp::start();
    let asker = app.actor("nouvelle", &[]).await;
    let other = app.actor("autre", &[]).await;
    let id = asked(&asker, INSTRUCTOR).await;
    for role in [INSTRUCTOR, "api_particulier:instructor:only:agora-plus"] {
        assert!(ask(&asker, role).await.error(409, "wrong_status").contains("déjà demandé"));
    }
    asked(&asker, "api_particulier:subscriber").await;
    asked(&asker, "franceconnect:instructor").await;
    asked(&other, INSTRUCTOR).await;

    let path = format!("/api/me/role_requests/{id}");
    other.delete(&path).await.error(404, "not_found");
    assert_eq!(asker.delete(&path).await.ok()["state"], "withdrawn");
    asker.delete(&path).await.error(409, "wrong_status");
    asked(&asker, INSTRUCTOR).await;
    let states: Vec<Value> = own(&asker).await.as_array().unwrap().iter().map(|one| one["state"].clone()).collect();
    assert_eq!(states, ["waiting", "waiting", "waiting", "withdrawn"], "the newest first");
}

#[tokio::test]
async fn nobody_asks_all_day_long() {
    let app = TestApp::start();
    let asker = app.actor("nouvelle", &[]).await;
    for _ in 0..20 {
        let id = asked(&asker, INSTRUCTOR).await;
        asker.delete(&format!("/api/me/role_requests/{id}")).await.ok();
    }
    assert!(ask(&asker, INSTRUCTOR).await.error(409, "wrong_status").contains("demain"));
}

#[tokio::test]
async fn only_verified_people_ask() {
    let app = TestApp::start();
    app.visitor().get("/api/me/role_requests").await.error(401, "unauthorized");
    ask(&app.visitor(), INSTRUCTOR).await.error(401, "unauthorized");
    let nowhere = app.actor_of("nulle-part", &[], &[]).await;
    ask(&nowhere, INSTRUCTOR).await.error(403, "forbidden");
    let asker = app.actor("nouvelle", &[]).await;
    let verify = |organization: bool, address: bool| {
        app.state.db.write(move |c| {
            let memberships = diesel::update(user_organizations::table);
            memberships.set(user_organizations::is_verified.eq(organization)).execute(c)?;
            Ok(diesel::update(users::table).set(users::email_verified.eq(address)).execute(c)?)
        })
    };
    for (organization, address) in [(false, true), (true, false)] {
        verify(organization, address).await.unwrap();
        let told = ask(&asker, INSTRUCTOR).await.error(403, "forbidden");
        assert!(told.contains("vérifié"), "{told}");
    }
    verify(true, true).await.unwrap();
    ask(&asker, INSTRUCTOR).await.ok();
}

#[tokio::test]
async fn administrators_answer_all_and_managers_what_they_give() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let manager = app.actor("gestionnaire", &["api_particulier:manager"]).await;
    let provider = app.actor("fournisseur", &["provider:dinum:manager"]).await;
    let elsewhere = app.actor("ailleurs", &["franceconnect:manager", INSTRUCTOR]).await;
    let asker = app.actor("nouvelle", &[]).await;
    let instructor = asked(&asker, INSTRUCTOR).await;
    let reporter = asked(&asker, "api_particulier:cnaf:reporter").await;
    let manages = asked(&asker, "api_particulier:manager").await;
    let provides = asked(&asker, "provider:dinum:manager").await;
    let elsewhere_asked = asked(&asker, "franceconnect:subscriber").await;

    assert_eq!(waiting(&administrator).await, [instructor, reporter, manages, provides, elsewhere_asked]);
    assert_eq!(waiting(&manager).await, [instructor, reporter]);
    assert_eq!(waiting(&elsewhere).await, [elsewhere_asked]);
    assert!(waiting(&provider).await.starts_with(&[instructor, reporter]));
    assert!(!waiting(&provider).await.contains(&manages) && !waiting(&provider).await.contains(&provides));

    for (who, id) in [(&manager, manages), (&manager, provides), (&elsewhere, instructor), (&provider, manages)] {
        answer(who, id, true, "").await.error(404, "not_found");
    }
    answer(&asker, instructor, true, "").await.error(403, "forbidden");
    app.visitor().get("/api/users/role_requests").await.error(401, "unauthorized");
    answer(&administrator, 4_242, true, "").await.error(404, "not_found");
    answer(&manager, instructor, true, "").await.ok();
    answer(&provider, reporter, true, "").await.ok();
    answer(&administrator, manages, true, "").await.ok();
    answer(&administrator, provides, false, "Une seule suffit.").await.ok();
    assert_eq!(waiting(&administrator).await, [elsewhere_asked]);
    let held = administrator.get("/api/users?search=nouvelle").await.ok()["items"][0]["roles"].clone();
    assert_eq!(held, json!(["api_particulier:cnaf:reporter", INSTRUCTOR, "api_particulier:manager"]));
}

#[tokio::test]
async fn a_role_that_is_given_works_at_once_and_is_written_down_as_any_other() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let path = format!("/api/enrollments/{}", applicant.submitted("api_particulier").await);
    let administrator = app.actor("admin", &["administrator"]).await;
    let manager = app.actor("gestionnaire", &["api_particulier:manager"]).await;
    let asker = app.actor("nouvelle", &[]).await;
    let id = asked(&asker, INSTRUCTOR).await;
    asker.get(&path).await.error(404, "not_found");
    let told = answer(&manager, id, true, "Bienvenue.").await.ok();
    assert_eq!(
        (&told["state"], &told["answered_by"], &told["answer"]),
        (&json!("given"), &json!("gestionnaire Exemple"), &json!("Bienvenue."))
    );
    asker.get(&path).await.ok();
    assert_eq!(own(&asker).await[0], told);

    let changes = administrator.get("/api/users/role_changes?email=nouvelle@exemple.fr").await.ok();
    assert_eq!(changes.as_array().unwrap().len(), 1);
    assert_eq!(
        (&changes[0]["role"], &changes[0]["granted"], &changes[0]["actor"]),
        (&json!(INSTRUCTOR), &json!(true), &json!("gestionnaire Exemple"))
    );
    assert_eq!(changes[0]["reason"], "Demandé par la personne\u{a0}: J’arrive dans l’équipe.\n\nBienvenue.");
    app.state.audit.flush(&app.state.db).await.unwrap();
    let log = administrator.get("/api/audit?person=gestionnaire@exemple.fr").await.ok();
    let entry = (&log["items"][0]["action"], &log["items"][0]["object"], &log["items"][0]["object_id"]);
    assert_eq!(entry, (&json!("role.grant"), &json!("role_change"), &json!(changes[0]["id"].to_string())));
    let log = administrator.get("/api/audit?person=nouvelle@exemple.fr&action=role_request.ask").await.ok();
    assert_eq!(log["items"][0]["object_id"], id.to_string());
}

#[tokio::test]
async fn a_refusal_says_why_and_gives_nothing() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let asker = app.actor("nouvelle", &[]).await;
    let id = asked(&asker, INSTRUCTOR).await;
    assert_eq!(answer(&administrator, id, false, " ").await.places(), ["/reason: required"]);
    assert_eq!(answer(&administrator, id, false, &"x".repeat(1_001)).await.places(), ["/reason: too_long"]);
    let told = answer(&administrator, id, false, "Demandez le rôle de rapporteur.").await.ok();
    assert_eq!((&told["state"], &told["answer"]), (&json!("refused"), &json!("Demandez le rôle de rapporteur.")));
    assert_eq!(own(&asker).await[0], told);
    answer(&administrator, id, true, "").await.error(409, "wrong_status");
    asker.delete(&format!("/api/me/role_requests/{id}")).await.error(409, "wrong_status");
    assert_eq!(administrator.get("/api/users/role_changes").await.ok(), json!([]));
    app.state.audit.flush(&app.state.db).await.unwrap();
    let log = administrator.get("/api/audit?action=role_request.refuse").await.ok();
    assert_eq!(log["items"][0]["object_id"], id.to_string());
    asked(&asker, INSTRUCTOR).await;
}

#[tokio::test]
async fn nobody_answers_themselves() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let manager = app.actor("gestionnaire", &["api_particulier:manager"]).await;
    for who in [&administrator, &manager] {
        let id = asked(who, INSTRUCTOR).await;
        for give in [true, false] {
            answer(who, id, give, "Oui.").await.error(403, "forbidden");
        }
    }
    // Nor in the name of a manager.
    let id = own(&administrator).await[0]["id"].as_i64().unwrap();
    let body = json!({"email": "gestionnaire@exemple.fr", "reason": "Assistance demandée."});
    let begun = administrator.post("/api/impersonation", &body).await;
    answer(&administrator.after(&begun), id, true, "").await.error(403, "forbidden");
}

#[tokio::test]
async fn those_who_answer_and_who_asked_are_told_by_mail() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    app.actor("gestionnaire", &["api_particulier:manager"]).await;
    app.actor("fournisseur", &["provider:dinum:manager"]).await;
    app.actor("ailleurs", &["franceconnect:manager", INSTRUCTOR]).await;
    let asker = app.actor("nouvelle", &[]).await;
    let of = |mails: &[(String, String, String)]| {
        let mut to: Vec<String> = mails.iter().map(|mail| mail.0.clone()).collect();
        to.sort();
        to
    };
    let id = asked(&asker, "api_particulier:instructor:only:agora-plus").await;
    let first = app.mails().await;
    assert_eq!(of(&first), ["admin@exemple.fr", "fournisseur@exemple.fr", "gestionnaire@exemple.fr"]);
    let (_, subject, body) = &first[0];
    assert!(subject.contains("Instructeur, API Particulier, seulement «\u{a0}"), "{subject}");
    for part in ["nouvelle Exemple (nouvelle@exemple.fr)", "J’arrive dans l’équipe.", MANAGER, "/personnes"] {
        assert!(body.contains(part), "{part}: {body}");
    }
    let provides = asked(&asker, "provider:dinum:manager").await;
    let second = app.mails().await;
    assert_eq!(of(&second[first.len()..]), ["admin@exemple.fr"], "managers do not give that one");

    answer(&administrator, id, true, "").await.ok();
    answer(&administrator, provides, false, "Une seule suffit.").await.ok();
    let all = app.mails().await;
    let told = &all[second.len()..];
    assert_eq!(of(told), ["nouvelle@exemple.fr"; 2]);
    assert!(told[0].2.contains("admin Exemple vous l’a donné"), "{}", told[0].2);
    assert!(!told[0].2.contains("message"), "nothing was written: {}", told[0].2);
    assert!(told[1].2.contains("Une seule suffit."), "{}", told[1].2);
    // Administrators who ask are not told of it.
    let other = app.actor("admin-2", &["administrator"]).await;
    asked(&other, "franceconnect:reporter").await;
    assert_eq!(
        of(&app.mails().await[all.len()..]),
        ["admin@exemple.fr", "ailleurs@exemple.fr", "fournisseur@exemple.fr"]
    );
}

#[tokio::test]
async fn what_is_given_in_another_way_no_longer_waits() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let asker = app.actor("nouvelle", &[]).await;
    let limited = asked(&asker, "api_particulier:instructor:only:agora-plus").await;
    let other = asked(&asker, "api_particulier:reporter").await;
    change(&administrator, "nouvelle@exemple.fr", "api_particulier:instructor:only:abelium", true).await.ok();
    assert_eq!(waiting(&administrator).await, [limited, other], "that one does not cover it");
    change(&administrator, "nouvelle@exemple.fr", INSTRUCTOR, true).await.ok();
    assert_eq!(waiting(&administrator).await, [other]);
    let seen = own(&asker).await;
    assert_eq!((&seen[1]["state"], &seen[1]["answered_by"]), (&json!("given"), &json!("admin Exemple")));
}

#[tokio::test]
async fn who_may_no_longer_ask_is_given_nothing() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let asker = app.actor("nouvelle", &[]).await;
    let id = asked(&asker, INSTRUCTOR).await;
    app.actor_of("nouvelle", &[], &[]).await;
    answer(&administrator, id, true, "").await.error(409, "wrong_status");
    app.actor("nouvelle", &[]).await;
    let ban = json!({"email": "nouvelle@exemple.fr", "banned": true, "reason": "Adresse compromise."});
    administrator.post("/api/users/ban", &ban).await.ok();
    answer(&administrator, id, true, "").await.error(409, "wrong_status");
    assert_eq!(administrator.get("/api/users/role_changes").await.ok(), json!([]));
    answer(&administrator, id, false, "Compte suspendu.").await.ok();
}

#[tokio::test]
async fn who_leaves_no_longer_waits() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let asker = app.actor("nouvelle", &[]).await;
    asked(&asker, INSTRUCTOR).await;
    let leaves = |c: &mut _| {
        let id = user::find_by_email(c, "nouvelle@exemple.fr")?.id;
        datapass::administration::departure::apply_to(c, datapass::ids::UserId(id))
    };
    app.state.db.write(leaves).await.unwrap();
    assert_eq!(waiting(&administrator).await, [] as [i64; 0]);
}

#[tokio::test]
async fn a_second_account_of_the_same_address_is_the_same_person() {
    let app = TestApp::start();
    let asker = app.actor("gestionnaire", &[]).await;
    let id = asked(&asker, INSTRUCTOR).await;
    let profile = Profile {
        issuer: "autre".to_owned(),
        sub: "gestionnaire".to_owned(),
        email: "gestionnaire@exemple.fr".to_owned(),
        email_verified: true,
        given_name: String::new(),
        family_name: String::new(),
        phone_number: String::new(),
        job: String::new(),
    };
    let second = app.state.db.write(move |c| {
        let id = user::upsert(c, &profile, &[], now().naive_utc())?;
        user::grant(c, id, &"administrator".parse().unwrap())?;
        Ok(id)
    });
    let cookie = session::open(&app.state, second.await.unwrap(), session::Opened::default()).await.unwrap();
    let mut administrator = app.visitor();
    administrator.cookie = Some(format!("{}={}", cookie.name(), cookie.value()));
    answer(&administrator, id, true, "").await.error(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_answers_at_once_one_wins() {
    let app = TestApp::start();
    let first = app.actor("admin", &["administrator"]).await;
    let second = app.actor("gestionnaire", &["api_particulier:manager"]).await;
    let rounds = races();
    for round in 0..rounds {
        let asker = app.actor(&format!("nouvelle{round}"), &[]).await;
        let id = asked(&asker, INSTRUCTOR).await;
        let answers = [(first.clone(), true), (second.clone(), false), (asker.clone(), true)].map(|(who, give)| {
            let is_asker = who.cookie == asker.cookie;
            tokio::spawn(async move {
                if is_asker {
                    who.delete(&format!("/api/me/role_requests/{id}")).await
                } else {
                    answer(&who, id, give, "Voici pourquoi.").await
                }
            })
        });
        let mut won = Vec::new();
        for answer in answers {
            let answer = answer.await.unwrap();
            match answer.status.as_u16() {
                200 => won.push(answer.json()["state"].clone()),
                409 => {}
                other => panic!("round {round}: {other} {}", answer.text),
            }
        }
        assert_eq!(won.len(), 1, "round {round}: {won:?}");
        assert_eq!(own(&asker).await[0]["state"], won[0]);
        let history = first.get(&format!("/api/users/role_changes?email=nouvelle{round}@exemple.fr")).await.ok();
        assert_eq!(history.as_array().unwrap().len(), usize::from(won[0] == "given"), "round {round}");
    }
}
