//! Lists: scope, filters, order, pages.

use serde_json::{Value, json};

use crate::support::{CLAMART, Client, DINUM, TestApp};

async fn ids(client: &Client, query: &str) -> Vec<i64> {
    let page = client.get(&format!("/api/enrollments?{query}")).await.ok();
    page["items"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect()
}

async fn titled(client: &Client, title: &str) -> i64 {
    let id = client.submitted_with(&json!({"intitule": title})).await;
    assert!(id > 0);
    id
}

impl Client {
    async fn submitted_with(&self, members: &Value) -> i64 {
        let id = self.complete("api_particulier").await;
        self.patch(&format!("/api/enrollments/{id}"), members).await.ok();
        self.step(id, "submit", "").await.ok();
        id
    }
}

#[tokio::test]
async fn a_list_pages_without_losing_or_repeating_a_row() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["api_particulier:instructor"]).await;
    let mut all = Vec::new();
    for _ in 0..7 {
        all.push(applicant.submitted("api_particulier").await);
    }
    for (sort, reversed) in [
        ("id", false),
        ("-id", true),
        ("updated_at", false),
        ("-updated_at", true),
        ("nom_raison_sociale", false),
        ("-nom_raison_sociale", true),
    ] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = instructor.get(&format!("/api/enrollments?sort={sort}&limit=3{cursor}")).await.ok();
            seen.extend(page["items"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()));
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let mut expected = all.clone();
        if reversed {
            expected.reverse();
        }
        assert_eq!(seen, expected, "{sort}");
    }
}

#[tokio::test]
async fn a_list_can_be_that_of_one_organisation() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.submitted("api_particulier").await;
    assert_eq!(ids(&applicant, &format!("siret={CLAMART}")).await, [id]);
    assert!(ids(&applicant, &format!("siret={DINUM}")).await.is_empty());
    applicant.get("/api/enrollments?siret=123").await.error(400, "bad_request");
}

#[tokio::test]
async fn a_search_finds_parts_of_words_whatever_case_and_accents() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["api_particulier:instructor"]).await;
    let creche = titled(&applicant, "Inscription en crèche à l’École 100% « verte »").await;
    let cantine = titled(&applicant, "Tarif de la cantine_scolaire").await;
    for (search, expected) in [
        ("CRECHE", vec![creche]),
        ("èche", vec![creche]),
        ("ecole inscr", vec![creche]),
        ("100%25", vec![creche]),
        ("cantine_", vec![cantine]),
        ("cantine%25", vec![]),
        ("en", vec![cantine, creche]),
        ("en cr", vec![creche]),
        ("21920023500014", vec![cantine, creche]),
        ("demandeur@exemple.fr", vec![cantine, creche]),
        ("rien de tel", vec![]),
        ("\"", vec![]),
        ("'; DROP TABLE enrollments; --", vec![]),
        ("", vec![cantine, creche]),
    ] {
        assert_eq!(ids(&instructor, &format!("search={search}&sort=-id")).await, expected, "{search}");
    }
    assert_eq!(ids(&instructor, &format!("search={creche}")).await, [creche], "a number is a request");
}

#[tokio::test]
async fn nobody_learns_from_the_public_list_whether_an_address_is_named() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["api_particulier:instructor"]).await;
    let id = titled(&applicant, "Tarif de la cantine").await;
    instructor.step(id, "validate", "Conforme.").await.ok();
    let found = |search: &'static str| {
        let visitor = app.visitor();
        async move {
            let page = visitor.get(&format!("/api/enrollments/public?search={search}")).await.ok();
            page["items"].as_array().unwrap().len()
        }
    };
    for public in ["cantine", "21920023500014", "organisation", "de la"] {
        assert_eq!(found(public).await, 1, "{public}");
    }
    for private in ["demandeur@exemple.fr", "exemple", "delegue_protection", "@"] {
        assert_eq!(found(private).await, 0, "{private}");
        assert_eq!(ids(&instructor, &format!("search={private}")).await, [id], "{private}");
    }
}

#[tokio::test]
async fn filters_add_up_and_everybody_sees_only_their_own() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let stranger = app.actor("inconnu", &[]).await;
    let instructor = app.actor("instructeur", &["api_particulier:instructor", "franceconnect:instructor"]).await;
    let administrator = app.actor("administrateur", &["administrator"]).await;
    let draft = applicant.complete("franceconnect").await;
    let submitted = applicant.submitted("api_particulier").await;
    let archived = applicant.submitted("api_particulier").await;
    instructor.step(archived, "archive", "").await.ok();

    assert_eq!(ids(&instructor, "sort=id").await, [draft, submitted]);
    assert_eq!(ids(&instructor, "status=submitted").await, [submitted]);
    assert_eq!(ids(&instructor, "status=submitted,draft&sort=id").await, [draft, submitted]);
    assert_eq!(ids(&instructor, "target_api=franceconnect").await, [draft]);
    assert_eq!(ids(&instructor, "target_api=franceconnect&status=submitted").await, [] as [i64; 0]);
    assert_eq!(ids(&instructor, "status=archived").await, [] as [i64; 0]);
    assert_eq!(ids(&instructor, "mine=true").await, [] as [i64; 0]);
    assert_eq!(ids(&applicant, "mine=true&sort=id").await, [draft, submitted]);
    assert_eq!(ids(&stranger, "").await, [] as [i64; 0]);
    assert_eq!(ids(&administrator, "sort=id").await, [draft, submitted, archived]);
    assert_eq!(ids(&administrator, "status=archived").await, [archived]);
    app.visitor().get("/api/enrollments").await.error(401, "unauthorized");
}

#[tokio::test]
async fn the_list_holds_exactly_what_may_be_shown() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &["franceconnect:reporter"]).await;
    let people = [
        app.actor("instructeur", &["api_particulier:instructor"]).await,
        app.actor("rapporteur-cnaf", &["api_particulier:cnaf:reporter"]).await,
        app.actor("rapporteur-men", &["api_particulier:men:reporter", "api_particulier:cnous:reporter"]).await,
        app.actor("abonne", &["api_particulier:subscriber"]).await,
        app.actor("administrateur", &["administrator"]).await,
        app.actor("responsable_technique", &[]).await,
        app.actor("comptable", &[]).await,
        applicant.clone(),
    ];
    let mut all = Vec::new();
    for scopes in [json!(["men_statut_boursier"]), json!(["cnaf_adresse", "cnous_email"]), json!(["mesri_identite"])] {
        all.push(applicant.submitted_with(&json!({"scopes": scopes})).await);
    }
    all.push(applicant.complete("franceconnect").await);
    all.push(applicant.complete("api_impot_particulier_sandbox").await);
    let archived = people[0].submitted_with(&json!({})).await;
    people[0].step(archived, "archive", "").await.ok();
    all.push(archived);

    for person in people {
        let mut shown = Vec::new();
        for id in &all {
            if person.get(&format!("/api/enrollments/{id}")).await.status.is_success() {
                shown.push(*id);
            }
        }
        assert_eq!(ids(&person, "sort=id&limit=100").await, shown);
    }
}

#[actix_web::test]
async fn a_list_is_exported_whole_in_its_order_and_no_further_than_one_sees() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["franceconnect:instructor"]).await;
    for number in 0..12 {
        let title = format!("=Projet « {number:02} » ; suite");
        let new = json!({"target_api": "franceconnect", "siret": CLAMART, "intitule": title});
        applicant.post("/api/enrollments", &new).await.ok();
    }
    app.actor("autre", &[]).await.post("/api/enrollments", &json!({"target_api": "api_particulier"})).await.ok();

    let path = "/api/enrollments/export.csv?sort=id&target_api=franceconnect";
    let answer = instructor.get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.headers["x-total-count"], "12");
    assert!(answer.headers["content-disposition"].ends_with(".csv\""));
    let lines: Vec<&str> = answer.text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines.len(), 13, "{lines:#?}");
    assert!(lines[1].contains("FranceConnect") && lines[1].contains("'=Projet « 00 » ; suite"), "{}", lines[1]);
    assert!(lines[12].contains("« 11 »"));

    let sheet = instructor.send(instructor.request(reqwest::Method::GET, "/api/enrollments/export.xlsx")).await;
    assert_eq!((sheet.status.as_u16(), sheet.headers["x-total-count"].as_str()), (200, "12"));
    assert!(sheet.text.starts_with("PK"));

    // Found by words, by number; nothing; what cannot be asked for.
    for (query, rows) in [("search=projet", "12"), ("search=D3", "1"), ("search=zzz", "0"), ("mine=true", "0")] {
        let answer = instructor.get(&format!("/api/enrollments/export.csv?{query}")).await;
        assert_eq!(answer.headers["x-total-count"], rows, "{query}");
        assert_eq!(answer.text.lines().count().to_string(), (rows.parse::<usize>().unwrap() + 1).to_string());
    }
    instructor.get("/api/enrollments/export.csv?sort=colour").await.error(400, "bad_request");
    assert!(instructor.get("/api/enrollments/export.pdf").await.status.is_client_error());
    app.visitor().get("/api/enrollments/export.csv").await.error(401, "unauthorized");
}
