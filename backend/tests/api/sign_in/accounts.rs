//! Accounts of the embedded provider: sign-up, password reset, personal information, sessions; and attacks on them.

use std::time::{Duration, Instant};

use datapass::config::Config;
use datapass::connection::types::now;
use datapass::schema::{challenges, password_resets};
use diesel::prelude::*;
use reqwest::StatusCode;
use serde_json::Value;

use super::scene::{Browser, EMAIL, PASSWORD, Page, Redirected as _, Scene, set_cookie};

const NEW: &str = "dominique@mairie.example";
const GOOD: &str = "cheval agrafe pile correct";

/// Fills in the sign-up page; returns the answer.
async fn ask(browser: &Browser, start: &str, email: &str) -> reqwest::Response {
    let page = browser.follow(start).await;
    let fields = [("email", email), ("password", GOOD), ("given_name", "Dominique"), ("family_name", "Exemple")];
    browser.fill(&page, "/users/sign-up", &fields).await
}

async fn last_mail(scene: &Scene, to: &str) -> (String, String) {
    let mails = scene.app.mails().await;
    let (_, subject, body) = mails.into_iter().rev().find(|(recipient, ..)| recipient == to).unwrap();
    (subject, body)
}

async fn code_sent(scene: &Scene, to: &str) -> String {
    let (subject, _) = last_mail(scene, to).await;
    let code = subject[..8].to_owned();
    assert!(code.len() == 8 && code.bytes().all(|b| b.is_ascii_digit()), "{subject}");
    code
}

async fn try_code(browser: &Browser, code: &str) -> reqwest::Response {
    let page = browser.follow("/users/verify-email").await;
    browser.fill(&page, "/users/verify-email", &[("code", code)]).await
}

fn other_than(code: &str) -> String {
    format!("{:08}", (code.parse::<u32>().unwrap() + 1) % 100_000_000)
}

/// Asks for a link; returns its address.
pub async fn link(scene: &Scene, email: &str) -> String {
    let page = scene.browser.follow("/users/reset-password").await;
    let asked = scene.browser.fill(&page, "/users/reset-password", &[("email", email)]).await;
    assert_eq!(asked.status(), StatusCode::OK);
    let (_, body) = last_mail(scene, email).await;
    let (_, rest) = body.split_once("/users/change-password?").unwrap();
    format!("/users/change-password?{}", rest.split_whitespace().next().unwrap())
}

#[tokio::test]
async fn sign_up_signs_in_and_leads_to_the_destination() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    let page = browser.follow("/api/sign_in?return_to=/demandes/nouvelle").await;
    let (_, rest) = page.html.split_once("href=\"/users/sign-up?").unwrap();
    let link =
        format!("/users/sign-up?{}", rest.split_once('"').unwrap().0).replace("&amp;", "&").replace("&#x2f;", "/");

    let asked = ask(browser, &link, " Dominique@Mairie.example").await;
    assert_eq!(asked.location().path(), "/users/verify-email");
    let answer = try_code(browser, &code_sent(&scene, NEW).await).await;
    assert_eq!(answer.location().path(), "/users/join-organization");
    let page = browser.follow(answer.location().as_str()).await;
    let (before, _) = page.html.split_once("\">Continuer sans rejoindre").unwrap();
    let on = before.rsplit_once("href=\"").unwrap().1.replace("&amp;", "&").replace("&#x2f;", "/");
    let callback = browser.get(&on).await.location();
    assert_eq!(callback.path(), "/api/sign_in/callback");
    let end = browser.get(callback.as_str()).await.location();
    assert_eq!(end.path(), "/demandes/nouvelle");
    let user = browser.session().await["user"].take();
    assert_eq!(user["email"], NEW);
    assert_eq!(user["email_verified"], true);
    assert_eq!(user["given_name"], "Dominique");
    assert_eq!(user["organizations"], Value::Array(Vec::new()));

    // The password is theirs, and no code lies about.
    let other = Browser::new(&scene.url);
    let page = other.follow("/api/sign_in").await;
    assert_eq!(other.submit(page, NEW, GOOD).await.location().path(), "/api/sign_in/callback");
    let waiting = scene.app.state.db.read(|c| Ok(datapass::schema::outbox::table.count().get_result::<i64>(c)?));
    assert_eq!(waiting.await.unwrap(), 0);
}

#[tokio::test]
async fn sign_up_does_not_reveal_accounts() {
    let scene = Scene::set().await;
    let mut pages = Vec::new();
    for email in [EMAIL, NEW] {
        let browser = Browser::new(&scene.url);
        let asked = ask(&browser, "/users/sign-up", email).await;
        assert_eq!(asked.status(), StatusCode::SEE_OTHER);
        let shown = browser.follow("/users/verify-email").await;
        let wrong = Page::read(browser.fill(&shown, "/users/verify-email", &[("code", "00000000")]).await).await;
        let again = Page::read(browser.fill(&wrong, "/users/send-email-verification", &[]).await).await;
        let texts = [&shown, &wrong, &again].map(|page| {
            let token = page.hidden("token");
            (page.status, page.html.replace(email, "").replace(&token, ""))
        });
        pages.push((asked.location(), texts));
    }
    assert_eq!(pages[0], pages[1]);
    let (subject, body) = last_mail(&scene, EMAIL).await;
    assert_eq!(subject, "Vous avez déjà un compte DataPass");
    assert!(body.contains("/users/reset-password"), "{body}");
}

/// The fastest of many answers: the more there are, the less of it is due to what else the machine does. A difference that
/// is in the program stays however many there are.
#[tokio::test]
async fn sign_up_timing_does_not_reveal_accounts() {
    let mut fastest = [Duration::MAX; 2];
    for _ in 0..20 {
        let scene = Scene::set().await; // anew, as only a few mails go to an address
        for _ in 0..4 {
            for (fastest, email) in fastest.iter_mut().zip([EMAIL, NEW]) {
                let browser = Browser::new(&scene.url);
                let page = browser.follow("/users/sign-up").await;
                let fields = [("email", email), ("password", GOOD), ("given_name", "D"), ("family_name", "E")];
                let start = Instant::now();
                browser.fill(&page, "/users/sign-up", &fields).await;
                *fastest = start.elapsed().min(*fastest);
            }
        }
        let [known, unknown] = fastest;
        if known < unknown * 2 && unknown < known * 2 {
            return;
        }
    }
    panic!("known and unknown: {fastest:?}");
}

#[tokio::test]
async fn an_email_code_allows_five_attempts_in_its_browser_for_ten_minutes() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    ask(browser, "/users/sign-up", NEW).await;
    let code = code_sent(&scene, NEW).await;

    // In another browser, which has asked for one too, it is worth nothing.
    let other = Browser::new(&scene.url);
    assert_eq!(other.get("/users/verify-email").await.location().path(), "/users/sign-up");
    ask(&other, "/users/sign-up", "autre@mairie.example").await;
    assert_eq!(try_code(&other, &code).await.status(), StatusCode::UNPROCESSABLE_ENTITY);

    for _ in 0..5 {
        let page = Page::read(try_code(browser, &other_than(&code)).await).await;
        assert!(page.html.contains("Ce code n’est pas celui du dernier message"), "{}", page.html);
    }
    let page = Page::read(try_code(browser, &code).await).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.html.contains("Ce code n’est plus valable"), "{}", page.html);

    // Another code: the former is over, and so is this one ten minutes later.
    browser.fill(&page, "/users/send-email-verification", &[]).await;
    let second = code_sent(&scene, NEW).await;
    assert_eq!(try_code(browser, &code).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let late = scene.app.state.db.write(|connection| {
        let before = now().naive_utc() - chrono::Duration::seconds(1);
        Ok(diesel::update(challenges::table).set(challenges::expires_at.eq(before)).execute(connection)?)
    });
    late.await.unwrap();
    assert_eq!(try_code(browser, &second).await.status(), StatusCode::UNPROCESSABLE_ENTITY);

    let page = browser.follow("/users/verify-email").await;
    browser.fill(&page, "/users/send-email-verification", &[]).await;
    let third = code_sent(&scene, NEW).await;
    let spaced = format!("{} {}", &third[..4], &third[4..]);
    assert_eq!(try_code(browser, &spaced).await.status(), StatusCode::SEE_OTHER);
    // Once.
    assert_eq!(browser.get("/users/verify-email").await.location().path(), "/users/sign-up");
}

#[tokio::test]
async fn mails_to_one_address_are_limited() {
    let scene = Scene::set().await;
    for _ in 0..5 {
        assert_eq!(ask(&Browser::new(&scene.url), "/users/sign-up", NEW).await.status(), StatusCode::SEE_OTHER);
    }
    let page = Page::read(ask(&scene.browser, "/users/sign-up", NEW).await).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(page.retry_after.is_some());
    let page = scene.browser.follow("/users/reset-password").await;
    let refused = scene.browser.fill(&page, "/users/reset-password", &[("email", NEW)]).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(scene.app.mails().await.len(), 5);
}

#[tokio::test]
async fn sign_ups_from_one_address_are_limited() {
    let direct = |config: &mut Config| (config.quotas.sign_ups, config.trusted_proxies) = (1, Vec::new());
    let scene = Scene::set_with(direct).await;
    assert_eq!(ask(&scene.browser, "/users/sign-up", NEW).await.status(), StatusCode::SEE_OTHER);
    let page = Page::read(ask(&Browser::new(&scene.url), "/users/sign-up", "autre@mairie.example").await).await;
    assert_eq!((page.status, page.retry_after.is_some()), (StatusCode::TOO_MANY_REQUESTS, true));
    assert!(page.html.contains("Trop de comptes ont été demandés depuis votre réseau."), "{}", page.html);
    assert_eq!(scene.app.mails().await.len(), 1);
}

#[tokio::test]
async fn sign_up_shows_errors_and_keeps_the_input() {
    let scene = Scene::set().await;
    let page = scene.browser.follow("/users/sign-up").await;
    let fields = [("email", "sans arobase"), ("password", "motdepasse"), ("given_name", "Zoé")];
    let page = Page::read(scene.browser.fill(&page, "/users/sign-up", &fields).await).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for text in [
        "<a href=\"#email\">Indiquez une adresse électronique",
        "<a href=\"#password\">Choisissez un mot de passe d’au moins 12 caractères",
        "<a href=\"#family_name\">Indiquez votre nom.",
        "value=\"Zoé\"",
    ] {
        assert!(page.html.contains(text), "{text} in {}", page.html);
    }
    assert!(!page.html.contains("motdepasse"));
    // Whether it is easily guessed is told once the rest is right.
    let right = [("email", NEW), ("password", "motdepasse2026"), ("given_name", "Zoé"), ("family_name", "Exemple")];
    let guessable = Page::read(scene.browser.fill(&page, "/users/sign-up", &right).await).await;
    assert_eq!(guessable.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = "<a href=\"#password\">Ce mot de passe est trop facile à deviner.";
    assert!(guessable.html.contains(text) && !guessable.html.contains("motdepasse2026"), "{}", guessable.html);
    let foreign = Browser::new(&scene.url).fill(&page, "/users/sign-up", &fields).await;
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn sign_up_replaces_a_planted_session() {
    let scene = Scene::set().await;
    ask(&scene.browser, "/users/sign-up", NEW).await;
    let code = code_sent(&scene, NEW).await;
    let page = scene.browser.follow("/users/verify-email").await;
    let form = [("token", page.hidden("token")), ("code", code)];
    let request = scene.browser.client.post(format!("{}/users/verify-email", scene.url)).form(&form);
    let answer = request.send().await.unwrap();
    let first = set_cookie(&answer, "datapass_provider").unwrap();
    // The same browser, somebody else: another session.
    ask(&scene.browser, "/users/sign-up", "autre@mairie.example").await;
    let code = code_sent(&scene, "autre@mairie.example").await;
    let second = set_cookie(&try_code(&scene.browser, &code).await, "datapass_provider").unwrap();
    assert_ne!(first, second);
    let planted = first.split(';').next().unwrap().to_owned();
    let old = Browser::new(&scene.url);
    let request = old.client.get(format!("{}/users/personal-information", scene.url));
    let answer = request.header(reqwest::header::COOKIE, planted).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_password_reset_link_works_once_and_ends_every_session() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    browser.sign_in("/api/sign_in").await;
    let first = link(&scene, EMAIL).await;
    let second = link(&scene, EMAIL).await;

    // Programs that look into mails open links.
    for _ in 0..2 {
        assert_eq!(browser.follow(&second).await.status, StatusCode::OK);
    }
    let page = browser.follow(&second).await;
    let weak = browser.fill(&page, "/users/change-password", &[("password", "camille@mairie.example")]).await;
    assert_eq!(weak.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let changed = Page::read(browser.fill(&page, "/users/change-password", &[("password", GOOD)]).await).await;
    assert_eq!(changed.status, StatusCode::OK);
    assert!(changed.html.contains("Votre mot de passe a été changé"), "{}", changed.html);
    assert_eq!(last_mail(&scene, EMAIL).await.0, "Votre mot de passe DataPass a été changé");

    // Neither this link nor the other serves again.
    assert_eq!(browser.fill(&page, "/users/change-password", &[("password", GOOD)]).await.status(), StatusCode::GONE);
    for used in [&first, &second] {
        assert_eq!(browser.get(used).await.status(), StatusCode::GONE);
    }
    assert!(!browser.is_signed_in().await);
    let page = browser.follow("/api/sign_in").await;
    assert!(page.html.contains("Mot de passe"), "{}", page.html);
    let old = browser.submit(page, EMAIL, PASSWORD).await;
    assert_eq!(old.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = browser.follow("/api/sign_in").await;
    assert_eq!(browser.submit(page, EMAIL, GOOD).await.location().path(), "/api/sign_in/callback");
}

#[tokio::test]
async fn a_password_reset_link_expires_and_needs_an_account() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    let late = link(&scene, EMAIL).await;
    let expire = scene.app.state.db.write(|connection| {
        let before = now().naive_utc() - chrono::Duration::seconds(1);
        Ok(diesel::update(password_resets::table).set(password_resets::expires_at.eq(before)).execute(connection)?)
    });
    expire.await.unwrap();
    for address in [late.as_str(), "/users/change-password", "/users/change-password?token=inconnu"] {
        assert_eq!(browser.get(address).await.status(), StatusCode::GONE, "{address}");
    }

    let mut pages = Vec::new();
    for email in [EMAIL, NEW] {
        let page = browser.follow("/users/reset-password").await;
        let page = Page::read(browser.fill(&page, "/users/reset-password", &[("email", email)]).await).await;
        pages.push((page.status, page.html.replace(email, "")));
    }
    assert_eq!(pages[0], pages[1]);
    assert_eq!(last_mail(&scene, NEW).await.0, "Aucun compte DataPass à cette adresse");
}

#[tokio::test]
async fn changed_personal_information_reaches_datapass() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    assert_eq!(browser.get("/users/personal-information").await.location().path(), "/api/sign_in");
    browser.sign_in("/api/sign_in").await;
    let page = browser.follow("/users/personal-information?return_to=/demandes").await;
    assert!(page.html.contains("value=\"Secrétaire de mairie\""), "{}", page.html);
    let fields = [("given_name", "Camille"), ("family_name", "Autre"), ("phone_number", "abc"), ("job", "")];
    let wrong = Page::read(browser.fill(&page, "/users/personal-information", &fields).await).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.html.contains("<a href=\"#phone_number\">") && wrong.html.contains("<a href=\"#job\">"));
    let fields =
        [("given_name", "Camille"), ("family_name", "Autre"), ("phone_number", "0102030405"), ("job", "Maire")];
    let next = browser.fill(&wrong, "/users/personal-information", &fields).await.location();
    let callback = browser.follow_until(next.as_str(), "/api/sign_in/callback").await;
    assert_eq!(browser.get(callback.as_str()).await.location().path(), "/demandes");
    let user = browser.session().await["user"].take();
    assert_eq!((&user["family_name"], &user["job"]), (&"Autre".into(), &"Maire".into()));
}

#[tokio::test]
async fn a_new_address_is_verified_and_the_old_one_is_notified() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    browser.sign_in("/api/sign_in").await;
    let page = browser.follow("/users/change-email").await;
    let wrong = browser.fill(&page, "/users/change-email", &[("email", NEW), ("password", "autre chose")]).await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let asked = browser.fill(&page, "/users/change-email", &[("email", NEW), ("password", PASSWORD)]).await;
    assert_eq!(asked.location().path(), "/users/verify-email");
    assert_eq!(browser.session().await["user"]["email"], EMAIL);

    let next = try_code(browser, &code_sent(&scene, NEW).await).await.location();
    let callback = browser.follow_until(next.as_str(), "/api/sign_in/callback").await;
    browser.get(callback.as_str()).await;
    assert_eq!(browser.session().await["user"]["email"], NEW);
    assert_eq!(last_mail(&scene, EMAIL).await.0, "L’adresse de votre compte DataPass a été changée");
}

#[tokio::test]
async fn a_new_password_ends_every_other_session() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    browser.sign_in("/api/sign_in").await;
    let other = Browser::new(&scene.url);
    other.sign_in("/api/sign_in").await;

    let page = browser.follow("/users/password").await;
    let wrong = browser.fill(&page, "/users/password", &[("current", "autre"), ("password", GOOD)]).await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let weak = browser.fill(&page, "/users/password", &[("current", PASSWORD), ("password", "court")]).await;
    assert_eq!(weak.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let changed = browser.fill(&page, "/users/password", &[("current", PASSWORD), ("password", GOOD)]).await;
    assert!(set_cookie(&changed, "datapass_provider").is_some());
    assert!(browser.is_signed_in().await, "the session at hand goes on");
    assert!(!other.is_signed_in().await);
    let callback = browser.follow_until(changed.location().as_str(), "/api/sign_in/callback").await;
    let back = browser.get(callback.as_str()).await.location();
    assert_eq!((back.path(), back.query()), ("/mon-compte", Some("fait=mot-de-passe")));
    assert!(browser.is_signed_in().await);
    assert!(other.follow("/api/sign_in").await.html.contains("Mot de passe"));
    assert_eq!(last_mail(&scene, EMAIL).await.0, "Votre mot de passe DataPass a été changé");
}
