//! What lists show and what may be read are the same rows: random people, random requests, under two revisions of the
//! policy and with roles that are limited to démarches.

use std::collections::BTreeSet;

use datapass::schema::enrollments;
use diesel::prelude::*;
use serde_json::json;

use crate::policies::{replace_policy, with_policies_directory};
use crate::support::{Client, TestApp};

const APIS: [&str; 3] = ["api_particulier", "franceconnect", "api_entreprise"];
const STATUSES: [&str; 7] = ["draft", "submitted", "changes_requested", "validated", "refused", "revoked", "archived"];
const NAMES: [&str; 6] = ["anna", "bilal", "chloe", "david", "elif", "fanny"];
const REQUESTS: usize = 24;
const PEOPLE: u64 = 40;

/// Everything that the list shows, page by page: as it is, and by the filters that show archived requests.
async fn listed(client: &Client) -> BTreeSet<i64> {
    let mut numbers = shown(client, "").await;
    let archived = shown(client, "&status=archived").await;
    let some = shown(client, "&status=archived,draft,submitted").await;
    assert!(some.is_superset(&archived), "several statuses show what each shows");
    numbers.extend(archived);
    numbers
}

async fn shown(client: &Client, filter: &str) -> BTreeSet<i64> {
    let rows = client.all_ids(&format!("/api/enrollments?limit=7{filter}")).await;
    let numbers: BTreeSet<i64> = rows.iter().copied().collect();
    assert_eq!(numbers.len(), rows.len(), "a row is shown once");
    numbers
}

/// Requests of different people, APIs, scopes and statuses, each naming somebody; their numbers.
async fn requests(app: &TestApp, random: &mut fastrand::Rng) -> Vec<i64> {
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
        let demarche = ["", "cantine", "creche"][random.usize(..3)];
        app.state
            .db
            .write(move |c| {
                let status = diesel::dsl::sql::<diesel::sql_types::Text>(&format!("'{status}'"));
                let row = enrollments::table.find(id);
                let set = (enrollments::status.eq(status), enrollments::demarche.eq(demarche));
                Ok(diesel::update(row).set(set).execute(c)?)
            })
            .await
            .unwrap();
        numbers.push(id);
    }
    numbers
}

const EVERY_ROLE: [&str; 14] = [
    "administrator",
    "api_particulier:instructor",
    "api_particulier:reporter",
    "api_particulier:cnaf:reporter",
    "api_particulier:men:reporter",
    "api_particulier:subscriber",
    "api_particulier:manager",
    "api_particulier:instructor:only:cantine",
    "api_particulier:instructor:except:cantine,creche",
    "api_particulier:reporter:except:creche",
    "api_particulier:men:reporter:only:cantine,creche",
    "franceconnect:instructor",
    "franceconnect:reporter",
    "api_entreprise:reporter",
];

#[actix_web::test]
async fn a_list_shows_exactly_what_may_be_read() {
    let (app, policies) = with_policies_directory();
    let mut random = fastrand::Rng::with_seed(7);
    let mut numbers = requests(&app, &mut random).await;
    // In a later revision, a scope belongs to another group: what was written before is seen by the same people as what
    // is written afterwards.
    replace_policy(policies.path(), "api_particulier", |text| {
        let scope = "id = \"men_statut_scolarite\", label = \"Statut élève scolarisé et identité\", group = ";
        text.replace(&format!("{scope}\"men\""), &format!("{scope}\"cnaf\""))
    });
    let administrator = app.actor("administrateur", &["administrator"]).await;
    administrator.post("/api/policies/reload", &json!({})).await.ok();
    numbers.extend(requests(&app, &mut random).await);
    let mut seen = 0;
    for person in 0..PEOPLE {
        // Some have filed or are named, others are strangers; an administrator is rare.
        let name = if random.bool() { NAMES[random.usize(..NAMES.len())].to_owned() } else { format!("p{person}") };
        let roles: Vec<&str> = EVERY_ROLE
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
