//! The public figures: what they say of known lives, how they are asked for, and that counting anew changes nothing.

mod lives;
mod page;

use chrono::Days;
use datapass::connection::types::now;
use datapass::schema::{enrollments, statistics as counters};
use datapass::statistics::{count_missing, recount};
use diesel::prelude::*;
use reqwest::{Method, header};
use serde_json::{Value, json};
use shared::calendar::Month;

use crate::support::{Answer, Client, TestApp, races};

const API: &str = "api_particulier";
const OTHER: &str = "franceconnect";

/// What counting anew would change, one line for each counter.
pub async fn wrong_counters(app: &TestApp) -> Vec<String> {
    let missing = recount(&app.state.db).await.unwrap();
    missing.rows().map(|(key, missing)| format!("{key:?} {missing:+}")).collect()
}

async fn figures(app: &TestApp, query: &str) -> Value {
    app.visitor().get(&format!("/api/stats?{query}")).await.ok()
}

fn count_in(figures: &Value, status: &str) -> i64 {
    let of = |figure: &&Value| figure["status"] == status;
    figures["by_status"].as_array().unwrap().iter().find(of).unwrap()["count"].as_i64().unwrap()
}

async fn ask_changes(instructor: &Client, id: i64, fields: &[&str]) {
    let points: Vec<Value> = fields.iter().map(|field| json!({"field": field, "comment": "À préciser."})).collect();
    let body = json!({"event": "request_changes", "comment": "", "points": points});
    instructor.patch(&format!("/api/enrollments/{id}/change_state"), &body).await.ok();
}

/// Requests of which each has another fate, all in this month.
async fn known_lives(app: &TestApp) {
    let applicant = app.actor("demandeur", &[]).await;
    let instructor =
        app.actor("instructeur", &["api_particulier:instructor", "franceconnect:instructor", "administrator"]).await;
    let sent_back = applicant.submitted(API).await;
    ask_changes(&instructor, sent_back, &["intitule", "scopes", "scopes"]).await;
    applicant.step(sent_back, "submit", "").await.ok();
    ask_changes(&instructor, sent_back, &["description"]).await;
    applicant.step(sent_back, "submit", "").await.ok();
    instructor.step(sent_back, "validate", "C’est bon.").await.ok();
    let right = applicant.submitted(API).await;
    instructor.step(right, "validate", "C’est bon.").await.ok();
    let refused = applicant.submitted(API).await;
    instructor.step(refused, "refuse", "Aucun texte ne le permet.").await.ok();
    let scopes = json!({"scopes": ["cnaf_adresse", "cnaf_quotient_familial"]});
    let partial = applicant.submitted_as(API, &scopes).await;
    let offer = json!({"event": "offer_partial_grant", "comment": "Trop.", "struck": ["cnaf_adresse"]});
    instructor.patch(&format!("/api/enrollments/{partial}/change_state"), &offer).await.ok();
    applicant.step(partial, "accept_offer", "").await.ok();
    applicant.complete(API).await;
    let deleted = applicant.complete(API).await;
    applicant.step(deleted, "delete", "").await.ok();
    applicant.submitted(API).await;
    let revoked = applicant.submitted(OTHER).await;
    instructor.step(revoked, "validate", "C’est bon.").await.ok();
    instructor.step(revoked, "revoke", "Le service a fermé.").await.ok();
    // An update of what was granted, which waits.
    applicant.step(right, "reopen", "").await.ok();
    applicant.patch(&format!("/api/enrollments/{right}"), &json!({"intitule": "Cantine et crèche"})).await.ok();
    applicant.step(right, "submit", "").await.ok();
}

#[tokio::test]
async fn the_figures_say_what_has_happened() {
    let app = TestApp::start();
    known_lives(&app).await;
    let all = figures(&app, "").await;
    assert_eq!(all["requests"], 7, "a draft that was deleted is none: {all}");
    for (status, count) in
        [("draft", 1), ("submitted", 1), ("changes_requested", 0), ("validated", 3), ("refused", 1), ("revoked", 1)]
    {
        assert_eq!(count_in(&all, status), count, "{status}: {all}");
    }
    let month = Month::in_paris(now());
    let months = all["months"].as_array().unwrap();
    assert_eq!(months.len(), 13);
    assert_eq!((&all["from"], &all["to"]), (&json!(month.before(12)), &json!(month)));
    assert_eq!((&months[12]["requests"], &months[12]["activity"]), (&json!(7), &all["activity"]));
    assert_eq!(months[11]["requests"], 0);
    let expected = json!({
        "submissions": 7, "renewals": 0, "updates": 1, "first_answers": 5, "changes_requested": 1,
        "decisions": 5, "grants": 4, "partial_grants": 1, "refusals": 1, "revocations": 1,
    });
    assert_eq!(all["activity"], expected);
    assert_eq!(all["first_answer"], json!({"p50_days": 1, "p80_days": 1, "count": 5}));
    assert_eq!(all["decision"], json!({"p50_days": 1, "p80_days": 1, "count": 5}));
    assert_eq!(all["first_time_right"], json!({"count": 2, "of": 5, "percent": 40}));
    assert_eq!(all["go_back"], json!({"count": 1, "of": 5, "percent": 20}));
    let fields: Vec<_> =
        all["fields"].as_array().unwrap().iter().map(|field| (&field["field"], &field["label"])).collect();
    assert_eq!(
        fields,
        [(&json!("intitule"), &json!("Nom du projet")), (&json!("scopes"), &json!("Données demandées"))],
        "those of the first answer"
    );
    assert_eq!(all["fields"][0]["returned"], json!({"count": 1, "of": 5, "percent": 20}));
    assert_eq!((&all["backlog"]["count"], &all["backlog"]["ages"][0]["count"]), (&json!(2), &json!(2)));
    let by_api: Vec<_> =
        all["by_api"].as_array().unwrap().iter().map(|api| (&api["target_api"], &api["requests"])).collect();
    assert_eq!(by_api, [(&json!(API), &json!(6)), (&json!(OTHER), &json!(1))]);
    assert_eq!(all["by_api"][0]["first_time_right"], json!({"count": 1, "of": 4, "percent": 25}));
    assert!(all["definitions"]["go_back"].as_str().unwrap().contains("modifications"));
}

#[tokio::test]
async fn the_figures_of_one_api_or_of_one_provider_are_theirs_alone() {
    let app = TestApp::start();
    known_lives(&app).await;
    let one = figures(&app, "target_api=franceconnect").await;
    assert_eq!(
        (&one["requests"], &one["activity"]["grants"], &one["backlog"]["count"]),
        (&json!(1), &json!(1), &json!(0))
    );
    assert_eq!((one["by_api"].as_array().unwrap().len(), &one["backlog"]["oldest"]), (1, &Value::Null));
    assert_eq!(one["first_answer"], json!({"p50_days": null, "p80_days": null, "count": 1}), "too few to say");
    let policy = app.visitor().get("/api/policies/franceconnect").await.ok();
    let provider = policy["provider"]["id"].as_str().unwrap();
    let of_provider = figures(&app, &format!("provider={provider}")).await;
    assert_eq!((&of_provider["requests"], &of_provider["provider"]), (&json!(7), &json!(provider)));
    assert_eq!(figures(&app, "provider=dgfip").await["requests"], 0);
    let both = figures(&app, &format!("provider={provider}&target_api=franceconnect&from=&to=")).await;
    assert_eq!(both["requests"], 1);
    let past = figures(&app, "from=2024-11&to=2025-02").await;
    assert_eq!((&past["requests"], past["months"].as_array().unwrap().len()), (&json!(0), 4));
    assert_eq!(past["backlog"]["count"], 2, "what waits now does so whatever the period");
}

#[tokio::test]
async fn the_backlog_is_told_by_age() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    for days in [0, 10, 20, 40] {
        let id = applicant.submitted(API).await;
        let since = (now() - Days::new(days)).naive_utc();
        let waits = diesel::update(enrollments::table.find(id)).set(enrollments::waiting_from.eq(since));
        app.state.db.write(move |c| Ok(waits.execute(c)?)).await.unwrap();
    }
    assert_eq!(wrong_counters(&app).await.len(), 4, "what a hand has changed is counted anew");
    let backlog = figures(&app, "").await["backlog"].clone();
    let counts: Vec<_> = backlog["ages"].as_array().unwrap().iter().map(|age| age["count"].as_i64().unwrap()).collect();
    assert_eq!((counts, &backlog["count"]), (vec![1, 1, 1, 1], &json!(4)));
    let oldest = shared::calendar::paris(now() - Days::new(40)).date();
    assert_eq!(backlog["oldest"], json!(oldest));
}

#[tokio::test]
async fn every_site_may_read_the_figures_and_is_not_told_twice() {
    let app = TestApp::start();
    let visitor = app.visitor();
    for address in ["/api/stats", "/api/stats.csv?table=monthly"] {
        let first = visitor.get(address).await;
        assert_eq!(first.status.as_u16(), 200, "{}", first.text);
        let header = |answer: &Answer, name: &str| answer.headers.get(name).cloned();
        assert_eq!(header(&first, "access-control-allow-origin").as_deref(), Some("*"));
        assert_eq!(header(&first, "cache-control").as_deref(), Some("public, max-age=60"));
        let tag = header(&first, "etag").unwrap();
        let again = |tag: String| visitor.request(Method::GET, address).header(header::IF_NONE_MATCH, tag);
        for known in [tag.clone(), tag.replace("W/", ""), format!("\"x\", {tag}"), "*".to_owned()] {
            let same = visitor.send(again(known)).await;
            assert_eq!((same.status.as_u16(), same.text.as_str()), (304, ""));
            assert_eq!(header(&same, "etag"), Some(tag.clone()));
            assert_eq!(header(&same, "access-control-allow-origin").as_deref(), Some("*"));
        }
        assert_eq!(visitor.send(again("\"x\"".to_owned())).await.status.as_u16(), 200);
        let applicant = app.actor("demandeur", &[]).await;
        applicant.complete(API).await;
        assert_eq!(visitor.send(again(tag)).await.status.as_u16(), 200, "something has happened");
    }
}

#[tokio::test]
async fn what_does_not_exist_has_no_figures() {
    let app = TestApp::start();
    let visitor = app.visitor();
    for (query, place) in [
        ("target_api=api_inconnue", "?target_api: unknown"),
        ("provider=inconnu", "?provider: unknown"),
        ("provider=dgfip&target_api=franceconnect", "?target_api: incompatible"),
        ("from=2026", "?from: format"),
        ("to=2026-13", "?to: format"),
        ("from=2026-03&to=2026-02", "?from: incompatible"),
        ("from=9000-01", "?from: incompatible"),
        ("from=1000-01&to=2026-01", "?from: out_of_range"),
        ("from=2000-01&to=2020-01", "?from: out_of_range"),
    ] {
        assert_eq!(visitor.get(&format!("/api/stats?{query}")).await.fields(), [place], "{query}");
        assert_eq!(visitor.get(&format!("/api/stats.csv?table=fields&{query}")).await.fields(), [place], "{query}");
    }
    assert_eq!(visitor.get("/api/stats?from=2000-02&to=2020-01").await.ok()["months"].as_array().unwrap().len(), 240);
}

#[tokio::test]
async fn each_table_is_a_file() {
    let app = TestApp::start();
    known_lives(&app).await;
    let month = Month::in_paris(now()).to_string();
    for (table, lines, last) in [
        (
            "monthly",
            14,
            vec![
                month.as_str(),
                "7",
                "1",
                "1",
                "0",
                "3",
                "1",
                "1",
                "0",
                "7",
                "0",
                "1",
                "5",
                "1",
                "5",
                "4",
                "1",
                "1",
                "1",
            ],
        ),
        ("by_api", 3, vec!["franceconnect", "FranceConnect", "1", "1", "1", "100"]),
        ("by_status", 8, vec!["Archivée", "0"]),
        ("delays", 3, vec!["Délai de décision", "1", "1", "5"]),
        ("fields", 3, vec!["scopes", "Données demandées", "1", "20"]),
        ("backlog", 5, vec!["31", "", "0"]),
    ] {
        let answer = app.visitor().get(&format!("/api/stats.csv?table={table}")).await;
        assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8");
        assert!(answer.headers["content-disposition"].contains("statistiques-"), "{:?}", answer.headers);
        assert!(answer.text.contains("\r\n"), "RFC 4180");
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(answer.text.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.unwrap()).collect();
        assert_eq!((rows.len(), rows.last().unwrap().iter().collect::<Vec<_>>()), (lines, last), "{table}");
    }
}

#[tokio::test]
async fn counters_that_are_missing_or_wrong_are_put_right() {
    let app = TestApp::start();
    assert_eq!(wrong_counters(&app).await, [] as [&str; 0]);
    known_lives(&app).await;
    let right = figures(&app, "").await;
    assert_eq!(wrong_counters(&app).await, [] as [&str; 0]);

    app.state.db.write(|c| Ok(diesel::delete(counters::table).execute(c)?)).await.unwrap();
    assert_eq!(figures(&app, "").await["requests"], 0);
    count_missing(&app.state.db).await.unwrap();
    assert_eq!(figures(&app, "").await, right, "the first start with this table counts what there is");

    let wrong =
        diesel::update(counters::table.filter(counters::measure.eq("decisions")).filter(counters::label.eq("refused")))
            .set(counters::value.eq(7));
    assert_eq!(app.state.db.write(move |c| Ok(wrong.execute(c)?)).await.unwrap(), 1);
    count_missing(&app.state.db).await.unwrap();
    assert_eq!(figures(&app, "").await["activity"]["refusals"], 7, "where something is counted, nothing is");
    let told = wrong_counters(&app).await;
    assert!(told.len() == 1 && told[0].contains("refused") && told[0].ends_with("-6"), "{told:?}");
    assert_eq!(figures(&app, "").await, right);
}

/// The same rows are counted by all of them, in one order: nobody waits for somebody who waits for them.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_count_the_same_rows() {
    let app = TestApp::start();
    let mut at_work = Vec::new();
    for caller in 0..6 {
        let applicant = app.actor(&format!("demandeur{caller}"), &[]).await;
        let instructor = app.actor(&format!("instructeur{caller}"), &["api_particulier:instructor"]).await;
        at_work.push(tokio::spawn(async move {
            for _ in 0..races() / 4 {
                let id = applicant.submitted(API).await;
                ask_changes(&instructor, id, &["intitule", "scopes", "description"]).await;
                applicant.step(id, "submit", "").await.ok();
                instructor.step(id, "refuse", "Aucun texte ne le permet.").await.ok();
            }
        }));
    }
    for one in at_work {
        one.await.unwrap();
    }
    assert_eq!(wrong_counters(&app).await, [] as [&str; 0]);
    assert_eq!(figures(&app, "").await["activity"]["refusals"], json!(6 * (races() / 4)));
}
