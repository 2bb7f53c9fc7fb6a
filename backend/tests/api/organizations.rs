//! The directory of organisations: what a server of its own says, a register that answers well, late, badly or not at
//! all, and what becomes of requests meanwhile.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use chrono::Duration;
use datapass::config::{Config, Sirene, SireneService};
use datapass::connection::types::now;
use datapass::error::Error;
use datapass::models::organization_domain;
use datapass::schema::establishments;
use diesel::prelude::*;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::sign_in::scene::Scene;
use crate::support::{Answer, CLAMART, DINUM, TestApp};

/// A register that speaks HTTP and says what it was told to say of each number.
#[derive(Clone, Default)]
struct Register {
    answers: Arc<Mutex<HashMap<String, String>>>,
    calls: Arc<Mutex<Vec<String>>>,
    url: String,
}

impl Register {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let register = Self { url: format!("http://{}", listener.local_addr().unwrap()), ..Self::default() };
        let served = register.clone();
        tokio::spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                let register = served.clone();
                tokio::spawn(async move {
                    let mut head = vec![0; 4096];
                    let read = socket.read(&mut head).await.unwrap();
                    let head = String::from_utf8_lossy(&head[..read]).into_owned();
                    let answer = register.answer(&head);
                    match answer.as_str() {
                        "silence" => tokio::time::sleep(std::time::Duration::from_secs(60)).await,
                        answer => socket.write_all(answer.as_bytes()).await.unwrap(),
                    }
                });
            }
        });
        register
    }

    fn answer(&self, head: &str) -> String {
        self.calls.lock().unwrap().push(head.to_owned());
        let answers = self.answers.lock().unwrap();
        let told = answers.iter().find(|(siret, _)| head.contains(siret.as_str())).map(|(_, answer)| answer.clone());
        told.unwrap_or_else(|| http(404, "", "{}"))
    }

    fn says(&self, siret: &str, answer: String) {
        self.answers.lock().unwrap().insert(siret.to_owned(), answer);
    }

    fn calls(&self) -> usize {
        self.calls.lock().unwrap().len()
    }

    fn config(&self, service: SireneService) -> impl FnOnce(&mut Config) {
        let url = self.url.clone();
        move |config| config.sirene = Some(Sirene { service, url, api_key: "clef-d-essai".to_owned() })
    }
}

fn http(status: u16, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

fn insee(name: &str, naf: &str, state: &str) -> String {
    let body = json!({"etablissement": {
        "statutDiffusionEtablissement": "O",
        "uniteLegale": {"denominationUniteLegale": name, "categorieJuridiqueUniteLegale": "7210"},
        "adresseEtablissement": {"codePostalEtablissement": "92140", "libelleCommuneEtablissement": "CLAMART"},
        "periodesEtablissement": [{"dateDebut": "2020-02-01", "dateFin": null,
            "etatAdministratifEtablissement": state, "activitePrincipaleEtablissement": naf}],
    }});
    http(200, "", &body.to_string())
}

fn recherche(siret: &str, status: &str) -> String {
    let place = json!({"siret": siret, "adresse": "1 RUE DE L’EXEMPLE", "activite_principale": "84.11Z",
        "etat_administratif": "A", "statut_diffusion_etablissement": status});
    let company = json!({"nom_complet": "COMMUNE D’EXEMPLE", "nature_juridique": "7210", "siege": place});
    http(200, "", &json!({"results": [company]}).to_string())
}

fn both(answer: &Answer) -> (u16, Value) {
    (answer.status.as_u16(), answer.json())
}

/// What was kept becomes that of two days ago.
async fn age(app: &TestApp) {
    let before = (now() - Duration::hours(48)).naive_utc();
    app.state
        .db
        .write(move |c| {
            Ok(diesel::update(establishments::table).set(establishments::fetched_at.eq(before)).execute(c)?)
        })
        .await
        .unwrap();
}

#[actix_web::test]
async fn without_a_register_a_few_are_known_and_the_others_are_samples() {
    let app = TestApp::start();
    let user = app.actor("camille", &[]).await;
    let (status, known) = both(&user.get(&format!("/api/organizations/{CLAMART}")).await);
    assert_eq!(status, 200, "{known}");
    assert_eq!((known["name"].as_str(), known["is_sample"].as_bool()), (Some("Commune de Clamart"), Some(false)));
    assert_eq!(known["activity_label"], "Administration publique générale");
    let (_, sample) = both(&user.get("/api/organizations/11000201100044").await);
    assert_eq!((sample["is_sample"].as_bool(), sample["is_open"].as_bool()), (Some(true), Some(true)));

    let (status, body) = both(&user.get("/api/organizations/12345678901234").await);
    assert_eq!(status, 400, "{body}");
    assert_eq!(app.visitor().get(&format!("/api/organizations/{CLAMART}")).await.status.as_u16(), 401);
}

#[actix_web::test]
async fn a_closed_establishment_can_neither_begin_nor_submit_a_request() {
    let register = Register::start().await;
    let app = TestApp::start_with(register.config(SireneService::Insee));
    let user = app.actor("camille", &[]).await;
    register.says(DINUM, insee("DINUM", "84.11Z", "F"));
    let new = json!({"target_api": "franceconnect", "siret": DINUM});
    let (status, body) = both(&user.post("/api/enrollments", &new).await);
    assert_eq!(status, 422, "{body}");
    assert_eq!(body["errors"][0]["pointer"], "/siret");
    assert!(body["errors"][0]["detail"].as_str().unwrap().contains("fermé depuis le 01/02/2020"), "{body}");

    // It was open when the request was begun; the request can still be written, not submitted.
    register.says(CLAMART, insee("COMMUNE DE CLAMART", "84.11Z", "A"));
    let new = json!({"target_api": "franceconnect", "siret": CLAMART});
    let (status, created) = both(&user.post("/api/enrollments", &new).await);
    assert_eq!(status, 201, "{created}");
    age(&app).await;
    register.says(CLAMART, insee("COMMUNE DE CLAMART", "84.11Z", "F"));
    let path = format!("/api/enrollments/{}", created["id"]);
    let (status, body) = both(&user.patch(&path, &json!({"intitule": "Projet"})).await);
    assert_eq!(status, 200, "{body}");
    let submit = json!({"event": "submit"});
    let (status, body) = both(&user.patch(&format!("{path}/change_state"), &submit).await);
    assert_eq!(status, 422);
    let said = body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .any(|error| error["pointer"] == "/siret" && error["detail"].as_str().unwrap().contains("fermé"));
    assert!(said, "{body}");
    let calls = register.calls.lock().unwrap();
    let key = calls.iter().all(|call| call.to_lowercase().contains("x-insee-api-key-integration: clef-d-essai"));
    assert!(key, "{calls:?}");
}

#[actix_web::test]
async fn what_the_register_said_serves_a_day_and_when_it_is_down() {
    let register = Register::start().await;
    let app = TestApp::start_with(register.config(SireneService::RechercheEntreprises));
    let user = app.actor("camille", &[]).await;
    let path = format!("/api/organizations/{CLAMART}");
    register.says(CLAMART, recherche(CLAMART, "O"));
    for _ in 0..3 {
        let (status, body) = both(&user.get(&path).await);
        assert_eq!((status, body["name"].as_str()), (200, Some("COMMUNE D’EXEMPLE")), "{body}");
        assert_eq!(body["is_stale"], false);
    }
    assert_eq!(register.calls(), 1, "the answer is kept");

    let too_long = format!("{{\"results\": [], \"x\": \"{}\"}}", "x".repeat(600_000));
    for broken in [
        http(500, "", "oops"),
        http(200, "", "<html>"),
        http(200, "", "{\"results\": 3}"),
        http(200, "", &too_long),
        http(301, "location: http://127.0.0.1:1/\r\n", ""),
        "not HTTP".to_owned(),
        "silence".to_owned(),
    ] {
        age(&app).await;
        register.says(CLAMART, broken);
        let (status, body) = both(&user.get(&path).await);
        assert_eq!((status, body["is_stale"].as_bool()), (200, Some(true)), "{body}");
    }

    // What asked not to be shown is not; what is unknown is remembered as such for a while.
    register.says(DINUM, recherche(DINUM, "P"));
    let (_, body) = both(&user.get(&format!("/api/organizations/{DINUM}")).await);
    assert_eq!((body["name"].as_str(), body["address"].as_str()), (Some("Nom non diffusible"), Some("")));
    register.says("11000201100044", http(200, "", "{\"results\": []}"));
    let calls = register.calls();
    for _ in 0..2 {
        assert_eq!(user.get("/api/organizations/11000201100044").await.status.as_u16(), 404);
    }
    assert_eq!(register.calls(), calls + 1);
}

#[actix_web::test]
async fn organisations_are_found_by_name_where_the_service_searches() {
    let register = Register::start().await;
    let app = TestApp::start_with(register.config(SireneService::RechercheEntreprises));
    let directory = &app.state.directory;
    register.says("q=mairie+exemple", recherche(CLAMART, "O"));
    let found = directory.search("mairie exemple").await.unwrap();
    let said: Vec<_> = found.iter().map(|one| (one.siret.as_str(), one.name.as_str())).collect();
    assert_eq!(said, [(CLAMART, "COMMUNE D’EXEMPLE")]);
    // What is not shown is not proposed.
    register.says("q=personne", recherche(DINUM, "P"));
    assert!(directory.search("personne").await.unwrap().is_empty());
    register.says("q=panne", http(500, "", "oops"));
    assert!(matches!(directory.search("panne").await, Err(Error::BadGateway(_))));
    let other = TestApp::start_with(register.config(SireneService::Insee));
    assert!(!other.state.directory.can_search() && directory.can_search());
}

#[actix_web::test]
async fn a_register_that_does_not_answer_is_asked_once_for_what_is_proposed() {
    let register = Register::start().await;
    let scene = Scene::set_with(register.config(SireneService::RechercheEntreprises)).await;
    scene.browser.sign_in("/api/sign_in").await;
    let approve = |connection: &mut _| {
        for siret in [DINUM, "35600000000048", "11000201100044"] {
            organization_domain::approve(connection, siret, "mairie.example", false)?;
        }
        Ok(())
    };
    scene.app.state.db.write(approve).await.unwrap();
    for siret in [DINUM, "35600000000048", "11000201100044"] {
        register.says(siret, http(500, "", "oops"));
    }
    let page = scene.browser.follow("/users/join-organization").await;
    assert_eq!((page.status.as_u16(), register.calls()), (200, 1), "{}", page.html);
}

#[actix_web::test]
async fn a_register_that_asks_for_a_pause_gets_it_and_nothing_is_lost() {
    let register = Register::start().await;
    let app = TestApp::start_with(register.config(SireneService::Insee));
    let user = app.actor("camille", &[]).await;
    register.says(CLAMART, http(429, "retry-after: 120\r\n", ""));
    let path = format!("/api/organizations/{CLAMART}");
    let (status, body) = both(&user.get(&path).await);
    assert_eq!((status, body["code"].as_str()), (502, Some("bad_gateway")), "{body}");
    register.says(CLAMART, insee("COMMUNE DE CLAMART", "84.11Z", "A"));
    assert_eq!(user.get(&path).await.status.as_u16(), 502, "it is left in peace");
    assert_eq!(register.calls(), 1);
    // The request is begun, saved and read all the same.
    let new = json!({"target_api": "franceconnect", "siret": CLAMART, "intitule": "Projet"});
    let (status, created) = both(&user.post("/api/enrollments", &new).await);
    assert_eq!(status, 201, "{created}");
    assert_eq!(register.calls(), 1);
}

#[actix_web::test]
async fn establishments_of_requests_are_looked_up_again_every_day() {
    let register = Register::start().await;
    let app = TestApp::start_with(register.config(SireneService::Insee));
    let user = app.actor("camille", &[]).await;
    register.says(CLAMART, insee("COMMUNE DE CLAMART", "84.11Z", "A"));
    register.says(DINUM, insee("DINUM", "84.11Z", "A"));
    let new = json!({"target_api": "franceconnect", "siret": CLAMART});
    assert_eq!(user.post("/api/enrollments", &new).await.status.as_u16(), 201);
    assert_eq!(user.get(&format!("/api/organizations/{DINUM}")).await.status.as_u16(), 200);
    assert_eq!(app.state.directory.refresh(&app.state.db).await.unwrap(), 0, "all of today");
    age(&app).await;
    let calls = register.calls();
    assert_eq!(app.state.directory.refresh(&app.state.db).await.unwrap(), 1, "no request names the other");
    assert_eq!(register.calls(), calls + 1);
}

#[actix_web::test]
async fn the_page_of_an_api_says_what_the_register_says_or_does_not() {
    let register = Register::start().await;
    let app = TestApp::start_with(register.config(SireneService::Insee));
    let told = |siret: &'static str| {
        let visitor = app.visitor();
        async move {
            let page = visitor.get(&format!("/api_particulier?siret={siret}")).await;
            assert_eq!(page.status, 200, "{}", page.text);
            page.text
        }
    };
    assert!(told(DINUM).await.contains("pas dans le répertoire Sirene"));
    register.says(CLAMART, http(503, "", "{}"));
    assert!(told(CLAMART).await.contains("ne répond pas"));
    register.says(CLAMART, insee("COMMERCE D’EXEMPLE", "47.11A", "A"));
    let text = told(CLAMART).await;
    assert!(text.contains("COMMERCE D’EXEMPLE n’est normalement pas éligible") && text.contains("47.11A"), "{text}");
    register.says("35600000000048", insee("LA POSTE", "84.11Z", "F"));
    assert!(told("35600000000048").await.contains("établissement fermé"));
}
