//! Decisions in detail: changes asked for point by point, and a part that is granted.

use diesel::prelude::*;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp};

const API: &str = "api_particulier";

struct Scene {
    app: TestApp,
    applicant: Client,
    instructor: Client,
    id: i64,
}

/// A submitted request for two pieces of data.
async fn submitted() -> Scene {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &[&format!("{API}:instructor"), &format!("{API}:subscriber")]).await;
    let id = applicant.complete(API).await;
    let scopes = json!({"scopes": ["cnaf_quotient_familial", "cnaf_adresse"]});
    applicant.patch(&format!("/api/enrollments/{id}"), &scopes).await.ok();
    applicant.step(id, "submit", "").await.ok();
    Scene { app, applicant, instructor, id }
}

impl Scene {
    fn path(&self, rest: &str) -> String {
        format!("/api/enrollments/{}{rest}", self.id)
    }

    async fn read(&self) -> Value {
        self.applicant.get(&self.path("")).await.ok()
    }

    async fn ask(&self, comment: &str, points: Value) -> Answer {
        let body = json!({"event": "request_changes", "comment": comment, "points": points});
        self.instructor.patch(&self.path("/change_state"), &body).await
    }

    async fn offer(&self, struck: &[&str], reason: &str) -> Answer {
        let body = json!({"event": "offer_partial_grant", "comment": reason, "struck": struck});
        self.instructor.patch(&self.path("/change_state"), &body).await
    }

    async fn reply(&self, who: &Client, point: &Value, answer: Value) -> Answer {
        who.patch(&self.path(&format!("/points/{point}")), &json!({"answer": answer})).await
    }

    async fn write(&self, members: Value) -> Answer {
        self.applicant.patch(&self.path(""), &members).await
    }

    /// Of each point: answer, whether it was answered, and value after the change.
    async fn points(&self) -> Vec<(String, bool, Value)> {
        let read = self.instructor.get(&self.path("")).await.ok();
        let of = |point: &Value| {
            let answer = point["answer"].as_str().unwrap().to_owned();
            (answer, !point["answered_at"].is_null(), point["change"]["after"].clone())
        };
        read["points"].as_array().unwrap().iter().map(of).collect()
    }

    async fn events(&self) -> Vec<Value> {
        self.applicant.get(&self.path("/events")).await.ok().as_array().unwrap().clone()
    }
}

fn three() -> Value {
    json!([
        {"field": "intitule", "comment": "Trop\r\nvague <b>."},
        {"field": "scopes", "scope": "cnaf_adresse", "comment": "À quoi sert l’adresse ?"},
        {"field": "team_members.responsable_technique.email", "comment": "Une boîte d’équipe."},
    ])
}

#[tokio::test]
async fn points_are_asked_answered_and_shown_with_what_changed() {
    let scene = submitted().await;
    let sent = scene.ask("", three()).await.ok();
    assert_eq!((&sent["status"], sent["points"].as_array().unwrap().len()), (&json!("changes_requested"), 3));
    let (_, _, mail) = scene.app.mails().await.pop().unwrap();
    assert!(mail.contains("- Nom du projet\u{a0}: Trop\nvague <b>."), "{mail}");
    assert!(mail.contains("- Données demandées\u{a0}: ") && mail.contains("À quoi sert l’adresse ?"), "{mail}");

    let ids: Vec<Value> =
        scene.read().await["points"].as_array().unwrap().iter().map(|point| point["id"].clone()).collect();
    let version = scene.read().await["version"].clone();
    let points = scene.reply(&scene.applicant, &ids[1], json!("Pour la tournée.")).await.ok();
    assert_eq!(points[1]["answer"], "Pour la tournée.");
    scene.reply(&scene.applicant, &ids[2], json!("")).await.ok();
    assert_eq!(scene.read().await["version"], version, "an answer does not stand in the way of the form");
    scene.reply(&scene.applicant, &ids[2], Value::Null).await.ok();
    scene.write(json!({"intitule": "Cantine de Clamart"})).await.ok();
    let expected = [
        (String::new(), false, json!("Cantine de Clamart")),
        ("Pour la tournée.".to_owned(), true, Value::Null),
        (String::new(), false, Value::Null),
    ];
    assert_eq!(scene.points().await, expected);

    // Submitted, taken back, submitted again: the points and what changed since they were made stay.
    for step in ["submit", "withdraw", "submit"] {
        scene.applicant.step(scene.id, step, "").await.ok();
        assert_eq!(scene.points().await, expected, "{step}");
    }
    scene.reply(&scene.applicant, &ids[0], json!("Trop tard")).await.error(409, "wrong_status");

    // A new round has its own points; the one before stays in the history with its answers.
    scene.ask("Encore une chose.", json!([{"field": "description", "comment": "Détaillez."}])).await.ok();
    assert_eq!(scene.points().await, [(String::new(), false, Value::Null)]);
    scene.reply(&scene.applicant, &ids[0], json!("Ancien")).await.error(404, "not_found");
    let events = scene.events().await;
    let rounds: Vec<&Value> = events.iter().filter(|event| event["name"] == "request_changes").collect();
    assert_eq!(rounds[0]["points"][1]["answer"], "Pour la tournée.");
    assert_eq!(rounds[1]["points"].as_array().unwrap().len(), 1);

    // Once decided, and in an update, they are the past.
    scene.applicant.step(scene.id, "submit", "").await.ok();
    scene.instructor.step(scene.id, "validate", "Conforme.").await.ok();
    assert_eq!(scene.read().await["points"], json!([]));
}

#[tokio::test]
async fn a_point_about_a_scope_shows_changes_of_that_scope_only() {
    let scene = submitted().await;
    scene.ask("", three()).await.ok();
    scene.write(json!({"scopes": ["cnaf_quotient_familial", "cnaf_enfants"]})).await.ok();
    let read = scene.read().await;
    assert_eq!(read["points"][1]["change"], json!({"field": "scopes", "before": ["cnaf_adresse"], "after": null}));
}

#[tokio::test]
async fn invalid_points_are_refused_with_their_pointer() {
    let scene = submitted().await;
    let point = |field: &str, comment: &str| json!([{"field": field, "comment": comment}]);
    scene.ask("", json!([])).await.error(400, "bad_request");
    for (points, place, said) in [
        (point("additional_content.inconnu", "x"), "/points/0/field: not_eligible", "inconnu"),
        (point("previous_enrollment_id", "x"), "/points/0/field: not_eligible", "previous_enrollment_id"),
        (point("team_members.aidant.email", "x"), "/points/0/field: not_eligible", "aidant"),
        (point("status", "x"), "/points/0/field: format", "status"),
        (point("intitule", " \n"), "/points/0/comment: required", "à reprendre"),
        (point("intitule", "a\0b"), "/points/0/comment: format", "invisibles"),
        (point("intitule", "a\u{202e}b"), "/points/0/comment: format", "invisibles"),
        (point("intitule", &"é".repeat(10_001)), "/points/0/comment: too_long", "10000"),
        (json!([{"field": "scopes", "scope": "inconnu", "comment": "x"}]), "/points/0/field: not_eligible", "scopes"),
        (
            json!([{"field": "intitule", "scope": "cnaf_adresse", "comment": "x"}]),
            "/points/0/field: not_eligible",
            "intitule",
        ),
        (json!(vec![json!({"field": "intitule", "comment": "x"}); 101]), "/points: too_long", "100"),
    ] {
        let refused = scene.ask("x", points).await;
        assert_eq!(refused.places(), [place], "{}", refused.text);
        assert!(refused.problem().detail.contains(said), "{}", refused.text);
    }
    let body = json!({"event": "refuse", "comment": "x", "points": three()});
    scene.instructor.patch(&scene.path("/change_state"), &body).await.error(400, "bad_request");
    scene.ask("", json!(vec![json!({"field": "intitule", "comment": "x"}); 100])).await.ok();

    let id = scene.read().await["points"][0]["id"].clone();
    let long = "é".repeat(10_001);
    for answer in [json!("a\0b"), json!(long), json!(3)] {
        scene.reply(&scene.applicant, &id, answer).await.error(400, "bad_request");
    }
    scene.reply(&scene.instructor, &id, json!("x")).await.error(403, "forbidden");
    scene.reply(&scene.app.actor("autre", &[]).await, &id, json!("x")).await.error(404, "not_found");
    scene.reply(&scene.app.visitor(), &id, json!("x")).await.error(401, "unauthorized");
    scene.reply(&scene.applicant, &json!(4242), json!("x")).await.error(404, "not_found");
    scene.applicant.patch("/api/enrollments/4242/points/1", &json!({"answer": ""})).await.error(404, "not_found");
}

#[tokio::test]
async fn a_preview_accepts_only_what_a_change_of_state_accepts() {
    let scene = submitted().await;
    let struck = json!(["cnaf_adresse"]);
    for body in [
        json!({}),
        json!({"comment": "x"}),
        json!({"event": "nothing_of_the_kind", "comment": "x"}),
        json!({"event": "show"}),
        json!({"event": "update", "comment": "x"}),
        json!({"event": "copy"}),
        json!({"event": "notify", "comment": "x"}),
        json!({"event": "correct_contacts", "comment": "x"}),
        json!({"event": "validate", "comment": 3}),
        json!({"event": "validate", "comment": "a\u{202e}b"}),
        json!({"event": "validate", "comment": "x", "reason": "y"}),
        json!({"event": "validate", "comment": "x", "points": three()}),
        json!({"event": "validate", "comment": "x", "struck": &struck}),
        json!({"event": "refuse"}),
        json!({"event": "request_changes", "comment": "x", "points": [{"field": "nothing", "comment": "x"}]}),
        json!({"event": "request_changes", "comment": "", "points": []}),
        json!({"event": "request_changes", "comment": "x", "struck": &struck}),
        json!({"event": "offer_partial_grant", "struck": &struck}),
        json!({"event": "offer_partial_grant", "comment": "x", "struck": &struck, "points": three()}),
    ] {
        let shown = scene.instructor.post(&scene.path("/mail_preview"), &body).await.error(400, "bad_request");
        let done = scene.instructor.patch(&scene.path("/change_state"), &body).await.error(400, "bad_request");
        assert_eq!(shown, done, "{body}");
    }
    let nothing = json!({"event": "offer_partial_grant", "comment": "x"});
    scene.instructor.post(&scene.path("/mail_preview"), &nothing).await.error(422, "invalid");
    scene.instructor.patch(&scene.path("/change_state"), &nothing).await.error(422, "invalid");
    // Empty lists say nothing, whatever the step; a validation needs no words.
    let empty = json!({"event": "validate", "comment": " ", "points": [], "struck": []});
    scene.instructor.post(&scene.path("/mail_preview"), &empty).await.ok();
    scene.instructor.patch(&scene.path("/change_state"), &empty).await.ok();
}

/// How many answers count for the waiting times of its API.
async fn decisions(scene: &Scene) -> i64 {
    let count = |connection: &mut _| Ok(datapass::schema::decisions::table.count().get_result(connection)?);
    scene.app.state.db.read(count).await.unwrap()
}

#[tokio::test]
async fn an_accepted_offer_grants_the_remaining_scopes() {
    let scene = submitted().await;
    let preview = json!({"event": "offer_partial_grant", "comment": "Inutile.", "struck": ["cnaf_adresse"]});
    let shown = scene.instructor.post(&scene.path("/mail_preview"), &preview).await.ok();
    let offered = scene.offer(&["cnaf_adresse"], "L’adresse n’est pas nécessaire.").await.ok();
    assert_eq!(
        (&offered["status"], &offered["offer"]["struck"]),
        (&json!("changes_requested"), &json!(["cnaf_adresse"]))
    );
    assert_eq!(offered["offer"]["author"], "instructeur Exemple");
    assert_eq!(offered["scopes"], json!(["cnaf_adresse", "cnaf_quotient_familial"]), "nothing changes yet");
    let row = scene.applicant.get("/api/enrollments").await.ok()["items"][0]["offered"].clone();
    assert_eq!(row, json!(true));
    let (to, _, mail) = scene.app.mails().await.pop().unwrap();
    assert_eq!((to.as_str(), shown.as_array().unwrap().len()), ("demandeur@exemple.fr", 1));
    let [before, after] = mail.split("Données qui seraient accordées").collect::<Vec<_>>()[..] else {
        panic!("{mail}")
    };
    assert!(before.contains("(cnaf_adresse)") && before.contains("L’adresse n’est pas nécessaire."), "{mail}");
    assert!(after.contains("(cnaf_quotient_familial)") && !after.contains("cnaf_adresse"), "{mail}");

    // While it stands nothing is written, and only the applicant answers.
    scene.write(json!({"intitule": "Autre"})).await.error(409, "wrong_status");
    scene.applicant.step(scene.id, "submit", "").await.error(409, "wrong_status");
    let upload = scene.applicant.request(reqwest::Method::PUT, &scene.path("/documents/LegalBasis?filename=a.pdf"));
    scene.applicant.send(upload.body(crate::every_policy::PDF)).await.error(409, "wrong_status");
    scene.instructor.step(scene.id, "validate", "x").await.error(409, "wrong_status");
    scene.instructor.step(scene.id, "accept_offer", "").await.error(403, "forbidden");
    scene.app.actor("autre", &[]).await.step(scene.id, "accept_offer", "").await.error(404, "not_found");

    let mails = scene.app.mails().await.len();
    assert_eq!(decisions(&scene).await, 0);
    let granted = scene.applicant.step(scene.id, "accept_offer", "").await.ok();
    assert_eq!(decisions(&scene).await, 1, "the administration has answered");
    assert_eq!((&granted["status"], &granted["offer"]), (&json!("validated"), &Value::Null));
    assert_eq!(granted["scopes"], json!(["cnaf_quotient_familial"]));
    let number = &granted["authorisations"][0]["id"];
    let authorisation = scene.applicant.get(&format!("/api/authorisations/{number}")).await.ok();
    assert_eq!(authorisation["content"]["scopes"], json!(["cnaf_quotient_familial"]));
    let told: Vec<String> = scene.app.mails().await.into_iter().skip(mails).map(|(to, ..)| to).collect();
    let people = [
        "demandeur@exemple.fr",
        "responsable_traitement@exemple.fr",
        "delegue_protection_donnees@exemple.fr",
        "responsable_technique@exemple.fr",
    ];
    assert_eq!(told, people, "as for anything that is granted");
    let names: Vec<Value> = scene.events().await.iter().map(|event| event["name"].clone()).collect();
    assert_eq!(names[names.len() - 2..], ["offer_partial_grant", "accept_offer"]);
    let last = scene.events().await.pop().unwrap();
    assert_eq!(last["changes"][0]["after"], json!(["cnaf_quotient_familial"]));
}

#[tokio::test]
async fn an_accepted_offer_is_signed_by_the_instructor_who_made_it() {
    use datapass::schema::{authorisations, users};
    use diesel::prelude::*;

    let scene = submitted().await;
    scene.offer(&["cnaf_adresse"], "Inutile.").await.ok();
    scene.applicant.step(scene.id, "accept_offer", "").await.ok();
    let given_by = authorisations::table.inner_join(users::table.on(users::id.eq(authorisations::created_by)));
    let email: String = scene.app.state.db.read(move |c| Ok(given_by.select(users::email).first(c)?)).await.unwrap();
    assert_eq!(email, "instructeur@exemple.fr");
}

#[tokio::test]
async fn a_declined_offer_returns_to_the_instructor() {
    let scene = submitted().await;
    scene.offer(&["cnaf_adresse"], "Inutile.").await.ok();
    scene.applicant.step(scene.id, "decline_offer", &"é".repeat(10_001)).await.error(400, "bad_request");
    let back = scene.applicant.step(scene.id, "decline_offer", "L’adresse sert à la tournée.").await.ok();
    assert_eq!((&back["status"], &back["offer"]), (&json!("submitted"), &Value::Null));
    let (to, subject, mail) = scene.app.mails().await.pop().unwrap();
    assert_eq!(to, "instructeur@exemple.fr", "once, though they subscribe too");
    assert!(subject.contains("décliné") && mail.contains("tournée"), "{mail}");
    scene.applicant.step(scene.id, "accept_offer", "").await.error(409, "wrong_status");
    assert_eq!(scene.events().await.pop().unwrap()["comment"], "L’adresse sert à la tournée.");
    assert_eq!(scene.read().await["points"], json!([]), "an offer is no request for changes");
    // It was never sent back: taken back it is a draft again, with nothing left of the offer.
    let draft = scene.applicant.step(scene.id, "withdraw", "").await.ok();
    assert_eq!((&draft["status"], &draft["offer"]), (&json!("draft"), &Value::Null));
    scene.write(json!({"intitule": "Autre"})).await.ok();
    scene.applicant.step(scene.id, "submit", "").await.ok();
    scene.instructor.step(scene.id, "validate", "Soit.").await.ok();
    assert_eq!(scene.read().await["scopes"], json!(["cnaf_adresse", "cnaf_quotient_familial"]));
}

#[tokio::test]
async fn an_invalid_offer_is_refused() {
    let scene = submitted().await;
    assert_eq!(scene.offer(&[], "x").await.fields(), ["/struck: required"]);
    assert_eq!(scene.offer(&["inconnu"], "x").await.fields(), ["/struck: unknown"]);
    assert_eq!(scene.offer(&["cnaf_enfants"], "x").await.fields(), ["/struck: unknown"]);
    let all = scene.offer(&["cnaf_adresse", "cnaf_quotient_familial"], "x").await;
    assert_eq!(all.fields(), ["/struck: required"]);
    scene.offer(&["cnaf_adresse"], " ").await.error(400, "bad_request");
    let body = json!({"event": "validate", "comment": "x", "struck": ["cnaf_adresse"]});
    scene.instructor.patch(&scene.path("/change_state"), &body).await.error(400, "bad_request");
    scene.applicant.step(scene.id, "offer_partial_grant", "x").await.error(403, "forbidden");
    assert_eq!(scene.read().await["status"], "submitted");
    // The applicant may give the request up instead of answering.
    scene.offer(&["cnaf_adresse"], "x").await.ok();
    assert_eq!(scene.applicant.step(scene.id, "archive", "").await.ok()["offer"], Value::Null);
}

#[tokio::test]
async fn locked_scopes_cannot_be_struck() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["franceconnect:instructor"]).await;
    let id = applicant.submitted("franceconnect").await;
    let strike = |scope: &str| json!({"event": "offer_partial_grant", "comment": "x", "struck": [scope]});
    let path = format!("/api/enrollments/{id}/change_state");
    let refused = instructor.patch(&path, &strike("openid")).await;
    refused.error(422, "invalid");
    assert!(refused.text.contains("toujours transmise"), "{}", refused.text);
    instructor.patch(&path, &strike("email")).await.ok();

    // The same of an update: what is in force stays until the part is accepted, and is then superseded.
    applicant.step(id, "accept_offer", "").await.ok();
    applicant.step(id, "reopen", "").await.ok();
    applicant.patch(&format!("/api/enrollments/{id}"), &json!({"scopes": ["openid", "email", "gender"]})).await.ok();
    applicant.step(id, "submit", "").await.ok();
    instructor.patch(&path, &strike("gender")).await.ok();
    let given_up = applicant.step(id, "cancel_reopening", "").await.ok();
    assert_eq!(
        (&given_up["status"], &given_up["scopes"], &given_up["offer"]),
        (&json!("validated"), &json!(["openid"]), &Value::Null)
    );
    applicant.step(id, "reopen", "").await.ok();
    applicant.patch(&format!("/api/enrollments/{id}"), &json!({"scopes": ["openid", "email", "gender"]})).await.ok();
    applicant.step(id, "submit", "").await.ok();
    instructor.patch(&path, &strike("gender")).await.ok();
    let granted = applicant.step(id, "accept_offer", "").await.ok();
    assert_eq!((&granted["reopening"], &granted["scopes"]), (&json!(false), &json!(["email", "openid"])));
    let states: Vec<&Value> = granted["authorisations"].as_array().unwrap().iter().map(|one| &one["state"]).collect();
    assert_eq!(states, ["active", "superseded"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_concurrent_accept_and_decline_one_wins() {
    let scene = submitted().await;
    for round in 0..100 {
        scene.offer(&["cnaf_adresse"], "Inutile.").await.ok();
        let [one, two] = ["accept_offer", "decline_offer"].map(|step| {
            let (applicant, id) = (scene.applicant.clone(), scene.id);
            tokio::spawn(async move { applicant.step(id, step, "").await })
        });
        let answers = [one.await.unwrap(), two.await.unwrap()];
        let mut statuses = answers.each_ref().map(|answer| answer.status.as_u16());
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "round {round}");
        if scene.read().await["status"] == "validated" {
            scene.applicant.step(scene.id, "reopen", "").await.ok();
            scene.write(json!({"scopes": ["cnaf_quotient_familial", "cnaf_adresse"]})).await.ok();
            scene.applicant.step(scene.id, "submit", "").await.ok();
        }
    }
}
