//! Joining an organisation, and moderation.

use datapass::connection::types::now;
use datapass::models::{account, membership, organization_domain, user};
use reqwest::StatusCode;
use reqwest::header::COOKIE;
use serde_json::json;
use shared::organization::MembershipSource;

use super::scene::{Browser, EMAIL, Page, Redirected as _, Scene, address};

const DINUM: &str = "13002526500013";

async fn try_number(browser: &Browser, siret: &str) -> Page {
    browser.follow(&format!("/users/join-organization?siret={siret}")).await
}

/// Asks to join; returns the answer.
pub async fn join(browser: &Browser, siret: &str, more: &[(&str, &str)]) -> reqwest::Response {
    let page = try_number(browser, siret).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.html);
    let fields: Vec<(&str, &str)> = [("siret", siret)].into_iter().chain(more.iter().copied()).collect();
    browser.fill(&page, "/users/join-organization", &fields).await
}

async fn sirets(scene: &Scene) -> Vec<(String, MembershipSource, bool)> {
    let found = scene.app.state.db.read(|connection| {
        let id = account::credentials(connection, &address(EMAIL))?.unwrap().account_id;
        Ok(membership::of(connection, id)?)
    });
    found.await.unwrap().into_iter().map(|one| (one.siret, one.source.0, one.is_external)).collect()
}

/// The page of who decides, and how to answer with its form.
pub async fn moderate(scene: &Scene, cookie: &str, decision: &[(&str, &str)]) -> reqwest::Response {
    let url = format!("{}/users/moderations", scene.url);
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    let shown = client.get(&url).header(COOKIE, cookie).send().await.unwrap();
    assert_eq!(shown.status(), StatusCode::OK);
    let form = super::scene::set_cookie(&shown, "datapass_form").unwrap();
    let page = Page::read(shown).await;
    let (_, rest) = page.html.split_once("action=\"/users/moderations/").unwrap();
    let id = rest.split_once('"').unwrap().0;
    let token = page.hidden("token");
    let fields: Vec<(&str, &str)> = [("token", token.as_str())].into_iter().chain(decision.iter().copied()).collect();
    let cookies = format!("{cookie}; {}", form.split(';').next().unwrap());
    client.post(format!("{url}/{id}")).header(COOKIE, cookies).form(&fields).send().await.unwrap()
}

/// The page that tells what was decided.
async fn decided(admin: &crate::support::Client, answer: &reqwest::Response) -> String {
    let location = answer.headers()["location"].to_str().unwrap();
    admin.get(location).await.text
}

async fn last_mail(scene: &Scene, to: &str) -> (String, String) {
    let mails = scene.app.mails().await;
    let (_, subject, body) = mails.into_iter().rev().find(|(recipient, ..)| recipient == to).unwrap();
    (subject, body)
}

#[tokio::test]
async fn joining_shows_the_establishment_and_refuses_invalid_numbers() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    assert_eq!(browser.get("/users/join-organization").await.location().path(), "/api/sign_in");
    browser.sign_in("/api/sign_in").await;
    let good = try_number(browser, "130%20025%20265%2000013").await;
    assert!(good.html.contains("Direction interministérielle du numérique"), "{}", good.html);
    assert!(try_number(browser, "35600000049837").await.html.contains("Rejoindre cette organisation"));
    for (siret, text) in [
        ("", "numéro SIRET compte 14 chiffres"),
        ("12345678901234", "vérifiez les chiffres saisis"),
        ("35600000000049", "vérifiez les chiffres saisis"),
        ("00030003800015", "Cet établissement est fermé"),
        ("21920023500014", "Vous êtes déjà rattaché"),
    ] {
        let page = try_number(browser, siret).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{siret}");
        assert!(page.html.contains(text), "{siret}: {}", page.html);
        let answer = browser.fill(&good, "/users/join-organization", &[("siret", siret)]).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{siret}");
    }
    assert_eq!(sirets(&scene).await.len(), 1);
}

#[tokio::test]
async fn organisations_are_found_by_name_and_town_and_by_the_domain_of_an_address() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    browser.sign_in("/api/sign_in").await;
    let link = format!("href=\"/users/join-organization?siret={DINUM}&amp;next=").replace('/', "&#x2f;");
    let found = try_number(browser, "numerique%20paris").await;
    assert!(found.html.contains("Organisations trouvées") && found.html.contains(&link), "{}", found.html);
    assert_eq!(found.html.matches("dp-card--link").count(), 1);
    let unknown = try_number(browser, "introuvable").await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unknown.html.contains("Aucune organisation de ce nom"), "{}", unknown.html);

    assert!(!browser.follow("/users/join-organization").await.html.contains("D’après votre adresse"));
    let approve = |connection: &mut _| Ok(organization_domain::approve(connection, DINUM, "mairie.example", false)?);
    scene.app.state.db.write(approve).await.unwrap();
    let proposed = browser.follow("/users/join-organization").await;
    assert!(proposed.html.contains("D’après votre adresse électronique"), "{}", proposed.html);
    assert!(proposed.html.contains(&link), "{}", proposed.html);
}

#[tokio::test]
async fn an_approved_domain_joins_at_once_and_goes_on() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    browser.sign_in("/api/sign_in").await;
    let approve = |connection: &mut _| Ok(organization_domain::approve(connection, DINUM, "mairie.example", false)?);
    scene.app.state.db.write(approve).await.unwrap();

    // Contractors are another matter.
    let page = browser.follow("/users/join-organization?return_to=/demandes/nouvelle").await;
    let (_, next) = page.html.split_once("name=\"next\" value=\"").unwrap();
    assert!(next.starts_with("&#x2f;demandes"), "{next}");
    let page = browser.follow(&format!("/users/join-organization?next=/demandes/nouvelle&siret={DINUM}")).await;
    let answer = browser.fill(&page, "/users/join-organization", &[("siret", DINUM)]).await;
    let callback = browser.follow_until(answer.location().as_str(), "/api/sign_in/callback").await;
    assert_eq!(browser.get(callback.as_str()).await.location().path(), "/demandes/nouvelle");
    let organizations = browser.session().await["user"]["organizations"].take();
    assert_eq!(
        organizations[1],
        json!({
            "siret": DINUM, "label": "Direction interministérielle du numérique", "source": "domain", "is_verified": true,
        })
    );
    assert!(sirets(&scene).await.contains(&(DINUM.to_owned(), MembershipSource::Domain, false)));

    // One leaves again.
    let page = browser.follow("/users/organizations").await;
    let page = Page::read(browser.fill(&page, "/users/leave-organization", &[("siret", DINUM)]).await).await;
    assert!(page.html.contains("Quitter «\u{a0}Direction interministérielle du numérique\u{a0}»"), "{}", page.html);
    assert_eq!(sirets(&scene).await.len(), 2);
    let fields = [("siret", DINUM), ("confirmed", "on")];
    let answer = browser.fill(&page, "/users/leave-organization", &fields).await;
    let callback = browser.follow_until(answer.location().as_str(), "/api/sign_in/callback").await;
    assert_eq!(browser.get(callback.as_str()).await.location().path(), "/users/organizations");
    assert_eq!(browser.session().await["user"]["organizations"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn unknown_domains_and_webmail_wait_for_moderation() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    browser.sign_in("/api/sign_in").await;
    let admin = scene.app.actor("admin", &["administrator"]).await;
    let cookie = admin.cookie.clone().unwrap();

    let answer = Page::read(join(browser, DINUM, &[("external", "on")]).await).await;
    assert!(answer.html.contains("en cours de vérification"), "{}", answer.html);
    assert!(last_mail(&scene, "admin@exemple.fr").await.1.contains("/users/moderations"));
    assert!(try_number(browser, DINUM).await.html.contains("la vérification est en cours"));
    assert_eq!(sirets(&scene).await.len(), 1);

    let without_reason = moderate(&scene, &cookie, &[("decision", "refuse"), ("reason", " ")]).await;
    assert_eq!(without_reason.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let long = "Raison. ".repeat(200);
    let too_long = moderate(&scene, &cookie, &[("decision", "refuse"), ("reason", &long)]).await;
    assert!(Page::read(too_long).await.html.contains(&long), "what was typed is still there");
    let refused = moderate(&scene, &cookie, &[("decision", "refuse"), ("reason", "Sans lien connu.")]).await;
    assert_eq!(refused.status(), StatusCode::SEE_OTHER);
    assert!(decided(&admin, &refused).await.contains("pour Direction interministérielle du numérique est refusée"));
    assert!(last_mail(&scene, EMAIL).await.1.contains("Sans lien connu."));
    assert!(browser.follow("/users/organizations").await.html.contains("refusée. Sans lien connu."));

    // Once more, and then it is accepted with its domain.
    join(browser, DINUM, &[("external", "on")]).await;
    let accepted = moderate(&scene, &cookie, &[("decision", "accept"), ("domain", "on")]).await;
    assert_eq!(accepted.status(), StatusCode::SEE_OTHER);
    assert!(
        decided(&admin, &accepted).await.contains("représente désormais Direction interministérielle du numérique")
    );
    assert!(sirets(&scene).await.contains(&(DINUM.to_owned(), MembershipSource::Moderation, true)));
    let known = scene.app.state.db.read(|connection| {
        let mut approved =
            |siret, is_external| organization_domain::is_approved(connection, siret, "mairie.example", is_external);
        Ok([approved(DINUM, true)?, approved(DINUM, false)?, approved("21920023500014", true)?])
    });
    assert_eq!(known.await.unwrap(), [true, false, false]);
    assert!(last_mail(&scene, EMAIL).await.0.contains("Vous êtes rattaché"));

    // A domain where anybody may have an address is never approved.
    let gmail = scene.app.state.db.write(|connection| {
        let id = account::credentials(connection, &address(EMAIL))?.unwrap().account_id;
        account::set_email(connection, id, &address("camille@gmail.com"), now().naive_utc())?;
        Ok(organization_domain::approve(connection, "35600000000048", "gmail.com", false)?)
    });
    gmail.await.unwrap();
    let answer = Page::read(join(browser, "35600000000048", &[]).await).await;
    assert!(answer.html.contains("en cours de vérification"), "{}", answer.html);
}

#[tokio::test]
async fn only_administrators_moderate_and_it_is_logged() {
    let scene = Scene::set().await;
    assert_eq!(scene.browser.get("/users/moderations").await.location().path(), "/api/sign_in");
    scene.browser.sign_in("/api/sign_in").await;
    assert_eq!(scene.browser.get("/users/moderations").await.status(), StatusCode::NOT_FOUND);
    let form = [("decision", "accept"), ("token", "faux")];
    let post = scene.browser.client.post(format!("{}/users/moderations/1", scene.url)).form(&form);
    assert_eq!(post.send().await.unwrap().status(), StatusCode::NOT_FOUND);

    join(&scene.browser, DINUM, &[]).await;
    let admin = scene.app.actor("admin", &["administrator"]).await;
    let cookie = admin.cookie.clone().unwrap();
    let foreign = reqwest::Client::new().post(format!("{}/users/moderations/1", scene.url));
    let foreign = foreign.header(COOKIE, &cookie).form(&form).send().await.unwrap();
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
    moderate(&scene, &cookie, &[("decision", "accept")]).await;
    // The log tells of whom, and is found by their name.
    let log = admin.get("/api/audit?action=membership.accept&person=camille").await.json();
    assert_eq!(log["items"].as_array().map(Vec::len), Some(1), "{log}");
    let thing = log["items"][0]["thing"].as_str().unwrap();
    assert!(thing.starts_with("le rattachement de Camille "), "{thing}");
    assert!(thing.ends_with(" à Direction interministérielle du numérique"), "{thing}");
    let user = scene.app.state.db.read(|connection| Ok(user::find_by_email(connection, EMAIL)?)).await.unwrap();
    assert!(!user.is_administrator());
}
