//! How often one may call: people, visitors by address, sign-ups and mails.

use datapass::config::{Config, Quotas};
use datapass::ids::UserId;
use datapass::rate_limits::{Limit, RateLimits, Subject};
use reqwest::Method;

use crate::quotas::GENEROUS;
use crate::support::{Answer, Client, TestApp};
use crate::tokens::{self, Tool};

const FEW: Quotas = Quotas { calls: 5, searches: 2, visitor_calls: 4, sign_in_pages: 2, ..GENEROUS };

fn start(change: impl FnOnce(&mut Config)) -> TestApp {
    TestApp::start_with(|config| {
        config.quotas = FEW;
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        change(config);
    })
}

/// A call from another address, through the proxy that is trusted.
async fn from(caller: &Client, address: &str, path: &str) -> Answer {
    caller.send(caller.request(Method::GET, path).header("x-forwarded-for", address)).await
}

/// What the answer says is left, and of how many.
fn told(answer: &Answer) -> (String, String) {
    let left = answer.headers["ratelimit"].split(";t=").next().unwrap().to_owned();
    (left, answer.headers["ratelimit-policy"].clone())
}

#[tokio::test]
async fn one_calls_so_often_in_a_minute_with_all_sessions_and_tools() {
    let app = start(|_| {});
    let (one, other) = (app.actor("demandeur", &[]).await, app.actor("demandeur", &[]).await);
    let token = Tool::connect(&one, &["enrollments:read"]).await.token(&app).await;
    let first = from(&other, "192.0.2.1", "/api/enrollments").await;
    first.ok();
    assert_eq!(told(&first), ("\"calls\";r=3".to_owned(), "\"calls\";q=5;w=60".to_owned()));
    tokens::get(&app, "/api/enrollments", &token).await.ok();
    one.get("/api/session").await.ok();
    one.get("/api/enrollments").await.ok();
    for refused in [one.get("/api/enrollments").await, other.get("/api/enrollments").await] {
        let detail = refused.error(429, "too_many_requests");
        assert!(detail.contains("Plus de 5 appels en une minute"), "{detail}");
        assert!(refused.headers["retry-after"].parse::<u64>().unwrap() <= 61);
        assert_eq!(told(&refused).0, "\"calls\";r=0");
    }
    tokens::get(&app, "/api/enrollments", &token).await.error(429, "too_many_requests");
    // Others do not wait, and what must always answer does.
    app.actor("autre", &[]).await.get("/api/enrollments").await.ok();
    assert_eq!(one.get("/api/ping").await.status, 200);
}

#[tokio::test]
async fn searches_are_counted_apart() {
    let app = start(|_| {});
    let applicant = app.actor("demandeur", &[]).await;
    for _ in 0..2 {
        let answer = applicant.get("/api/enrollments?search=cantine").await;
        answer.ok();
        assert_eq!(answer.headers["ratelimit-policy"], "\"calls\";q=5;w=60, \"searches\";q=2;w=60");
    }
    let detail = applicant.get("/api/enrollments?search=cantine").await.error(429, "too_many_requests");
    assert!(detail.contains("Plus de 2 recherches en une minute"), "{detail}");
    applicant.get("/api/enrollments").await.ok();
}

#[tokio::test]
async fn visitors_call_so_often_from_one_address() {
    let app = start(|_| {});
    let visitor = app.visitor();
    for _ in 0..4 {
        from(&visitor, "192.0.2.1", "/api/policies").await.ok();
    }
    from(&visitor, "192.0.2.1", "/api/policies").await.error(429, "too_many_requests");
    let page = from(&visitor, "192.0.2.1", "/public").await;
    assert_eq!((page.status.as_u16(), page.headers.contains_key("retry-after")), (429, true));
    assert!(page.text.contains("Trop de pages demandées"), "{}", page.text);
    from(&visitor, "192.0.2.2", "/api/policies").await.ok();
    // Who is signed in at the same address is counted apart, from the first call.
    let applicant = app.actor("demandeur", &[]).await;
    from(&applicant, "192.0.2.1", "/api/enrollments").await.ok();
}

#[tokio::test]
async fn sessions_that_are_none_are_counted_by_address() {
    let app = start(|_| {});
    let stranger = |n: usize| {
        let mut stranger = app.visitor();
        stranger.cookie = Some(format!("datapass_session=none-{n}"));
        stranger
    };
    let mut refusals = 0;
    for n in 0..10 {
        let answer = from(&stranger(n), "192.0.2.1", "/api/enrollments").await;
        match answer.status.as_u16() {
            401 => {}
            429 => refusals += 1,
            other => panic!("{other}"),
        }
    }
    assert_eq!(refusals, 5);
    from(&stranger(0), "192.0.2.2", "/api/enrollments").await.error(401, "unauthorized");
    // Nor does it keep visitors from there waiting, who show none.
    from(&app.visitor(), "192.0.2.1", "/api/policies").await.ok();
}

#[tokio::test]
async fn visitors_behind_a_proxy_that_nobody_named_are_not_one_visitor() {
    let app = start(|config| config.trusted_proxies = Vec::new());
    let visitor = app.visitor();
    for _ in 0..10 {
        from(&visitor, "192.0.2.1", "/api/policies").await.ok();
    }
    for _ in 0..4 {
        visitor.get("/api/policies").await.ok();
    }
    visitor.get("/api/policies").await.error(429, "too_many_requests");
}

#[tokio::test]
async fn sign_ins_are_begun_so_often_from_one_address() {
    let app = start(|_| {});
    for _ in 0..2 {
        assert_eq!(from(&app.visitor(), "192.0.2.1", "/api/sign_in").await.status.as_u16(), 303);
    }
    from(&app.visitor(), "192.0.2.1", "/api/sign_in").await.error(429, "too_many_requests");
}

#[tokio::test]
async fn processes_add_up_what_each_has_counted() {
    let app = TestApp::start();
    let (one, other) = (RateLimits::new(true), RateLimits::new(true));
    let limit = Limit { name: "calls", most: 5, seconds: 3_600 };
    let somebody = Subject::Person(UserId(1));
    for _ in 0..3 {
        one.count(limit, somebody);
        other.count(limit, somebody);
    }
    assert!(!one.count(limit, somebody).is_exceeded());
    for limits in [&one, &other, &one] {
        limits.share(&app.state.db).await.unwrap();
        // What is shared once is not shared again.
        limits.share(&app.state.db).await.unwrap();
    }
    assert_eq!(other.standing(limit, somebody).calls, 7);
    one.count(limit, somebody);
    one.share(&app.state.db).await.unwrap();
    assert_eq!(one.standing(limit, somebody).calls, 8);
    assert!(!one.count(limit, Subject::Person(UserId(2))).is_exceeded());
}
