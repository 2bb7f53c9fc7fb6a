//! What lists show and what may be read are the same rows: random people, random requests.

use std::collections::BTreeSet;

use datapass::schema::enrollments;
use diesel::prelude::*;
use serde_json::json;

use crate::support::{Client, TestApp};

const APIS: [&str; 3] = ["api_particulier", "franceconnect", "api_entreprise"];
const STATUSES: [&str; 7] = ["draft", "submitted", "changes_requested", "validated", "refused", "revoked", "archived"];
const NAMES: [&str; 6] = ["anna", "bilal", "chloe", "david", "elif", "fanny"];
const REQUESTS: usize = 48;
const PEOPLE: u64 = 40;

/// Everything that the list shows, page by page.
async fn listed(client: &Client) -> BTreeSet<i64> {
    let mut numbers = BTreeSet::new();
    let mut path = "/api/enrollments?limit=7".to_owned();
    loop {
        let page = client.get(&path).await.ok();
        for row in page["items"].as_array().unwrap() {
            assert!(numbers.insert(row["id"].as_i64().unwrap()), "a row is shown once");
        }
        match page["next"].as_str() {
            Some(next) => path = format!("/api/enrollments?limit=7&cursor={next}"),
            None => return numbers,
        }
    }
}

#[actix_web::test]
async fn a_list_shows_exactly_what_may_be_read() {
    let app = TestApp::start();
    let mut random = fastrand::Rng::with_seed(7);
    let mut numbers = Vec::new();
    for _ in 0..REQUESTS {
        let owner = app.actor(NAMES[random.usize(..NAMES.len())], &[]).await;
        let api = APIS[random.usize(..APIS.len())];
        let named = NAMES[random.usize(..NAMES.len())];
        let scopes: &[&str] = match (api, random.u8(..3)) {
            ("api_particulier", 0) => &["cnaf_adresse"],
            ("api_particulier", 1) => &["men_statut_scolarite"],
            _ => &[],
        };
        let kind = ["delegue_protection_donnees", "responsable_technique"][random.usize(..2)];
        let new = json!({"target_api": api, "scopes": scopes,
            "team_members": [{"type": kind, "email": format!("{named}@exemple.fr")}]});
        let id = owner.post("/api/enrollments", &new).await.ok()["id"].as_i64().unwrap();
        let status = STATUSES[random.usize(..STATUSES.len())];
        app.state
            .db
            .write(move |c| {
                let status = diesel::dsl::sql::<diesel::sql_types::Text>(&format!("'{status}'"));
                Ok(diesel::update(enrollments::table.find(id)).set(enrollments::status.eq(status)).execute(c)?)
            })
            .await
            .unwrap();
        numbers.push(id);
    }
    let every_role = [
        "administrator",
        "api_particulier:instructor",
        "api_particulier:reporter",
        "api_particulier:cnaf:reporter",
        "api_particulier:men:reporter",
        "api_particulier:subscriber",
        "franceconnect:instructor",
        "franceconnect:reporter",
        "api_entreprise:reporter",
    ];
    let mut seen = 0;
    for person in 0..PEOPLE {
        // Some have filed or are named, others are strangers; an administrator is rare.
        let name = if random.bool() { NAMES[random.usize(..NAMES.len())].to_owned() } else { format!("p{person}") };
        let roles: Vec<&str> = every_role
            .iter()
            .enumerate()
            .filter(|(index, _)| random.u8(..if *index == 0 { 12 } else { 5 }) == 0)
            .map(|(_, role)| *role)
            .collect();
        let client = app.actor(&name, &roles).await;
        let shown = listed(&client).await;
        let mut readable = BTreeSet::new();
        for id in &numbers {
            if client.get(&format!("/api/enrollments/{id}")).await.status.is_success() {
                readable.insert(*id);
            }
        }
        assert_eq!(shown, readable, "{name} {roles:?}");
        seen += shown.len();
    }
    assert!(seen > 100, "the people see something: {seen}");
}
