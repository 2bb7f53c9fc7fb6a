//! Guessing: who waits for whom, and whose address counts. What a flood costs is measured in `tests/cli/`.

use datapass::audit::verify::verify;
use reqwest::header::{COOKIE, HeaderName};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use super::accounts::link;
use super::scene::{Browser, EMAIL, PASSWORD, Page, Redirected as _, Scene, set_cookie};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const OTHER: &str = "personne@mairie.example";

/// A sign-in that comes through a proxy, which has heard it from there.
async fn from(browser: &Browser, forwarded: &str, email: &str, password: &str) -> Response {
    let page = browser.follow("/api/sign_in").await;
    let request = browser.post_sign_in(&page, email, password).header(X_FORWARDED_FOR, forwarded);
    request.send().await.unwrap()
}

/// Strangers, each elsewhere, make the account wait.
async fn strangers_guess(scene: &Scene) {
    let stranger = Browser::new(&scene.url);
    for n in 0..6 {
        let answer = from(&stranger, &format!("198.51.100.{n}"), EMAIL, "autre chose").await;
        let expected = if n < 5 { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::TOO_MANY_REQUESTS };
        assert_eq!(answer.status(), expected, "{n}");
    }
}

#[tokio::test]
async fn strangers_do_not_keep_the_owner_waiting_in_a_browser_they_signed_in_with() {
    let scene = Scene::set().await;
    let owner = &scene.browser;
    let page = owner.follow("/api/sign_in").await;
    let answer = owner.submit(page, EMAIL, PASSWORD).await;
    let cookie = set_cookie(&answer, "datapass_browser").unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");
    owner.get("/oauth/logout").await;
    strangers_guess(&scene).await;

    // Nor on the next try, which does not give the strangers more guesses.
    for _ in 0..2 {
        let page = owner.follow(&scene.authorize("&prompt=login")).await;
        let answer = owner.submit(page, EMAIL, PASSWORD).await;
        assert!(answer.location().as_str().starts_with(&scene.callback()), "{answer:?}");
    }
    let stranger = from(&Browser::new(&scene.url), "198.51.100.99", EMAIL, PASSWORD).await;
    assert_eq!(stranger.status(), StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_known_browser_has_failures_of_its_own() {
    let scene = Scene::set().await;
    let owner = &scene.browser;
    scene.code().await;
    for n in 0..6 {
        let page = owner.follow(&scene.authorize("&prompt=login")).await;
        let answer = owner.submit(page, EMAIL, "autre chose").await;
        let expected = if n < 5 { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::TOO_MANY_REQUESTS };
        assert_eq!(answer.status(), expected, "{n}");
    }
    // Somebody else's account, in the same browser, is nobody's it knows.
    let page = owner.follow(&scene.authorize("&prompt=login")).await;
    assert_eq!(owner.submit(page, OTHER, PASSWORD).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_forged_browser_cookie_is_worth_nothing() {
    let scene = Scene::set().await;
    strangers_guess(&scene).await;
    let browser = Browser { client: reqwest::Client::new(), url: scene.url.clone() };
    let shown = browser.get(&scene.authorize("").replace("/oauth/authorize", "/connexion")).await;
    let form = set_cookie(&shown, "datapass_form").unwrap();
    let page = Page::read(shown).await;
    for forged in ["x.y", "x.", ".", "x", "%00.%00"] {
        let cookies = format!("{}; datapass_browser={forged}", form.split(';').next().unwrap());
        let answer = browser.post_sign_in(&page, EMAIL, PASSWORD).header(COOKIE, cookies).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS, "{forged}");
    }
}

#[tokio::test]
async fn who_resets_the_password_by_mail_does_not_wait_for_strangers() {
    let scene = Scene::set().await;
    scene.code().await;
    let earlier = Browser::new(&scene.url);
    let page = earlier.follow("/api/sign_in").await;
    earlier.submit(page, EMAIL, PASSWORD).await;
    strangers_guess(&scene).await;
    let new = "tournesol brouette quartz";
    let page = scene.browser.follow(&link(&scene, EMAIL).await).await;
    let done = scene.browser.fill(&page, "/users/change-password", &[("password", new)]).await;
    assert_eq!(done.status(), StatusCode::OK);
    let page = scene.browser.follow("/api/sign_in").await;
    assert_eq!(scene.browser.submit(page, EMAIL, new).await.status(), StatusCode::SEE_OTHER);
    // The others are known no more: whoever knew the old password may have been among them.
    let page = earlier.follow("/api/sign_in").await;
    assert_eq!(earlier.submit(page, EMAIL, new).await.status(), StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn an_address_counts_as_the_trusted_proxy_has_heard_it() {
    let scene = Scene::set().await;
    let browser = Browser::new(&scene.url);
    // What the client writes itself does not make another of it.
    for n in 0..20 {
        let answer = from(&browser, &format!("203.0.113.{n}, 198.51.100.7"), &format!("a{n}@exemple.fr"), "x").await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{n}");
    }
    let again = from(&browser, "203.0.113.99, 198.51.100.7", OTHER, "x").await;
    assert_eq!(again.status(), StatusCode::TOO_MANY_REQUESTS);
    // Its neighbours do not wait for it; those of its IPv6 network do.
    assert_eq!(from(&browser, "198.51.100.8", OTHER, "x").await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    for n in 0..20 {
        from(&browser, &format!("2001:db8:1:2::{n:x}"), &format!("b{n}@exemple.fr"), "x").await;
    }
    let again = from(&browser, "2001:db8:1:2:ffff::1", "c@exemple.fr", "x").await;
    assert_eq!(again.status(), StatusCode::TOO_MANY_REQUESTS);
    let beside = from(&browser, "2001:db8:1:3::1", "c@exemple.fr", "x").await;
    assert_eq!(beside.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_neighbour_that_is_no_trusted_proxy_forges_no_address() {
    let scene = Scene::set_with(|config| config.trusted_proxies = vec!["10.1.0.0/16".parse().unwrap()]).await;
    let browser = Browser::new(&scene.url);
    for n in 0..20 {
        let answer = from(&browser, &format!("203.0.113.{n}"), &format!("a{n}@exemple.fr"), "x").await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{n}");
    }
    assert_eq!(from(&browser, "203.0.113.99", OTHER, "x").await.status(), StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_proxy_that_names_nobody_makes_nobody_wait_for_others() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    let page = browser.follow("/api/sign_in").await;
    for n in 0..25 {
        let answer = browser.post_sign_in(&page, &format!("a{n}@exemple.fr"), "x").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{n}");
    }
    let answer = browser.post_sign_in(&page, EMAIL, PASSWORD).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_new_password_is_judged_so_often_before_one_must_wait() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    let page = browser.follow("/users/sign-up").await;
    let sign_up = |password: &'static str| {
        let fields = [("email", OTHER), ("password", password), ("given_name", "D"), ("family_name", "E")];
        let page = &page;
        async move { browser.fill(page, "/users/sign-up", &fields).await }
    };
    for _ in 0..5 {
        assert_eq!(sign_up("motdepasse2026").await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(sign_up("tournesol brouette quartz").await.status(), StatusCode::TOO_MANY_REQUESTS);

    let page = browser.follow(&link(&scene, EMAIL).await).await;
    for n in 0..6 {
        let answer = browser.fill(&page, "/users/change-password", &[("password", "motdepasse2026")]).await;
        let expected = if n < 5 { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::TOO_MANY_REQUESTS };
        assert_eq!(answer.status(), expected, "{n}");
    }
}

/// The refused sign-ins of the audit log: whose account, and how many.
pub async fn refusals(scene: &Scene) -> Vec<Value> {
    let administrator = scene.app.actor("admin", &["administrator"]).await;
    let page = administrator.get("/api/audit?action=session.failed").await.ok();
    let told = |line: &Value| json!([line["actor"], line["object"], line["outcome"], line["times"]]);
    page["items"].as_array().unwrap().iter().map(told).collect()
}

#[tokio::test]
async fn refused_sign_ins_of_an_account_are_one_entry_of_the_audit_log() {
    let scene = Scene::set().await;
    scene.browser.sign_in("/api/sign_in").await;
    strangers_guess(&scene).await;
    let stranger = Browser::new(&scene.url);
    for n in 0..4 {
        from(&stranger, "203.0.113.1", &format!("a{n}@exemple.fr"), "x").await;
    }
    let audit = &scene.app.state.audit;
    audit.flush(&scene.app.state.db).await.unwrap();
    assert_eq!(refusals(&scene).await, [Value::Null; 0], "they are still counted");
    audit.close(&scene.app.state.db).await.unwrap();
    assert_eq!(refusals(&scene).await, [json!(["Camille Exemple", "user", "denied", 6])]);
    verify(&scene.app.state.db, None).await.unwrap();
}

#[tokio::test]
async fn one_address_has_mails_sent_to_so_many_others_before_it_must_wait() {
    let scene = Scene::set().await;
    let asked = async |n: usize, forwarded: &str| {
        let browser = Browser::new(&scene.url);
        let page = browser.follow("/users/reset-password").await;
        let (token, email) = (page.hidden("token"), format!("personne-{n}@mairie.example"));
        let request = browser.client.post(format!("{}/users/reset-password", scene.url));
        let form = [("token", token.as_str()), ("email", &email)];
        request.header(X_FORWARDED_FOR, forwarded).form(&form).send().await.unwrap().status()
    };
    for n in 0..20 {
        assert_eq!(asked(n, "198.51.100.1").await, StatusCode::OK, "{n}");
    }
    assert_eq!(asked(20, "198.51.100.1").await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(asked(21, "198.51.100.2").await, StatusCode::OK);
}
