//! Selecting the organisation to speak for, and the pages that a client asks for with `prompt`.

use datapass::models::membership::{self, Membership};
use datapass::models::{account, organization_domain};
use reqwest::{StatusCode, Url};
use serde_json::{Value, json};
use shared::client::{AuthMethod, Userinfo};
use shared::organization::MembershipSource;

use super::clients::Service;
use super::scene::{EMAIL, PASSWORD, Page, Redirected as _, Scene, address, parameter, with_parameter};

const CLAMART: &str = "21920023500014";
const DINUM: &str = "13002526500013";
const SELECT: &str = "/users/select-organization";

async fn joins(scene: &Scene, siret: &'static str, label: &'static str) {
    let join = move |connection: &mut _| {
        let id = account::credentials(connection, &address(EMAIL))?.unwrap().account_id;
        let membership = Membership::new(siret, label, false, MembershipSource::Domain);
        Ok(membership::insert(connection, id, &membership)?)
    };
    scene.app.state.db.write(join).await.unwrap();
}

async fn leaves(scene: &Scene, siret: &'static str) {
    let leave = move |connection: &mut _| {
        let id = account::credentials(connection, &address(EMAIL))?.unwrap().account_id;
        Ok(membership::delete(connection, id, siret)?)
    };
    scene.app.state.db.write(leave).await.unwrap();
}

/// What a service is told for the code that this address brings.
async fn told(scene: &Scene, service: &Service, back: &Url) -> (Value, Value) {
    let code = parameter(back, "code").unwrap_or_else(|| panic!("no code in {back}"));
    let (status, tokens) = scene.tokens(service, &code).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    let claims = scene.userinfo(tokens["access_token"].as_str().unwrap()).await.json().await.unwrap();
    (tokens, claims)
}

/// A service, and the address where it sends people to be told whom they speak for.
async fn service(scene: &Scene) -> (Service, Url) {
    let service = scene.service("gestion", AuthMethod::Basic, Userinfo::Plain).await;
    let url = scene.authorize_for(&service, "openid organization organizations offline_access").parse().unwrap();
    (service, url)
}

#[tokio::test]
async fn a_member_of_several_organisations_selects_one_and_the_client_is_told() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    let (service, url) = service(&scene).await;
    browser.sign_in("/api/sign_in").await;
    // With one, there is nothing to choose.
    let back = browser.get(url.as_str()).await.location();
    assert_eq!(told(&scene, &service, &back).await.1["siret"], CLAMART);

    joins(&scene, DINUM, "DINUM").await;
    let silent = browser.get(with_parameter(&url, "prompt", "none").as_str()).await.location();
    assert_eq!(parameter(&silent, "error").as_deref(), Some("interaction_required"), "{silent}");
    let page = browser.follow(url.as_str()).await;
    assert!(page.html.contains("Pour quelle organisation agissez-vous"), "{}", page.html);
    assert!(!page.html.contains(" checked"), "nothing was chosen yet: {}", page.html);
    // Only one’s own.
    for siret in ["", "35600000000048", "' OR 1=1"] {
        let refused = Page::read(browser.fill(&page, SELECT, &[("siret", siret)]).await).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{siret}");
        assert!(refused.html.contains("Choisissez l’une de vos organisations."), "{}", refused.html);
    }
    let foreign = browser.client.post(format!("{}{SELECT}", scene.url)).form(&[("siret", DINUM), ("token", "faux")]);
    assert_eq!(foreign.send().await.unwrap().status(), StatusCode::FORBIDDEN);

    let back = browser.fill(&page, SELECT, &[("siret", DINUM)]).await.location();
    let (tokens, claims) = told(&scene, &service, &back).await;
    assert_eq!((&claims["siret"], &claims["label"]), (&json!(DINUM), &json!("DINUM")));
    assert_eq!((&claims["source"], &claims["is_verified"]), (&json!("domain"), &json!(true)));
    assert_eq!(claims["organizations"][0]["siret"], DINUM);
    assert_eq!(claims["organizations"][1]["siret"], CLAMART);
    // It holds for the browser, and for what is refreshed.
    let again = browser.get(url.as_str()).await.location();
    assert_eq!(told(&scene, &service, &again).await.1["siret"], DINUM);
    let (_, refreshed) = scene.refresh(&service, &tokens).await;
    let claims: Value = scene.userinfo(refreshed["access_token"].as_str().unwrap()).await.json().await.unwrap();
    assert_eq!(claims["siret"], DINUM);

    // One that was left is spoken for no more.
    leaves(&scene, DINUM).await;
    let back = browser.get(url.as_str()).await.location();
    assert_eq!(told(&scene, &service, &back).await.1["siret"], CLAMART);
}

#[tokio::test]
async fn prompt_select_organization_shows_the_choice_and_leads_to_joining() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    let (service, url) = service(&scene).await;
    let url = with_parameter(&url, "prompt", "login select_organization");
    // The password once, the choice once.
    let page = browser.follow(url.as_str()).await;
    let choice = browser.submit(page, EMAIL, PASSWORD).await.location();
    assert_eq!(choice.path(), SELECT);
    let page = browser.follow(choice.as_str()).await;
    assert_eq!(organizations(&page.html), 1);
    assert!(page.html.contains(" checked"), "{}", page.html);
    let policy = browser.get(choice.as_str()).await.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.ends_with("form-action 'self' https://gestion.example"), "{policy}");

    let (_, join) = page.html.split_once("href=\"&#x2f;users&#x2f;join-organization").unwrap();
    let join = join.split_once('"').unwrap().0.replace("&#x2f;", "/");
    let approve = |connection: &mut _| Ok(organization_domain::approve(connection, DINUM, "mairie.example", false)?);
    scene.app.state.db.write(approve).await.unwrap();
    let found = browser.follow(&format!("/users/join-organization{join}&siret={DINUM}")).await;
    let joined = browser.fill(&found, "/users/join-organization", &[("siret", DINUM)]).await;
    let page = browser.follow(joined.location().as_str()).await;
    assert_eq!(organizations(&page.html), 2, "{}", page.html);
    let back = browser.fill(&page, SELECT, &[("siret", DINUM)]).await.location();
    assert_eq!(told(&scene, &service, &back).await.1["siret"], DINUM);

    // Asked for again, it is shown again, with the present one checked.
    let url = with_parameter(&url, "prompt", "select_organization");
    let page = browser.follow(url.as_str()).await;
    let (_, checked) = page.html.split_once(&format!("value=\"{DINUM}\"")).unwrap();
    assert!(checked.starts_with(" required checked"), "{checked}");

    // Who has none goes on without.
    leaves(&scene, DINUM).await;
    leaves(&scene, CLAMART).await;
    let page = browser.follow(url.as_str()).await;
    let (_, link) = page
        .html
        .split_once("Continuer sans organisation")
        .map(|(before, _)| before.rsplit_once("href=\"").unwrap())
        .unwrap();
    let link = link.split_once('"').unwrap().0.replace("&#x2f;", "/").replace("&amp;", "&");
    let back = browser.get(&link).await.location();
    assert_eq!(told(&scene, &service, &back).await.1.get("siret"), None);
}

#[tokio::test]
async fn prompt_update_userinfo_and_create_show_their_pages() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    let (service, url) = service(&scene).await;
    let open = with_parameter(&url, "prompt", "create");
    let sign_up = browser.get(open.as_str()).await.location();
    assert_eq!(sign_up.path(), "/users/sign-up");
    assert!(!parameter(&sign_up, "next").unwrap().contains("prompt"), "{sign_up}");
    assert!(browser.follow(sign_up.as_str()).await.html.contains("Créer un compte"));

    browser.sign_in("/api/sign_in").await;
    assert_eq!(browser.get(open.as_str()).await.location().path(), "/users/sign-up");
    let correct = with_parameter(&url, "prompt", "update_userinfo select_organization");
    let page = browser.follow(correct.as_str()).await;
    let answer = browser.fill(&page, SELECT, &[("siret", CLAMART)]).await.location();
    assert_eq!(answer.path(), "/users/personal-information");
    let page = browser.follow(answer.as_str()).await;
    let fields =
        [("given_name", "Dominique"), ("family_name", "Exemple"), ("phone_number", "0102030405"), ("job", "Maire")];
    let back = browser.fill(&page, "/users/personal-information", &fields).await.location();
    assert_eq!(told(&scene, &service, &back).await.1["siret"], CLAMART);

    let known: Value = browser.get("/.well-known/openid-configuration").await.json().await.unwrap();
    for prompt in ["create", "select_organization", "update_userinfo"] {
        assert!(known["prompt_values_supported"].as_array().unwrap().contains(&json!(prompt)), "{prompt}");
    }
}

#[tokio::test]
async fn selecting_an_organisation_requires_sign_in() {
    let scene = Scene::set().await;
    assert_eq!(scene.browser.get(SELECT).await.location().path(), "/api/sign_in");
    scene.browser.sign_in("/api/sign_in").await;
    joins(&scene, DINUM, "DINUM").await;
    let page = scene.browser.follow(SELECT).await;
    let answer = scene.browser.fill(&page, SELECT, &[("siret", DINUM)]).await;
    // DataPass learns of it, and the account is where one comes from.
    let callback = scene.browser.follow_until(answer.location().as_str(), "/api/sign_in/callback").await;
    assert_eq!(scene.browser.get(callback.as_str()).await.location().path(), "/mon-compte");
    assert!(scene.browser.follow(SELECT).await.html.contains("required checked"));
}

/// How many organisations can be chosen; the footer has choices of its own.
fn organizations(page: &str) -> usize {
    page.split("<footer").next().unwrap().matches("type=\"radio\"").count()
}
