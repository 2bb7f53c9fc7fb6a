//! Lists: scope, filters, order, pages.

use serde_json::json;

use crate::support::{CLAMART, Client, DINUM, TestApp};

async fn titled(client: &Client, title: &str) -> i64 {
    let id = client.submitted_as("api_particulier", &json!({"intitule": title})).await;
    assert!(id > 0);
    id
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
        let seen = instructor.all_ids(&format!("/api/enrollments?sort={sort}&limit=3")).await;
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
    assert_eq!(applicant.ids(&format!("siret={CLAMART}")).await, [id]);
    assert!(applicant.ids(&format!("siret={DINUM}")).await.is_empty());
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
        ("e%25e", vec![]),
        ("en", vec![creche]),
        ("ti", vec![]),
        ("en cr", vec![creche]),
        ("21920023500014", vec![cantine, creche]),
        ("demandeur@exemple.fr", vec![cantine, creche]),
        ("rien de tel", vec![]),
        ("\"", vec![]),
        ("'; DROP TABLE enrollments; --", vec![]),
        ("", vec![cantine, creche]),
    ] {
        assert_eq!(instructor.ids(&format!("search={search}&sort=-id")).await, expected, "{search}");
    }
    assert_eq!(instructor.ids(&format!("search={creche}")).await, [creche], "a number is a request");
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
    for private in ["demandeur@exemple.fr", "exemple", "delegue_protection", "@exemple"] {
        assert_eq!(found(private).await, 0, "{private}");
        assert_eq!(instructor.ids(&format!("search={private}")).await, [id], "{private}");
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

    assert_eq!(instructor.ids("sort=id").await, [draft, submitted]);
    assert_eq!(instructor.ids("status=submitted").await, [submitted]);
    assert_eq!(instructor.ids("status=submitted,draft&sort=id").await, [draft, submitted]);
    assert_eq!(instructor.ids("target_api=franceconnect").await, [draft]);
    assert_eq!(instructor.ids("target_api=franceconnect&status=submitted").await, [] as [i64; 0]);
    assert_eq!(instructor.ids("status=archived").await, [archived]);
    assert_eq!(instructor.ids("status=archived,draft&sort=id").await, [draft, archived]);
    let reporter = app.actor("rapporteuse", &["api_particulier:reporter"]).await;
    for other in [&applicant, &reporter] {
        assert_eq!(other.ids("status=archived").await, [] as [i64; 0]);
    }
    assert_eq!(instructor.ids("mine=true").await, [] as [i64; 0]);
    assert_eq!(applicant.ids("mine=true&sort=id").await, [draft, submitted]);
    assert_eq!(stranger.ids("").await, [] as [i64; 0]);
    assert_eq!(administrator.ids("sort=id").await, [draft, submitted, archived]);
    assert_eq!(administrator.ids("status=archived").await, [archived]);
    app.visitor().get("/api/enrollments").await.error(401, "unauthorized");
}

#[tokio::test]
async fn the_list_holds_exactly_the_readable_requests() {
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
        all.push(applicant.submitted_as("api_particulier", &json!({"scopes": scopes})).await);
    }
    all.push(applicant.complete("franceconnect").await);
    all.push(applicant.complete("api_impot_particulier_sandbox").await);
    let archived = people[0].submitted_as("api_particulier", &json!({})).await;
    people[0].step(archived, "archive", "").await.ok();
    all.push(archived);

    for person in people {
        let mut shown = Vec::new();
        for id in &all {
            if person.get(&format!("/api/enrollments/{id}")).await.status.is_success() {
                shown.push(*id);
            }
        }
        let mut listed = person.ids("sort=id&limit=100").await;
        listed.extend(person.ids("status=archived").await);
        listed.sort_unstable();
        listed.dedup();
        assert_eq!(listed, shown);
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

#[tokio::test]
async fn no_address_is_too_much_for_the_server() {
    let app = TestApp::start();
    let administrator = app.actor("administrateur", &["administrator", "api_particulier:instructor"]).await;
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.complete("franceconnect").await;
    for who in [&administrator, &applicant] {
        for (parameter, value) in
            [("target_api", "a"), ("target_api", "api_particulier"), ("status", "draft"), ("demarche", "x")]
        {
            // As long as an address may be: 12 000 values of one letter.
            let many = vec![value; 24_000 / (value.len() + 1)].join(",");
            for path in ["enrollments", "enrollments/export.csv"] {
                let answer = who.get(&format!("/api/{path}?search=1&{parameter}={many}")).await;
                assert_eq!(answer.fields(), [format!("?{parameter}: too_long")], "{parameter}={value}");
            }
        }
        assert_eq!(who.get("/api/enrollments?target_api=franceconnect,a").await.fields(), ["?target_api: unknown"]);
        assert_eq!(who.ids("target_api=franceconnect,franceconnect").await, [id], "twice is once");
        // As many words as a search takes.
        let words = "219 192 920 200 002 023 235 350 500 001 ".repeat(5).trim().replace(' ', "+");
        assert_eq!(who.ids(&format!("search={words}&status=draft")).await, [id]);
    }
}

#[tokio::test]
async fn whoever_has_another_address_now_keeps_their_requests() {
    let app = TestApp::start();
    let applicant = app.actor("demandeuse", &[]).await;
    let instructor = app.actor("instructrice", &["franceconnect:instructor"]).await;
    let draft = applicant.complete("api_particulier").await;
    let submitted = applicant.submitted("franceconnect").await;
    let renamed = app.actor_at("autre.nom@exemple.fr", "demandeuse", &[], &[CLAMART]).await;
    // Somebody else gets the address that they had.
    let namesake = app.actor_at("demandeuse@exemple.fr", "homonyme", &[], &[CLAMART]).await;

    instructor.post(&format!("/api/enrollments/{submitted}/messages"), &json!({"body": "Bonjour."})).await.ok();
    for query in ["sort=id", "mine=true&sort=id"] {
        assert_eq!(renamed.ids(query).await, [draft, submitted], "{query}");
        assert_eq!(namesake.ids(query).await, [] as [i64; 0], "{query}");
    }
    let row = renamed.get(&format!("/api/enrollments?search=D{submitted}")).await.ok()["items"][0].clone();
    assert_eq!(row["unread"], 1, "what is written to them is theirs to read: {row}");
    assert_eq!(row["demandeur_id"], renamed.get("/api/session").await.ok()["user"]["id"]);
    for id in [draft, submitted] {
        renamed.get(&format!("/api/enrollments/{id}")).await.ok();
        namesake.get(&format!("/api/enrollments/{id}")).await.error(404, "not_found");
    }
    renamed.patch(&format!("/api/enrollments/{draft}"), &json!({"intitule": "Crèche"})).await.ok();
    renamed.step(draft, "submit", "").await.ok();
}

#[tokio::test]
async fn somebody_named_in_many_requests_sees_them_all_in_order_whatever_the_filter() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let draft = json!({"target_api": "franceconnect", "intitule": "Accueil",
        "team_members": [{"type": "responsable_technique", "email": "nommee@exemple.fr"}]});
    let mut numbers = Vec::new();
    for _ in 0..14 {
        numbers.push(applicant.post("/api/enrollments", &draft).await.ok()["id"].as_i64().unwrap());
    }
    // The oldest ones have another title: with pages of one row they are beyond the first that are looked at.
    for number in &numbers[..3] {
        let path = format!("/api/enrollments/{number}");
        applicant.patch(&path, &json!({"siret": CLAMART})).await.ok();
    }
    let (late, early): (Vec<i64>, Vec<i64>) = numbers.iter().partition(|number| numbers[..3].contains(number));
    // A step changes no content: the order follows all the same.
    applicant.step(early[0], "delete", "").await.ok();
    applicant.step(early[0], "restore", "").await.ok();
    let oldest_first: Vec<i64> = early[1..].iter().chain(&late).chain(&early[..1]).copied().collect();
    let newest_first: Vec<i64> = oldest_first.iter().rev().copied().collect();

    let named = app.actor_of("nommee", &[], &[]).await;
    for (sort, expected) in [("updated_at", oldest_first), ("-updated_at", newest_first)] {
        for limit in [1, 3, 25] {
            let query = format!("/api/enrollments?limit={limit}&sort={sort}");
            assert_eq!(named.all_ids(&query).await, expected, "{query}");
            let of_organization: Vec<i64> = expected.iter().copied().filter(|number| late.contains(number)).collect();
            assert_eq!(named.all_ids(&format!("{query}&siret={CLAMART}")).await, of_organization, "{query}");
        }
    }
}
