//! The list as a file: what a row says, to whom, and how little it asks of the database.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use datapass::connection::AnyConnection;
use datapass::models::enrollment::list::ListQuery;
use datapass::schema::{decisions, enrollments, events};
use diesel::connection::{Connection as _, InstrumentationEvent};
use diesel::prelude::*;
use serde_json::json;
use shared::api::SortKey;
use shared::rights::ListScope;
use shared::user::User;

use crate::support::{Client, TestApp};

/// The rows of the file that a list is exported to, by name of the column.
async fn exported(who: &Client, query: &str) -> Vec<BTreeMap<String, String>> {
    let answer = who.get(&format!("/api/enrollments/export.csv?{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let text = answer.text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(text.as_bytes());
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().map(|row| row.unwrap()).collect();
    assert_eq!(answer.headers["x-total-count"], rows.len().to_string());
    rows
}

/// What the row of that request says.
const EXPECTED: &[(&str, &str)] = &[
    ("API", "API Particulier"),
    ("Identifiant de l’API", "api_particulier"),
    ("Statut", "Validée"),
    ("Mise à jour", ""),
    ("Projet", "Tarification de la cantine"),
    ("Description", "Calculer le tarif de la cantine d’après le quotient familial."),
    ("SIRET", "21920023500014"),
    ("Code postal", "92140"),
    ("Commune", "Clamart"),
    ("Demandeur", "demandeur@exemple.fr"),
    ("Équipe technique", "Un éditeur de logiciels"),
    ("Éditeur ou prestataire", "Éditeur Exemple"),
    ("Date de mise en production", "Septembre"),
    ("Volumétrie approximative", "200 par mois"),
    ("Données demandées", "cnaf_adresse, cnaf_quotient_familial"),
    ("Destinataires des données", "Agents du service enfance"),
    ("Durée de conservation (mois)", "12"),
    ("Fondement juridique", "Article L114-8 du CRPA"),
    ("Lien vers le fondement juridique", "https://www.legifrance.gouv.fr/codes/article_lc/X"),
    ("Conditions d’utilisation acceptées", "oui"),
    ("Délégué à la protection des données informé", "oui"),
    ("Créée le", "2026-03-29 01:59:59"),
    ("Soumise le", "2026-03-29 03:00:00"),
    ("Modifiée le", "2026-10-25 02:00:00"),
    ("Dernière décision", "Validée"),
    ("Décision du", "2026-07-15 00:30:00"),
    ("Décidée par", "instructrice Exemple"),
    ("Suivie par", "instructrice Exemple"),
    ("Attente (jours)", "9"),
];

/// A request that was sent back, then granted, with all that one can write in it; its number.
async fn decided(app: &TestApp, applicant: &Client, instructor: &Client) -> i64 {
    let id = applicant.complete("api_particulier").await;
    let members = json!({
        "scopes": ["cnaf_adresse", "cnaf_quotient_familial"], "demarche": "abelium",
        "technical_team_type": "software_company", "technical_team_value": "Éditeur Exemple",
        "date_mise_en_production": "Septembre", "volumetrie_approximative": "200 par mois",
    });
    applicant.patch(&format!("/api/enrollments/{id}"), &members).await.ok();
    applicant.step(id, "submit", "").await.ok();
    let own = instructor.get("/api/session").await.ok()["user"]["id"].clone();
    let assigned = json!({"user_id": own, "from": null});
    instructor.put(&format!("/api/enrollments/{id}/assignment"), &assigned).await.ok();
    instructor.step(id, "request_changes", "Précisez.").await.ok();
    applicant.step(id, "submit", "").await.ok();
    instructor.step(id, "validate", "Conforme, secret.").await.ok();
    let set = app.state.db.write(move |c| {
        let at = |text: &str| text.parse::<chrono::NaiveDateTime>().unwrap();
        let times = (
            enrollments::created_at.eq(at("2026-03-29T00:59:59")),
            enrollments::submitted_at.eq(at("2026-03-29T01:00:00")),
            enrollments::updated_at.eq(at("2026-10-25T01:00:00")),
        );
        diesel::update(enrollments::table.find(id)).set(times).execute(c)?;
        diesel::update(events::table).set(events::created_at.eq(at("2026-07-14T22:30:00"))).execute(c)?;
        Ok(diesel::update(decisions::table).set(decisions::waited.eq(9 * 86_400 + 5)).execute(c)?)
    });
    set.await.unwrap();
    id
}

#[tokio::test]
async fn a_row_says_what_was_written_and_how_it_was_decided_in_paris_time() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructrice", &["api_particulier:instructor"]).await;
    let id = decided(&app, &applicant, &instructor).await;
    let rows = exported(&instructor, "").await;
    let number = id.to_string();
    assert_eq!(rows[0]["Numéro"], number);
    for (column, text) in EXPECTED {
        assert_eq!(rows[0][*column], *text, "{column}");
    }
    assert_eq!(rows[0]["Démarche"], "Domino web 2.0 | Portail famille");
    assert!(rows[0]["Lien"].ends_with(&format!("/demandes/{id}")), "{}", rows[0]["Lien"]);
    for text in [
        "Responsable de traitement\u{a0}: Claude Modèle, Direction, responsable_traitement@exemple.fr",
        "06 12 34 56 78",
    ] {
        assert!(rows[0]["Contacts"].contains(text), "{}", rows[0]["Contacts"]);
    }

    // Who is named reads what they read elsewhere: neither who takes care of it nor what is written about a decision.
    for who in [app.actor("responsable_technique", &[]).await, applicant.clone()] {
        let answer = who.get("/api/enrollments/export.csv").await;
        assert!(!answer.text.contains("secret"), "{}", answer.text);
        let row = exported(&who, "").await.remove(0);
        assert_eq!((row["Suivie par"].as_str(), row["Dernière décision"].as_str()), ("", "Validée"));
    }
    assert_eq!(exported(&app.actor("autre", &[]).await, "").await.len(), 0);
    let copy = applicant.post(&format!("/api/enrollments/{id}/copy"), &json!({})).await.ok()["id"].clone();
    let rows = exported(&instructor, "sort=-id").await;
    assert_eq!((&rows[0]["Numéro"], &rows[0]["Renouvelle la demande"]), (&copy.to_string(), &number));
    assert_eq!((rows[0]["Dernière décision"].as_str(), rows[0]["Attente (jours)"].as_str()), ("", ""));
}

/// How many statements the first page of what that user may read takes, and its rows.
async fn statements(app: &TestApp, user: &User) -> (usize, usize) {
    let (context, user) = (app.state.context(), user.clone());
    let policies = app.state.policies.current();
    let scope = ListScope::of(&user, policies.values().map(AsRef::as_ref));
    let query = ListQuery { sort: SortKey::Id, descending: false, limit: 250, ..ListQuery::of(scope) };
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    let read = move |connection: &mut AnyConnection| {
        connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if matches!(event, InstrumentationEvent::StartQuery { .. }) {
                seen.fetch_add(1, Ordering::Relaxed);
            }
        });
        let (rows, _) = datapass::export::page(connection, &context, &user, &query)?;
        connection.set_instrumentation(None::<fn(InstrumentationEvent<'_>)>);
        Ok(rows.len())
    };
    let rows = app.state.db.read(read).await.unwrap();
    (count.load(Ordering::Relaxed), rows)
}

#[tokio::test]
async fn a_page_of_many_rows_takes_no_more_statements_than_one_of_few() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructrice", &["api_particulier:instructor"]).await;
    let user: User = serde_json::from_value(instructor.get("/api/session").await.ok()["user"].clone()).unwrap();
    let decide = async || {
        let id = applicant.submitted("api_particulier").await;
        let assigned = json!({"user_id": user.id, "from": null});
        instructor.put(&format!("/api/enrollments/{id}/assignment"), &assigned).await.ok();
        instructor.step(id, "validate", "Oui.").await.ok();
    };
    decide().await;
    let (few, rows) = statements(&app, &user).await;
    assert_eq!(rows, 1);
    for _ in 0..9 {
        decide().await;
    }
    assert_eq!(statements(&app, &user).await, (few, 10));
    assert!(few <= 8, "{few}");
}
