//! Second factors: turning one on and off, signing in with it, recovery codes; and attacks on them.

use datapass::connection::types::now;
use datapass::error::Error;
use datapass::identity;
use datapass::models::{account, role, second_factor};
use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::user::{NewRoleChange, Role};
use totp_rs::{Builder, Secret, Totp};

use super::accounts::link;
use super::guessing::refusals;
use super::scene::{Browser, EMAIL, PASSWORD, Page, Redirected as _, Scene, address, parameter, set_cookie};

const PATH: &str = "/users/account/second-factor";
const KEY_PATH: &str = "/users/account/second-factor/key";

/// The application of the account's owner. Each code serves once, so its clock goes on by a step with each; the provider
/// takes two of them, this one and the next.
pub struct Application {
    totp: Totp,
    next: u64,
}

impl Application {
    /// Reads the key of the page as somebody does who has no camera.
    fn of(page: &Page) -> Self {
        let (_, rest) = page.html.split_once("dp-key\">").unwrap_or_else(|| panic!("no key in {}", page.html));
        let key = rest.split_once('<').unwrap().0.replace(' ', "");
        let totp = Builder::new().with_secret(Secret::try_from_base32(&key).unwrap()).build().unwrap();
        Self { totp, next: u64::try_from(now().timestamp()).unwrap() }
    }

    pub fn code(&mut self) -> String {
        let code = self.totp.generate(self.next).to_string();
        self.next += 30;
        code
    }
}

/// Six digits that are no code of the application’s.
fn other_than(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 500_000) % 1_000_000)
}

/// Gives the password again, and opens the page with the key.
async fn begin(browser: &Browser, start: &str) -> Page {
    let page = browser.follow(start).await;
    let begun = browser.fill(&page, PATH, &[("password", PASSWORD)]).await.location();
    assert_eq!(begun.path(), KEY_PATH);
    browser.follow(begun.as_str()).await
}

/// Turns the second factor on in a browser that is signed in; the recovery codes.
pub async fn turn_on(browser: &Browser) -> (Application, Vec<String>) {
    let page = begin(browser, PATH).await;
    let mut application = Application::of(&page);
    let done = Page::read(browser.fill(&page, KEY_PATH, &[("code", &application.code())]).await).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.html);
    (application, recovery_codes(&done))
}

fn recovery_codes(page: &Page) -> Vec<String> {
    let items = page.html.split("dp-key\">").skip(1);
    items.map(|item| item.split_once('<').unwrap().0.to_owned()).collect()
}

/// Gives the right password; the page that asks for the code.
pub async fn ask_for_code(browser: &Browser, start: &str) -> Page {
    let page = browser.follow(start).await;
    let asked = browser.submit(page, EMAIL, PASSWORD).await;
    assert_eq!(set_cookie(&asked, "datapass_provider"), None);
    assert_eq!(asked.location().path(), "/connexion/code");
    browser.follow(asked.location().as_str()).await
}

pub async fn try_code(browser: &Browser, page: &Page, code: &str) -> reqwest::Response {
    let (request, token) = (page.hidden("request"), page.hidden("token"));
    let form = [("request", request.as_str()), ("token", &token), ("code", code)];
    browser.client.post(format!("{}/connexion/code", browser.url)).form(&form).send().await.unwrap()
}

fn claims(id_token: &str) -> Value {
    use base64::Engine as _;
    let payload = id_token.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

async fn subjects(scene: &Scene) -> Vec<String> {
    scene.app.mails().await.into_iter().filter(|(to, ..)| to == EMAIL).map(|(_, subject, _)| subject).collect()
}

async fn stored_key(scene: &Scene) -> String {
    let read = scene.app.state.db.read(|c| {
        let account = account::credentials(c, &address(EMAIL))?.unwrap().account_id;
        Ok(second_factor::secret(c, account)?.unwrap())
    });
    read.await.unwrap()
}

pub async fn make_instructor(scene: &Scene) {
    let role: Role = "api_particulier:instructor".parse().unwrap();
    let change = NewRoleChange { email: EMAIL.to_owned(), role, granted: true, reason: "Test".to_owned() };
    let given = scene.app.state.db.write(move |c| Ok(role::change(c, &change, None, now().naive_utc())?));
    given.await.unwrap();
}

#[tokio::test]
async fn a_second_factor_is_turned_on_and_then_asked_for() {
    let scene = Scene::set().await;
    let (browser, elsewhere) = (&scene.browser, Browser::new(&scene.url));
    elsewhere.sign_in("/api/sign_in").await;
    browser.sign_in("/api/sign_in").await;
    let (mut application, codes) = turn_on(browser).await;
    assert_eq!(codes.len(), 10);
    assert!(subjects(&scene).await.contains(&"Un second facteur protège votre compte DataPass".to_owned()));
    // The password alone had opened the others; the session at hand goes on.
    assert!(!elsewhere.is_signed_in().await);
    assert!(elsewhere.follow("/users/password").await.html.contains("Mot de passe"));
    assert!(browser.is_signed_in().await);
    let state = browser.get("/api/me/second_factor").await.json::<Value>().await.unwrap();
    assert_eq!(state, json!({"is_on": true, "recovery_codes": 10, "is_required": false}));

    let page = ask_for_code(&elsewhere, "/api/sign_in?return_to=/demandes").await;
    let response = try_code(&elsewhere, &page, &application.code()).await;
    assert!(set_cookie(&response, "datapass_provider").is_some());
    let callback = response.location();
    assert_eq!(callback.path(), "/api/sign_in/callback");
    assert_eq!(elsewhere.get(callback.as_str()).await.location().path(), "/demandes");
    assert!(elsewhere.is_signed_in().await);
}

#[tokio::test]
async fn id_tokens_say_how_one_signed_in() {
    let scene = Scene::set().await;
    let tokens: Value = scene.exchange(&[], &scene.code().await).await.json().await.unwrap();
    assert_eq!(claims(tokens["id_token"].as_str().unwrap())["amr"], serde_json::json!(["pwd"]));
    let (mut application, _) = turn_on(&scene.browser).await;
    // Giving the password again asks for the code again.
    let page = ask_for_code(&scene.browser, &scene.authorize("&prompt=login")).await;
    let location = try_code(&scene.browser, &page, &application.code()).await.location();
    let tokens: Value = scene.exchange(&[], &parameter(&location, "code").unwrap()).await.json().await.unwrap();
    assert_eq!(claims(tokens["id_token"].as_str().unwrap())["amr"], serde_json::json!(["pwd", "otp"]));
}

#[tokio::test]
async fn a_totp_code_works_once_and_earlier_ones_no_more() {
    let scene = Scene::set().await;
    scene.browser.sign_in("/api/sign_in").await;
    let page = begin(&scene.browser, PATH).await;
    let mut application = Application::of(&page);
    let (first, next) = (application.code(), application.code());
    scene.browser.fill(&page, KEY_PATH, &[("code", &first)]).await;
    let browser = Browser::new(&scene.url);
    let page = ask_for_code(&browser, "/api/sign_in").await;
    assert_eq!(try_code(&browser, &page, &next).await.status(), StatusCode::SEE_OTHER);
    let other = Browser::new(&scene.url);
    let page = ask_for_code(&other, "/api/sign_in").await;
    for used in [next, first] {
        let answer = Page::read(try_code(&other, &page, &used).await).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.html.contains("ou il a déjà servi"), "{}", answer.html);
    }
    assert!(!other.is_signed_in().await);
}

#[tokio::test]
async fn after_five_wrong_codes_even_the_right_one_must_wait() {
    let scene = Scene::set().await;
    scene.browser.sign_in("/api/sign_in").await;
    let (mut application, codes) = turn_on(&scene.browser).await;
    let right = application.code();
    let browser = Browser::new(&scene.url);
    let page = ask_for_code(&browser, "/api/sign_in").await;
    for _ in 0..5 {
        assert_eq!(try_code(&browser, &page, &other_than(&right)).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    // Giving the right password again does not help, nor does another browser, nor a recovery code.
    let other = Browser::new(&scene.url);
    let page = ask_for_code(&other, "/api/sign_in").await;
    for code in [&right, &codes[0]] {
        let answer = Page::read(try_code(&other, &page, code).await).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(answer.retry_after.is_some() && answer.html.contains("Réessayez dans"), "{}", answer.html);
    }
    scene.app.state.audit.close(&scene.app.state.db).await.unwrap();
    assert_eq!(refusals(&scene).await, [json!(["Camille Exemple", "user", "denied", 7])]);
}

#[tokio::test]
async fn a_recovery_code_works_once_and_the_owner_is_notified() {
    let scene = Scene::set().await;
    scene.browser.sign_in("/api/sign_in").await;
    let (_, codes) = turn_on(&scene.browser).await;
    let browser = Browser::new(&scene.url);
    let page = ask_for_code(&browser, "/api/sign_in").await;
    let typed = codes[3].to_lowercase().replace('-', " ");
    assert_eq!(try_code(&browser, &page, &typed).await.location().path(), "/api/sign_in/callback");
    let (_, _, body) = scene.app.mails().await.pop().unwrap();
    assert!(body.contains("Il en reste 9."), "{body}");
    assert!(browser.follow(PATH).await.html.contains("9 codes de secours"));

    let other = Browser::new(&scene.url);
    let page = ask_for_code(&other, "/api/sign_in").await;
    assert_eq!(try_code(&other, &page, &codes[3]).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let stored = scene.app.state.db.read(|c| {
        use diesel::prelude::*;
        Ok(datapass::schema::recovery_codes::table
            .select(datapass::schema::recovery_codes::code_hash)
            .load::<String>(c)?)
    });
    assert!(stored.await.unwrap().iter().all(|hash| hash.len() == 43 && !codes.contains(hash)));
}

#[tokio::test]
async fn the_second_step_belongs_to_the_browser_of_the_first() {
    let scene = Scene::set().await;
    scene.browser.sign_in("/api/sign_in").await;
    let (mut application, _) = turn_on(&scene.browser).await;
    let browser = Browser::new(&scene.url);
    let page = ask_for_code(&browser, "/api/sign_in").await;
    let code = application.code();

    let other = Browser::new(&scene.url);
    assert_eq!(try_code(&other, &page, &code).await.location().path(), "/connexion");
    let shown = other.get(&scene.authorize("").replace("/oauth/authorize", "/connexion/code")).await;
    assert_eq!(shown.location().path(), "/connexion");
    let request = page.hidden("request");
    let form = [("request", request.as_str()), ("token", "forged"), ("code", &code)];
    let forged = browser.client.post(format!("{}/connexion/code", scene.url)).form(&form).send().await.unwrap();
    assert_eq!(forged.status(), StatusCode::FORBIDDEN);
    // Another password makes what waits void.
    let closed = scene.app.state.db.write(|c| {
        let account = account::credentials(c, &address(EMAIL))?.unwrap().account_id;
        let sub = account::find(c, account)?.sub;
        Ok(datapass::models::account::end_access(c, &[sub], now().naive_utc())?)
    });
    closed.await.unwrap();
    assert_eq!(try_code(&browser, &page, &code).await.location().path(), "/connexion");
}

#[tokio::test]
async fn a_password_reset_keeps_the_second_factor() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    browser.sign_in("/api/sign_in").await;
    turn_on(browser).await;
    let page = browser.follow(&link(&scene, EMAIL).await).await;
    let other = "quatre mots sans aucun rapport";
    assert_eq!(browser.fill(&page, "/users/change-password", &[("password", other)]).await.status(), StatusCode::OK);
    let page = browser.follow("/api/sign_in").await;
    assert_eq!(browser.submit(page, EMAIL, other).await.location().path(), "/connexion/code");
}

#[tokio::test]
async fn an_operator_removes_a_lost_second_factor() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    browser.sign_in("/api/sign_in").await;
    turn_on(browser).await;
    let remove = |email: &str| datapass::identity::remove_second_factor(&scene.app.state, email.to_owned());
    assert!(matches!(remove("personne@mairie.example").await, Err(Error::NotFound)));
    remove(EMAIL).await.unwrap();
    assert!(!browser.is_signed_in().await);
    assert_eq!(subjects(&scene).await.pop().unwrap(), "Le second facteur de votre compte DataPass a été retiré");
    browser.sign_in("/api/sign_in").await;
    assert!(matches!(remove(EMAIL).await, Err(Error::NotFound)), "there is none left");
}

#[tokio::test]
async fn setting_up_a_second_factor_asks_for_the_password_and_a_first_code() {
    let scene = Scene::set().await;
    let (browser, other) = (&scene.browser, Browser::new(&scene.url));
    browser.sign_in("/api/sign_in").await;
    other.sign_in("/api/sign_in").await;
    let page = browser.follow(PATH).await;
    let wrong = browser.fill(&page, PATH, &[("password", "autre chose")]).await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(browser.get(KEY_PATH).await.location().path(), PATH);

    let page = begin(browser, PATH).await;
    assert!(page.html.contains("src=\"data:image&#x2f;svg+xml;base64,"), "{}", page.html);
    assert_eq!(other.get(KEY_PATH).await.location().path(), PATH);
    let code = Application::of(&page).code();
    let wrong = Page::read(browser.fill(&page, KEY_PATH, &[("code", &other_than(&code))]).await).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(Application::of(&wrong).code(), code);
    assert!(browser.follow(PATH).await.html.contains("Activer le second facteur"));
}

#[tokio::test]
async fn turning_the_second_factor_off_asks_for_password_and_code() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    browser.sign_in("/api/sign_in").await;
    let (mut application, codes) = turn_on(browser).await;
    let renew = format!("{PATH}/recovery-codes");
    let page = browser.follow(&renew).await;
    let fields = [("password", PASSWORD), ("code", &application.code())];
    let renewed = Page::read(browser.fill(&page, &renew, &fields).await).await;
    assert_eq!(renewed.status, StatusCode::OK);
    let newer = recovery_codes(&renewed);
    assert!(newer.len() == 10 && newer.iter().all(|code| !codes.contains(code)));

    let off = format!("{PATH}/off");
    let page = browser.follow(&off).await;
    for (password, code) in [(PASSWORD, codes[0].as_str()), ("autre chose", &newer[0]), (PASSWORD, "")] {
        let refused = browser.fill(&page, &off, &[("password", password), ("code", code)]).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{password} {code}");
    }
    let done = browser.fill(&page, &off, &[("password", PASSWORD), ("code", &newer[0])]).await;
    assert_eq!(parameter(&done.location(), "return_to").unwrap(), "/mon-compte?fait=second-facteur-desactive");
    assert!(browser.is_signed_in().await);
    let subjects = subjects(&scene).await;
    assert!(subjects.contains(&"De nouveaux codes de secours pour votre compte DataPass".to_owned()), "{subjects:?}");
    assert!(subjects.contains(&"Le second facteur de votre compte DataPass a été retiré".to_owned()), "{subjects:?}");
    Browser::new(&scene.url).sign_in("/api/sign_in").await;
}

#[tokio::test]
async fn instructors_must_set_up_a_second_factor_where_it_is_required() {
    let scene = Scene::set_with(|config| config.require_mfa = true).await;
    // An applicant need not.
    Browser::new(&scene.url).sign_in("/api/sign_in").await;
    make_instructor(&scene).await;

    let browser = &scene.browser;
    let page = browser.follow("/api/sign_in?return_to=/demandes").await;
    let led = browser.submit(page, EMAIL, PASSWORD).await.location();
    assert_eq!(led.path(), PATH);
    // No way round: not by asking again, for this client or another, with or without a page.
    assert_eq!(browser.get(&scene.authorize("")).await.location().path(), PATH);
    let silent = browser.get(&scene.authorize("&prompt=none")).await.location();
    assert_eq!((parameter(&silent, "code"), parameter(&silent, "error").as_deref()), (None, Some("login_required")));

    let page = browser.follow(led.as_str()).await;
    assert!(page.html.contains("Votre rôle demande un second facteur"), "{}", page.html);
    let page = begin(browser, led.as_str()).await;
    let mut application = Application::of(&page);
    let done = Page::read(browser.fill(&page, KEY_PATH, &[("code", &application.code())]).await).await;
    let (before, _) = done.html.split_once("\">J’ai gardé").unwrap();
    let onwards = before.rsplit_once("href=\"").unwrap().1.replace("&amp;", "&").replace("&#x2f;", "/");
    let callback = browser.get(&onwards).await.location();
    assert_eq!(callback.path(), "/api/sign_in/callback");
    assert_eq!(browser.get(callback.as_str()).await.location().path(), "/demandes");
    assert!(browser.is_signed_in().await);

    // Who takes it away is led to set up another.
    let off = format!("{PATH}/off");
    let page = browser.follow(&off).await;
    browser.fill(&page, &off, &[("password", PASSWORD), ("code", &application.code())]).await;
    let session = browser.session().await;
    assert_eq!((&session["user"]["roles"], &session["lacks_second_factor"]), (&json!([]), &json!(true)));
    assert!(browser.follow("/api/sign_in").await.html.contains("Votre rôle demande un second facteur"));
}

#[tokio::test]
async fn a_role_waiting_for_an_address_requires_a_second_factor_too() {
    let scene = Scene::set_with(|config| config.require_mfa = true).await;
    make_instructor(&scene).await;
    let page = scene.browser.follow("/api/sign_in").await;
    assert_eq!(scene.browser.submit(page, EMAIL, PASSWORD).await.location().path(), PATH);
}

#[tokio::test]
async fn second_factor_keys_are_sealed_even_those_stored_before() {
    let secret_key = "0123456789abcdef0123456789abcdef";
    let scene = Scene::set_with(|config| config.secret_key = Some(secret_key.to_owned())).await;
    scene.browser.sign_in("/api/sign_in").await;
    let (mut application, _) = turn_on(&scene.browser).await;
    let sealed = stored_key(&scene).await;
    assert!(sealed.starts_with("sealed:v1:"), "{sealed}");

    // As it was stored before there was a `SECRET_KEY`.
    let plain = application.totp.secret().to_base32();
    let unsealed = plain.clone();
    let state = &scene.app.state;
    let unseal = state.db.write(move |c| {
        let account = account::credentials(c, &address(EMAIL))?.unwrap().account_id;
        Ok(second_factor::seal(c, account, &unsealed)?)
    });
    unseal.await.unwrap();
    identity::maintain_keys(state).await.unwrap();
    let again = stored_key(&scene).await;
    assert!(again.starts_with("sealed:v1:") && again != sealed && !again.contains(&plain), "{again}");
    let browser = Browser::new(&scene.url);
    let page = ask_for_code(&browser, "/api/sign_in").await;
    assert_eq!(try_code(&browser, &page, &application.code()).await.location().path(), "/api/sign_in/callback");
}
