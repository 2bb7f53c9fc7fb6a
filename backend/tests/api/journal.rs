//! The audit log as administrators read it: the names of people and things, why, without reads, as a file.

use serde_json::{Value, json};

use crate::roles::change;
use crate::support::{Client, TestApp};

/// What the log says of each entry, newest first, with ordinary spaces.
async fn told(app: &TestApp, administrator: &Client, query: &str) -> Vec<String> {
    app.state.audit.flush(&app.state.db).await.unwrap();
    let page = administrator.get(&format!("/api/audit?limit=100&{query}")).await.ok();
    let lines = page["items"].as_array().unwrap().iter().filter(|line| line["object"] != "audit");
    lines.map(sentence).collect()
}

fn sentence(line: &Value) -> String {
    let text = |member: &str| line[member].as_str().unwrap();
    let done = shared::audit::sentence(text("action"), text("thing")).text();
    let reason = if text("reason").is_empty() { String::new() } else { format!(": {}", text("reason")) };
    format!("{}{done}{reason}", text("actor")).replace('\u{a0}', " ")
}

#[tokio::test]
async fn entries_name_requests_people_roles_and_reasons() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.submitted("api_particulier").await;
    change(&administrator, "demandeur@exemple.fr", "franceconnect:reporter", true).await.ok();
    change(&administrator, "inconnue@exemple.fr", "franceconnect:reporter", true).await.ok();
    for banned in [true, false] {
        let ban = json!({"email": "demandeur@exemple.fr", "banned": banned, "reason": format!("Raison {banned}.")});
        administrator.post("/api/users/ban", &ban).await.ok();
    }
    let title =
        administrator.get(&format!("/api/enrollments/{id}")).await.ok()["intitule"].as_str().unwrap().to_owned();
    let request = format!("la demande n° {id} « {title} » (API Particulier)");
    assert_eq!(
        told(&app, &administrator, "reads=false").await,
        [
            "admin Exemple a rétabli le compte de demandeur Exemple: Raison false.".to_owned(),
            "admin Exemple a suspendu le compte de demandeur Exemple: Raison true.".to_owned(),
            "admin Exemple a donné le rôle « Rapporteur, FranceConnect » à inconnue@exemple.fr: Demande du service."
                .to_owned(),
            "admin Exemple a donné le rôle « Rapporteur, FranceConnect » à demandeur Exemple: Demande du service."
                .to_owned(),
            format!("demandeur Exemple a soumis {request}"),
            format!("demandeur Exemple a créé {request}"),
        ]
    );
    let page = administrator.get("/api/audit?action=enrollment.create").await.ok();
    let line = &page["items"][0];
    assert_eq!(
        (&line["page"], &line["actor_email"]),
        (&json!(format!("/demandes/{id}")), &json!("demandeur@exemple.fr"))
    );
    let page = administrator.get("/api/audit?action=role.grant").await.ok();
    assert_eq!(page["items"][0]["page"], "/personnes?search=inconnue%40exemple.fr");
}

#[tokio::test]
async fn what_is_no_longer_there_says_so() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.complete("franceconnect").await;
    applicant.step(id, "delete", "").await.ok();
    applicant.get("/api/enrollments/999999").await.error(404, "not_found");
    let of = |id: i64| format!("object=enrollment&object_id={id}");
    let deleted = told(&app, &administrator, &of(id)).await;
    assert!(deleted[0].ends_with("(FranceConnect), supprimée depuis"), "{deleted:?}");
    let page = administrator.get(&format!("/api/audit?{}", of(id))).await.ok();
    assert_eq!(page["items"][0]["page"], "", "nobody but its author sees it");
    let unknown = told(&app, &administrator, &of(999_999)).await;
    assert_eq!(unknown, ["demandeur Exemple a lu la demande n° 999999 (introuvable)"]);
}

#[tokio::test]
async fn reads_are_left_out_where_one_asks_and_refused_ones_are_not() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let applicant = app.actor("demandeur", &[]).await;
    let stranger = app.actor("autre", &[]).await;
    let id = applicant.complete("franceconnect").await;
    applicant.get(&format!("/api/enrollments/{id}")).await.ok();
    stranger.get(&format!("/api/enrollments/{id}")).await.error(404, "not_found");
    let actions = async |query: &str| {
        app.state.audit.flush(&app.state.db).await.unwrap();
        let page = administrator.get(&format!("/api/audit?object=enrollment&{query}")).await.ok();
        let lines = page["items"].as_array().unwrap().iter();
        let mut told: Vec<String> = lines
            .map(|line| format!("{} {}", line["action"].as_str().unwrap(), line["outcome"].as_str().unwrap()))
            .collect();
        told.sort();
        told
    };
    assert_eq!(actions("reads=false").await, ["enrollment.create done", "enrollment.show denied"]);
    let all = ["enrollment.create done", "enrollment.show denied", "enrollment.show done"];
    assert_eq!(
        (actions("").await, actions("reads=true").await),
        (all.map(str::to_owned).to_vec(), all.map(str::to_owned).to_vec())
    );
}

#[tokio::test]
async fn a_person_is_found_by_a_part_of_their_name_in_what_they_did_and_what_was_done_about_them() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let colleague = app.actor("collegue", &[]).await;
    colleague.complete("franceconnect").await;
    change(&administrator, "collegue@exemple.fr", "franceconnect:reporter", true).await.ok();
    change(&administrator, "absente@exemple.fr", "franceconnect:reporter", true).await.ok();
    for person in ["COLLEGUE%20Ex", "collegue@", "gue"] {
        let found = told(&app, &administrator, &format!("person={person}")).await;
        assert_eq!(found.len(), 2, "{person}: {found:?}");
        assert!(found[0].contains("a donné le rôle") && found[1].contains("a créé"), "{person}: {found:?}");
    }
    let absent = told(&app, &administrator, "person=absente").await;
    assert_eq!(absent.len(), 1, "{absent:?}");
    // Letters with accents, whichever the case.
    app.actor("Élodie", &[]).await.complete("franceconnect").await;
    for person in ["Élodie", "élodie", "ÉLODIE EXEMPLE"] {
        let found = told(&app, &administrator, &format!("person={}", person.replace(' ', "%20"))).await;
        assert_eq!(found.len(), 1, "{person}: {found:?}");
    }
    assert_eq!(told(&app, &administrator, "person=%25").await, [] as [&str; 0], "a letter like any other");
}

#[tokio::test]
async fn a_role_that_was_asked_for_is_told_with_its_reason_and_its_answer_apart() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let colleague = app.actor("collegue", &[]).await;
    let ask = json!({"role": "franceconnect:reporter", "reason": "J’arrive.", "manager_email": "chef@exemple.fr"});
    let id = colleague.post("/api/me/role_requests", &ask).await.ok()["id"].as_i64().unwrap();
    let answer = json!({"give": false, "reason": "Pas de votre service."});
    administrator.put(&format!("/api/users/role_requests/{id}"), &answer).await.ok();
    let role = "le rôle « Rapporteur, FranceConnect »";
    assert_eq!(
        told(&app, &administrator, "object=role_request&reads=false").await,
        [
            format!("admin Exemple a refusé {role} demandé par collegue Exemple: Pas de votre service."),
            format!("collegue Exemple a demandé {role}: J’arrive."),
        ]
    );
}

#[tokio::test]
async fn an_authorisation_is_named_and_leads_to_its_document() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator", "franceconnect:instructor"]).await;
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.submitted("franceconnect").await;
    administrator.step(id, "validate", "").await.ok();
    let read = applicant.get(&format!("/api/enrollments/{id}")).await.ok();
    let number = read["authorisations"][0]["id"].as_i64().unwrap();
    applicant.get(&format!("/api/authorisations/{number}")).await.ok();
    app.state.audit.flush(&app.state.db).await.unwrap();
    let page = administrator.get("/api/audit?object=authorisation").await.ok();
    let line = &page["items"][0];
    assert!(line["thing"].as_str().unwrap().starts_with(&format!("l’habilitation H{number} «")), "{line}");
    assert_eq!(line["page"], format!("/public/H{number}"));
}

#[tokio::test]
async fn the_log_is_exported_as_it_is_filtered_and_that_is_told_in_it() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let applicant = app.actor("demandeur", &[]).await;
    // More than what is read at once.
    for _ in 0..3 {
        let reads = (0..100).map(|_| applicant.get("/api/enrollments"));
        for read in reads {
            read.await.ok();
        }
    }
    change(&administrator, "demandeur@exemple.fr", "franceconnect:reporter", true).await.ok();
    app.state.audit.flush(&app.state.db).await.unwrap();
    applicant.get("/api/audit.csv").await.error(403, "forbidden");
    app.visitor().get("/api/audit.csv").await.error(401, "unauthorized");

    let file = administrator.get("/api/audit.csv?action=enrollment.list").await;
    assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
    assert!(file.headers["content-disposition"].starts_with("attachment; filename=\"journal-"));
    assert_eq!(rows(&file.text).len(), 300);
    let file = administrator.get("/api/audit.csv?reads=false&person=demandeur").await;
    let rows = rows(&file.text);
    assert_eq!(rows.len(), 1, "{rows:?}");
    let row = &rows[0];
    assert_eq!(
        (row["Personne"].as_str(), row["Ce qui a été fait"].replace('\u{a0}', " ").as_str(), row["Raison"].as_str()),
        ("admin Exemple", "a donné le rôle « Rapporteur, FranceConnect » à demandeur Exemple", "Demande du service.")
    );
    assert_eq!((row["Résultat"].as_str(), row["Objet"].as_str()), ("fait", "Changement de rôle"));
    app.state.audit.flush(&app.state.db).await.unwrap();
    let log = administrator.get("/api/audit?action=audit.export&reads=false").await.ok();
    let outcomes: Vec<&Value> = log["items"].as_array().unwrap().iter().map(|line| &line["outcome"]).collect();
    assert_eq!(outcomes, ["done", "done", "denied"]);
    // What somebody wrote is no formula where the file is opened.
    let ban = json!({"email": "demandeur@exemple.fr", "banned": true, "reason": "=1+1"});
    administrator.post("/api/users/ban", &ban).await.ok();
    app.state.audit.flush(&app.state.db).await.unwrap();
    let file = administrator.get("/api/audit.csv?action=user.ban").await;
    assert_eq!(self::rows(&file.text)[0]["Raison"], "'=1+1");
    administrator.get("/api/audit.csv?from=hier").await.error(400, "bad_request");
}

/// The lines of a file, by the names of their columns.
fn rows(text: &str) -> Vec<std::collections::BTreeMap<String, String>> {
    let text = text.strip_prefix('\u{feff}').unwrap();
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(text.as_bytes());
    let titles = reader.headers().unwrap().clone();
    let line = |line: csv::StringRecord| titles.iter().zip(&line).map(|(a, b)| (a.to_owned(), b.to_owned())).collect();
    reader.records().map(|record| line(record.unwrap())).collect()
}
