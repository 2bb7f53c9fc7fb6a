//! Sign-ins that have left for the provider: sealed cookies of the browser, and nothing here.

use std::collections::BTreeMap;
use std::sync::mpsc;
use std::time::Duration;

use datapass::connection::AnyConnection;
use datapass::connection::types::now;
use datapass::state::AppState;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::{Response, Url};
use serde_json::{Value, json};

use super::failed;
use super::scene::{Browser, EMAIL, PASSWORD, Redirected as _, Scene, parameter};
use crate::support::http;

/// The cookies of a browser, which a test may look at and change.
struct Jar {
    cookies: Vec<(String, String)>,
    url: String,
}

impl Jar {
    fn new(scene: &Scene) -> Self {
        Self { cookies: Vec::new(), url: scene.url.clone() }
    }

    fn header(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    async fn get(&mut self, path: &str) -> Response {
        let url = if path.starts_with('/') { format!("{}{path}", self.url) } else { path.to_owned() };
        let response = http().get(url).header(COOKIE, self.header()).send().await.unwrap();
        for cookie in response.headers().get_all(SET_COOKIE) {
            let (pair, attributes) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !attributes.contains("Max-Age=0") {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        response
    }

    /// Leaves to sign in; the `state` that must come back, and the name of its cookie.
    async fn leave(&mut self, path: &str) -> (Url, String) {
        let location = self.get(path).await.location();
        (location, self.cookies.last().unwrap().0.clone())
    }

    /// What the provider sends back to, for somebody who is signed in there.
    async fn callback(&self, scene: &Scene, location: &Url) -> Url {
        let callback = scene.browser.get(location.as_str()).await.location();
        assert_eq!(callback.path(), "/api/sign_in/callback");
        callback
    }
}

/// Takes from everybody else what it needs to write anything at all.
fn forbid_writing(connection: &mut AnyConnection) {
    #[derive(QueryableByName)]
    struct Table {
        #[diesel(sql_type = Text)]
        name: String,
    }

    // On SQLite whoever writes is alone, and this is a transaction that writes.
    if let AnyConnection::Postgres(c) = connection {
        let tables = "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public'";
        let tables: Vec<Table> = sql_query(tables).load(c).unwrap();
        assert!(tables.len() > 40);
        for Table { name } in tables {
            sql_query(format!("LOCK TABLE {name} IN EXCLUSIVE MODE")).execute(c).unwrap();
        }
    }
}

#[tokio::test]
async fn leaving_to_sign_in_writes_nothing() {
    let scene = Scene::set().await;
    scene.browser.get("/api/sign_in").await; // the provider is known from here on
    let (locked, (end, ended)) = (mpsc::channel(), mpsc::channel::<()>());
    let state = scene.app.state.clone();
    let holding = tokio::spawn(async move {
        let hold = move |connection: &mut AnyConnection| {
            forbid_writing(connection);
            locked.0.send(()).unwrap();
            let _ = ended.recv_timeout(Duration::from_secs(60));
            Ok(())
        };
        state.db.write(hold).await.unwrap();
    });
    tokio::task::spawn_blocking(move || locked.1.recv().unwrap()).await.unwrap();
    for visitor in 0..20 {
        let browser = Browser::new(&scene.url);
        let answer = tokio::time::timeout(Duration::from_secs(10), browser.get("/api/sign_in")).await;
        assert_eq!(answer.expect("it waits for nobody").location().path(), "/oauth/authorize", "{visitor}");
    }
    // Somebody who writes has to wait.
    let page = tokio::time::timeout(Duration::from_millis(500), scene.browser.sign_in("/api/sign_in")).await;
    assert!(page.is_err(), "nothing is locked");
    drop(end);
    holding.await.unwrap();
}

#[tokio::test]
async fn sign_ins_in_several_tabs_all_come_back_to_their_pages() {
    let scene = Scene::set().await;
    let (browser, url) = (&scene.browser, &scene.url);
    let mut tabs = Vec::new();
    for tab in 1..=5 {
        let path = format!("/demandes/{tab}");
        tabs.push((browser.get(&format!("/api/sign_in?return_to={path}")).await.location(), path));
    }
    let (last, path) = tabs.pop().unwrap();
    let page = browser.follow(last.as_str()).await;
    let callback = browser.submit(page, EMAIL, PASSWORD).await.location();
    assert_eq!(browser.get(callback.as_str()).await.location().as_str(), format!("{url}{path}"));
    for (location, path) in tabs {
        let callback = browser.get(location.as_str()).await.location();
        assert_eq!(browser.get(callback.as_str()).await.location().as_str(), format!("{url}{path}"));
    }
}

/// What a cookie is made of, for a state.
type Forgery = fn(&AppState, &str, &str, &str) -> String;

#[tokio::test]
async fn a_sign_in_that_is_forged_moved_or_too_old_is_refused() {
    let scene = Scene::set().await;
    scene.browser.sign_in("/api/sign_in").await;
    let state = &scene.app.state;
    // The cookie of a sign-in, as it is shown when that comes back.
    let attempts: [(&str, Forgery, bool); 5] = [
        ("as it was", |_, _, value, _| value.to_owned(), true),
        ("another's", |_, _, _, other| other.to_owned(), false),
        ("unsealed", |state, sent, value, _| state.cookie_key.open(value, &place(sent)).unwrap(), false),
        ("after 59 minutes", |state, sent, value, _| aged(state, sent, value, 59), true),
        ("after 61 minutes", |state, sent, value, _| aged(state, sent, value, 61), false),
    ];
    for (what, change, is_accepted) in attempts {
        let mut jar = Jar::new(&scene);
        jar.leave("/api/sign_in").await;
        let other = jar.cookies.last().unwrap().1.clone();
        let (location, name) = jar.leave("/api/sign_in").await;
        let sent = parameter(&location, "state").unwrap();
        let callback = jar.callback(&scene, &location).await;
        let cookie = jar.cookies.iter_mut().find(|(known, _)| *known == name).unwrap();
        cookie.1 = change(state, &sent, &cookie.1, &other);
        let end = jar.get(callback.as_str()).await.location();
        assert_eq!(failed(&end), !is_accepted, "{what}: {end}");
    }
}

fn place(sent: &str) -> String {
    format!("sign_in {sent}")
}

/// The same sign-in, which left so many minutes ago.
fn aged(state: &AppState, sent: &str, value: &str, minutes: i64) -> String {
    let mut sign_in: Value = serde_json::from_str(&state.cookie_key.open(value, &place(sent)).unwrap()).unwrap();
    sign_in["left_at"] = json!(now().timestamp() - minutes * 60);
    state.cookie_key.seal(&sign_in.to_string(), &place(sent)).unwrap()
}

#[tokio::test]
async fn a_sign_in_that_is_shown_again_signs_nobody_in() {
    let scene = Scene::set().await;
    scene.browser.sign_in("/api/sign_in").await;
    let mut jar = Jar::new(&scene);
    let (location, name) = jar.leave("/api/sign_in").await;
    let callback = jar.callback(&scene, &location).await;
    let mut thief = Jar { cookies: jar.cookies.clone(), url: jar.url.clone() };
    let end = jar.get(callback.as_str()).await.location();
    assert!(!failed(&end) && jar.cookies.iter().all(|(known, _)| *known != name), "the cookie is cleared");
    // Whoever has copied the cookie and seen the address comes too late.
    assert!(failed(&thief.get(callback.as_str()).await.location()));
    assert!(!thief.header().contains("datapass_session"), "{}", thief.header());
}

#[tokio::test]
async fn the_sign_ins_of_a_browser_take_little_room_and_the_last_one_works() {
    let scene = Scene::set().await;
    scene.browser.sign_in("/api/sign_in").await;
    for (length, at_least) in [(10, 10), (1_900, 1)] {
        let path = format!("/api/sign_in?return_to=/{}", "x".repeat(length));
        let mut jar = Jar::new(&scene);
        for _ in 0..40 {
            jar.leave(&path).await;
            assert!(jar.header().len() < 5_000, "{} bytes of cookies", jar.header().len());
        }
        assert!(jar.cookies.len() >= at_least, "{} sign-ins under way", jar.cookies.len());
        let (location, _) = jar.leave(&path).await;
        let callback = jar.callback(&scene, &location).await;
        let end = jar.get(callback.as_str()).await.location();
        assert_eq!(end.path().len(), length + 1, "{end}");
    }
}

#[tokio::test]
async fn processes_share_the_key_of_cookies_which_another_secret_key_replaces() {
    let scene = Scene::set().await;
    let open = async |secret_key: Option<&str>| {
        let mut config = scene.app.state.config.clone();
        config.secret_key = secret_key.map(str::to_owned);
        AppState::open(config, 0).await.unwrap().cookie_key
    };
    let sealed = scene.app.state.cookie_key.seal("text", "here").unwrap();
    let (one, other) = ("one secret key of thirty-two chars", "another secret key of thirty-two");
    let mut opened = BTreeMap::new();
    for (number, secret_key) in [None, Some(one), Some(one), Some(other)].into_iter().enumerate() {
        opened.insert(number, open(secret_key).await.open(&sealed, "here").is_some());
    }
    assert_eq!(opened.into_values().collect::<Vec<_>>(), [true, true, true, false]);
    assert_eq!(open(Some(other)).await.open(&sealed, "here"), None);
}
