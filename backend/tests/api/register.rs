//! The public register: its list, its pages, its files, its feed.

mod document;

use std::collections::BTreeSet;

use chrono::Datelike as _;
use datapass::connection::types::now;
use datapass::models::{authorisation, establishment};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use shared::organization::Establishment;

use crate::support::{Answer, CLAMART, Client, TestApp};

const LIST: &str = "/api/enrollments/public";
const API: &str = "api_particulier";

struct Scene {
    app: TestApp,
    applicant: Client,
    instructor: Client,
    administrator: Client,
    visitor: Client,
}

impl Scene {
    async fn start() -> Self {
        let app = TestApp::start();
        let applicant = app.actor("demandeur", &[]).await;
        let instructor = app.actor("instructeur", &["api_particulier:instructor", "franceconnect:instructor"]).await;
        let administrator = app.actor("administrateur", &["administrator"]).await;
        let visitor = app.visitor();
        Self { app, applicant, instructor, administrator, visitor }
    }

    /// A granted request with that title: its number.
    async fn granted(&self, target_api: &str, title: &str) -> i64 {
        let id = self.applicant.submitted_as(target_api, &json!({"intitule": title})).await;
        self.instructor.step(id, "validate", "Conforme.").await.ok();
        id
    }

    async fn authorisation(&self, id: i64) -> i64 {
        let read = self.applicant.get(&format!("/api/enrollments/{id}")).await.ok();
        read["authorisations"][0]["id"].as_i64().unwrap()
    }

    async fn titles(&self, query: &str) -> Vec<String> {
        let page = self.visitor.get(&format!("{LIST}?{query}")).await.ok();
        texts(&page["items"], "intitule")
    }

    async fn page(&self, path: &str) -> String {
        let answer = self.visitor.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        answer.text.replace("&#x2f;", "/")
    }

    /// What the Sirene register says of an organisation from now on.
    async fn register_says(&self, siret: &str, change: impl FnOnce(&mut Establishment)) {
        let mut known = self.app.state.directory.find(&self.app.state.db, &siret.parse().unwrap()).await.unwrap();
        change(&mut known);
        let at = now();
        self.app
            .state
            .db
            .write(move |connection| {
                establishment::keep(connection, &known.siret, Some(known.clone()), at)?;
                Ok(authorisation::describe_organization(connection, &known, at.naive_utc())?)
            })
            .await
            .unwrap();
    }
}

fn texts(rows: &Value, member: &str) -> Vec<String> {
    rows.as_array().unwrap().iter().map(|row| row[member].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_list_is_filtered_by_api_provider_sort_of_organisation_year_and_state() {
    let scene = Scene::start().await;
    scene.granted(API, "Cantine").await;
    scene.granted("franceconnect", "Portail").await;
    let revoked = scene.granted(API, "Crèche").await;
    scene.administrator.step(revoked, "revoke", "Fin du projet.").await.ok();
    let year = shared::calendar::paris(now()).year();
    for (query, expected) in [
        (String::new(), vec!["Portail", "Cantine"]),
        (format!("target_api={API}"), vec!["Cantine"]),
        ("provider=dinum".to_owned(), vec!["Portail", "Cantine"]),
        ("provider=dgfip".to_owned(), vec![]),
        ("organization_kind=local_authority".to_owned(), vec!["Portail", "Cantine"]),
        ("organization_kind=association".to_owned(), vec![]),
        (format!("year={year}"), vec!["Portail", "Cantine"]),
        (format!("year={}", year - 1), vec![]),
        ("state=revoked".to_owned(), vec!["Crèche"]),
        ("state=superseded".to_owned(), vec![]),
        ("search=cantine&provider=&year=&state=".to_owned(), vec!["Cantine"]),
    ] {
        assert_eq!(scene.titles(&query).await, expected, "{query}");
        let page = scene.page(&format!("/public?{query}")).await;
        for title in ["Portail", "Cantine", "Crèche"] {
            assert_eq!(page.contains(&format!(">{title}</td>")), expected.contains(&title), "{query}: {title}");
        }
    }
}

#[tokio::test]
async fn the_register_pages_without_losing_or_repeating_a_row() {
    let scene = Scene::start().await;
    let mut all = Vec::new();
    for round in 0..5 {
        let id = scene.granted(API, &format!("Projet {round}")).await;
        all.push(scene.authorisation(id).await);
    }
    all.reverse();
    assert_eq!(scene.visitor.all_ids(&format!("{LIST}?limit=2&provider=dinum")).await, all);
    // The page of people: the link to the next one is followed until there is none.
    let page = scene.page("/public").await;
    assert!(!page.contains("Page suivante"), "five rows fit on one page");
}

#[tokio::test]
async fn filters_that_mean_nothing_are_told_with_their_name_and_keep_what_was_chosen() {
    let scene = Scene::start().await;
    for (query, status, code, place) in [
        ("target_api=inconnue", 422, "invalid", "target_api"),
        ("provider=inconnu", 422, "invalid", "provider"),
        ("organization_kind=ville", 422, "invalid", "organization_kind"),
        ("year=1850", 422, "invalid", "year"),
        ("year=deux", 422, "invalid", "year"),
        ("state=refused", 422, "invalid", "state"),
        ("state=all", 422, "invalid", "state"),
        ("couleur=bleu", 400, "bad_request", "couleur"),
        ("cursor=zzz", 400, "bad_request", "cursor"),
        // A cursor of the list of organisations by name: well written, of another list.
        ("cursor=NDIgQ29tbXVuZQ", 400, "bad_request", "cursor"),
    ] {
        let answer = scene.visitor.get(&format!("{LIST}?{query}")).await;
        answer.error(status, code);
        assert!(answer.text.contains(place), "{query}: {}", answer.text);
        let page = scene.visitor.get(&format!("/public?search=cantine&{query}")).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert!(page.text.contains("Cette liste ne peut pas être affichée"), "{query}");
        let is_read = !query.starts_with("couleur");
        assert_eq!(page.text.contains("value=\"cantine\""), is_read, "{query}");
    }
    for file in ["csv", "json"] {
        scene.visitor.get(&format!("{LIST}.{file}?year=1850")).await.error(422, "invalid");
        let everything = scene.visitor.get(&format!("{LIST}.{file}?state=all")).await;
        assert_eq!(everything.status, StatusCode::OK, "{}", everything.text);
    }
}

#[tokio::test]
async fn an_authorisation_has_a_page_with_its_versions_and_its_revocation() {
    let scene = Scene::start().await;
    let id = scene.granted(API, "Cantine scolaire").await;
    let first = scene.authorisation(id).await;
    let page = scene.page(&format!("/public/H{first}")).await;
    for expected in [
        "Habilitation H",
        "en vigueur",
        "Cantine scolaire",
        "API Particulier",
        "Données accordées",
        "Responsable de traitement",
    ] {
        assert!(page.contains(expected), "{expected}");
    }
    assert!(!page.contains("@exemple.fr") && !page.contains("06 "), "no address, no number");
    scene.applicant.step(id, "reopen", "").await.ok();
    scene.applicant.step(id, "submit", "").await.ok();
    scene.instructor.step(id, "validate", "Conforme.").await.ok();
    let second = scene.authorisation(id).await;
    let (old, new) = (scene.page(&format!("/public/H{first}")).await, scene.page(&format!("/public/H{second}")).await);
    assert!(old.contains("a été remplacée") && old.contains(&format!("href=\"/public/H{second}\"")), "{old}");
    assert!(new.contains(&format!("href=\"/public/H{first}\"")), "{new}");
    scene.administrator.step(id, "revoke", "Fin du projet.").await.ok();
    let revoked = scene.page(&format!("/public/H{second}")).await;
    assert!(revoked.contains("a été révoquée") && !revoked.contains("Responsable de traitement"), "{revoked}");
    assert!(!scene.page(&format!("/public/H{first}")).await.contains("Responsable de traitement"));
}

#[tokio::test]
async fn a_renewal_and_what_it_renews_lead_to_each_other() {
    let scene = Scene::start().await;
    let id = scene.granted(API, "Cantine").await;
    let copied = scene.applicant.post(&format!("/api/enrollments/{id}/copy"), &json!({})).await.ok();
    let renewal = copied["id"].as_i64().unwrap();
    let full = crate::support::complete(API);
    scene.applicant.patch(&format!("/api/enrollments/{renewal}"), &full).await.ok();
    scene.applicant.step(renewal, "submit", "").await.ok();
    scene.instructor.step(renewal, "validate", "Conforme.").await.ok();
    let (old, new) = (scene.authorisation(id).await, scene.authorisation(renewal).await);
    let page = scene.page(&format!("/public/H{new}")).await;
    assert!(page.contains("Elle renouvelle") && page.contains(&format!("/public/H{old}")), "{page}");
    let page = scene.page(&format!("/public/H{old}")).await;
    assert!(page.contains("renouvelée par") && page.contains(&format!("/public/H{new}")), "{page}");
}

#[tokio::test]
async fn an_address_of_the_register_leads_to_its_page_or_is_404() {
    let scene = Scene::start().await;
    let id = scene.granted(API, "Cantine").await;
    let id = scene.authorisation(id).await;
    for path in [format!("/public/{id}"), format!("/public/h{id}")] {
        let answer = scene.visitor.get(&path).await;
        assert_eq!(answer.status, StatusCode::PERMANENT_REDIRECT);
        assert_eq!(answer.headers["location"], format!("/public/H{id}"));
    }
    for path in ["/public/H424242", "/public/H0", "/public/Hx", "/public/H99999999999999999999"] {
        let answer = scene.visitor.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(answer.text.contains("Page introuvable"), "{path}");
    }
}

#[tokio::test]
async fn an_organisation_that_the_register_does_not_diffuse_is_masked_everywhere() {
    let scene = Scene::start().await;
    let id = scene.granted(API, "Cantine").await;
    let name = scene.visitor.get(LIST).await.ok()["items"][0]["nom_raison_sociale"].as_str().unwrap().to_owned();
    let number = scene.authorisation(id).await;
    scene.register_says(CLAMART, |known| known.is_public = false).await;
    for path in [
        LIST,
        "/public",
        &format!("/public/H{number}"),
        &format!("{LIST}.csv"),
        &format!("{LIST}.json"),
        &format!("{LIST}.atom"),
    ] {
        let text = scene.page(path).await;
        assert!(!text.contains(&name) && text.contains("Nom non diffusible"), "{path}: {text}");
    }
    let word = name.split(' ').next().unwrap();
    assert!(scene.titles(&format!("search={word}")).await.is_empty(), "nor can it be found by its name");
    assert_eq!(scene.titles("search=cantine").await, ["Cantine"]);
    // Granted later, it is masked at once; shown again, it is found again.
    scene.granted(API, "Garderie").await;
    assert_eq!(scene.visitor.get(LIST).await.ok()["items"][0]["nom_raison_sociale"], "Nom non diffusible");
    scene.register_says(CLAMART, |known| known.is_public = true).await;
    assert_eq!(scene.titles(&format!("search={word}")).await.len(), 2);
}

#[tokio::test]
async fn a_contact_that_is_corrected_shows_at_once() {
    let scene = Scene::start().await;
    let id = scene.granted(API, "Cantine").await;
    let number = scene.authorisation(id).await;
    let before = scene.visitor.get(&format!("{LIST}.csv")).await;
    let member = json!({"type": "responsable_traitement", "email": "nouvelle@exemple.fr", "given_name": "Nouvelle",
        "family_name": "Responsable", "phone_number": "01 02 03 04 05", "job": "Maire"});
    let correction = json!({"member": member, "reason": "Nouvelle élue."});
    let corrected = scene.administrator.post(&format!("/api/enrollments/{id}/contacts"), &correction).await;
    assert!(corrected.status.is_success(), "{}", corrected.text);
    for path in [LIST, &format!("/public/H{number}"), &format!("{LIST}.csv")] {
        assert!(scene.page(path).await.contains("Nouvelle Responsable"), "{path}");
    }
    let after = conditional(&scene.visitor, &format!("{LIST}.csv"), &before).await;
    assert_eq!(after.status, StatusCode::OK, "the file is another one now");
}

/// Asks again with the tag of an earlier answer.
async fn conditional(client: &Client, path: &str, earlier: &Answer) -> Answer {
    let request = client.request(Method::GET, path).header(header::IF_NONE_MATCH, earlier.headers["etag"].as_str());
    client.send(request).await
}

#[tokio::test]
async fn files_feed_and_pages_answer_304_until_something_changes() {
    let scene = Scene::start().await;
    scene.granted(API, "Cantine").await;
    for path in [&format!("{LIST}.csv"), &format!("{LIST}.json"), &format!("{LIST}.atom"), "/public"] {
        let first = scene.visitor.get(path).await;
        assert_eq!(first.status, StatusCode::OK, "{path}");
        if path.starts_with(LIST) {
            assert!(first.headers["last-modified"].ends_with("GMT"), "{path}");
        }
        let again = conditional(&scene.visitor, path, &first).await;
        assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""), "{path}");
        scene.granted(API, &format!("Encore, pour {path}")).await;
        assert_eq!(conditional(&scene.visitor, path, &first).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn the_csv_begins_with_the_columns_of_the_state_and_holds_no_formula() {
    let scene = Scene::start().await;
    scene.granted(API, "=1+1, \"cité\"").await;
    let ended = scene.granted(API, "Fini").await;
    scene.administrator.step(ended, "revoke", "Fin du projet.").await.ok();
    let text = scene.page(&format!("{LIST}.csv?state=all")).await;
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let head: Vec<String> = reader.headers().unwrap().iter().map(ToOwned::to_owned).collect();
    assert_eq!(
        head.get(..7).unwrap(),
        [
            "Fournisseur de l'API ou service",
            "API ou Service demandé",
            "SIRET du demandeur",
            "Dénomination de l'unité légale du demandeur",
            "Données demandées",
            "Fondement juridique",
            "Date de validation",
        ]
    );
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let column = |name: &str| head.iter().position(|head| head == name).unwrap();
    assert_eq!(rows.len(), 2);
    let cells = |name: &str| rows.iter().map(|row| row.get(column(name)).unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(cells("Intitulé"), ["Fini", "'=1+1, \"cité\""]);
    assert_eq!(cells("État"), ["Révoquée", "En vigueur"]);
    assert_eq!(cells("Responsable de traitement").iter().filter(|name| name.is_empty()).count(), 1);
    assert!(!cells("Données demandées")[0].is_empty());
    // By default what is in force, as the State's data set.
    assert_eq!(scene.page(&format!("{LIST}.csv")).await.lines().count(), 2);
}

#[tokio::test]
async fn the_json_file_is_one_array_over_all_pages_and_empty_where_nothing_is() {
    let scene = Scene::start().await;
    let empty: Value = serde_json::from_str(&scene.page(&format!("{LIST}.json")).await).unwrap();
    assert_eq!(empty, json!([]));
    scene.granted(API, "Cantine").await;
    scene.granted(API, "Crèche").await;
    let rows: Value = serde_json::from_str(&scene.page(&format!("{LIST}.json")).await).unwrap();
    assert_eq!(texts(&rows, "intitule"), ["Crèche", "Cantine"]);
    assert!(rows[0]["data"].as_array().is_some_and(|data| !data.is_empty()), "{rows}");
    assert!(rows[0]["url"].as_str().unwrap().ends_with(&format!("/public/{}", rows[0]["number"].as_str().unwrap())));
}

#[tokio::test]
async fn the_feed_tells_of_grants_and_revocations_newest_first() {
    let scene = Scene::start().await;
    let id = scene.granted(API, "Cantine <b>").await;
    let number = scene.authorisation(id).await;
    scene.administrator.step(id, "revoke", "Fin du projet.").await.ok();
    let feed = scene.page(&format!("{LIST}.atom")).await;
    let places: Vec<usize> = [format!("H{number} révoquée"), format!("H{number} délivrée")]
        .iter()
        .map(|text| feed.find(text).unwrap_or_else(|| panic!("{text}: {feed}")))
        .collect();
    assert!(places[0] < places[1]);
    assert!(feed.contains("Cantine &lt;b&gt;") && !feed.contains("<b>"));
    let ids: BTreeSet<&str> = feed.split("<id>").skip(1).map(|rest| rest.split('<').next().unwrap()).collect();
    assert_eq!(ids.len(), 3, "each entry has an id of its own, and the feed");
}

#[tokio::test]
async fn the_schema_is_that_of_the_file() {
    let scene = Scene::start().await;
    let schema = scene.visitor.get(&format!("{LIST}/schema.json")).await.ok();
    let head = scene.page(&format!("{LIST}.csv")).await;
    assert_eq!(texts(&schema["fields"], "name").join(","), head.trim_end());
}

#[tokio::test]
async fn the_register_and_the_statistics_count_the_same() {
    let scene = Scene::start().await;
    for _ in 0..3 {
        scene.granted(API, "Cantine").await;
    }
    let updated = scene.granted(API, "Crèche").await;
    scene.applicant.step(updated, "reopen", "").await.ok();
    let revoked = scene.granted(API, "Portail").await;
    scene.administrator.step(revoked, "revoke", "Fin du projet.").await.ok();
    scene.applicant.submitted(API).await;
    let told = scene.visitor.get("/api/stats").await.ok();
    let counted = |status: &str| {
        let figures = told["by_status"].as_array().unwrap();
        figures.iter().find(|figure| figure["status"] == status).unwrap()["count"].as_i64().unwrap()
    };
    for (state, count) in [("active", counted("validated")), ("revoked", counted("revoked"))] {
        let file = scene.page(&format!("{LIST}.json?state={state}")).await;
        let rows: Value = serde_json::from_str(&file).unwrap();
        assert_eq!(i64::try_from(rows.as_array().unwrap().len()).unwrap(), count, "{state}");
    }
    assert_eq!(told["activity"]["revocations"], 1);
    assert_eq!(told["activity"]["grants"], 5);
}
