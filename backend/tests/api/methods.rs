//! The methods of an address: 405 with those that it accepts, and HEAD wherever GET is.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::TestApp;

#[tokio::test]
async fn a_method_that_is_not_accepted_is_405_and_those_that_are_stand_in_allow() {
    let app = TestApp::start();
    let user = app.actor("demandeur", &[]).await;
    let document: Value = user.get("/api/openapi.json").await.ok();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let known: Vec<String> = methods.as_object().unwrap().keys().map(|method| method.to_uppercase()).collect();
        for method in ["TRACE", "LOCK", "GET", "POST", "PUT", "PATCH", "DELETE"] {
            if known.iter().any(|known| known == method) {
                continue;
            }
            let path = path.replace(['{', '}'], "");
            let answer = user.send(user.request(method.parse().unwrap(), &path)).await;
            // Another address may be meant, which has that method: `/api/enrollments/{id}` and `/api/enrollments/total`.
            if answer.status.as_u16() != 405 && matches!(method, "PATCH" | "POST" | "PUT" | "DELETE" | "GET") {
                assert!(answer.status.is_client_error(), "{method} {path}: {}", answer.status);
                continue;
            }
            answer.error(405, "method_not_allowed");
            let allowed: Vec<&str> = answer.headers["allow"].split(", ").collect();
            assert!(!allowed.is_empty() && !allowed.contains(&method), "{method} {path}: {allowed:?}");
        }
    }
    for (path, allowed) in [
        ("/api/ping", "GET, HEAD"),
        ("/api/enrollments", "GET, HEAD, POST"),
        ("/api/mailjet/events", "POST"),
        ("/oauth/jwks", "GET, HEAD, POST"),
        ("/faq", "GET, HEAD, POST"),
        ("/nulle-part", "GET, HEAD"),
    ] {
        let answer = user.send(user.request("TRACE".parse().unwrap(), path)).await;
        assert_eq!((answer.status.as_u16(), &*answer.headers["allow"]), (405, allowed), "{path}");
    }
    // `/api/enrollments/{id}` has that method, and these are no numbers.
    for (path, allowed) in [
        ("/api/enrollments/assignments", "POST"),
        ("/api/enrollments/total", "GET, HEAD"),
        ("/api/enrollments/public.csv", "GET, HEAD"),
    ] {
        let answer = user.patch(path, &json!({})).await;
        answer.error(405, "method_not_allowed");
        assert_eq!(answer.headers["allow"], allowed, "{path}");
    }
    user.patch("/api/enrollments/nothing", &json!({})).await.error(404, "not_found");
    let nowhere = user.send(user.request("TRACE".parse().unwrap(), "/api/nothing")).await;
    nowhere.error(404, "not_found");
}

#[tokio::test]
async fn head_is_answered_as_get_without_the_body() {
    let app = TestApp::start();
    let user = app.actor("demandeur", &[]).await;
    for (path, status) in [("/api/policies", 200), ("/api/enrollments/404", 404), ("/faq", 200)] {
        let get = user.get(path).await;
        let head = user.request(Method::HEAD, path).send().await.unwrap();
        assert_eq!((get.status.as_u16(), head.status().as_u16()), (status, status), "{path}");
        for name in ["content-type", "content-length", "cache-control"] {
            let told = head.headers().get(name).map(|value| value.to_str().unwrap());
            // The body of a problem has the number of its request, which is always as long.
            assert_eq!(told, get.headers.get(name).map(String::as_str), "{path}: {name}");
        }
        assert_eq!(head.text().await.unwrap(), "", "{path}");
    }
    // A file that nobody takes leaves its place.
    let export = "/api/enrollments/export.csv";
    assert_eq!(user.request(Method::HEAD, export).send().await.unwrap().status(), 200);
    let again = async {
        while user.get(export).await.status != 200 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), again).await.unwrap();
    let posted = user.request(Method::HEAD, "/api/mailjet/events").send().await.unwrap();
    assert_eq!((posted.status().as_u16(), posted.headers()["allow"].to_str().unwrap()), (405, "POST"));
}
