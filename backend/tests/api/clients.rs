//! The services that sign people in with the embedded provider, as administrators keep them.

use datapass::schema::clients;
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::support::TestApp;

fn manager() -> Value {
    json!({
        "id": "gestion-api",
        "name": "Gestion des API",
        "redirect_uris": ["https://gestion.example/retour"],
        "post_logout_redirect_uris": ["https://gestion.example/"],
        "scopes": ["openid", "email", "organizations"],
        "auth_method": "client_secret_basic",
        "userinfo": "plain",
    })
}

#[tokio::test]
async fn registering_a_client_shows_its_secret_once() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let answer = administrator.post("/api/clients", &manager()).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.headers["cache-control"], "no-store");
    let made = answer.ok();
    let secret = made["secret"].as_str().unwrap();
    assert_eq!((&made["client"]["id"], &made["client"]["has_previous_secret"]), (&json!("gestion-api"), &json!(false)));
    assert_eq!(secret.len(), 43);

    let list = administrator.get("/api/clients").await;
    assert_eq!(list.ok()[0]["redirect_uris"], json!(["https://gestion.example/retour"]));
    assert!(!list.text.contains(secret) && !list.text.contains("hash"), "{}", list.text);
    let query = clients::table.select(clients::secret_hash);
    let stored: String = app.state.db.read(move |connection| Ok(query.first(connection)?)).await.unwrap();
    assert_ne!(stored, secret);

    let rotated = administrator.post("/api/clients/gestion-api/secret", &json!({"keep_previous": true})).await.ok();
    assert_ne!(rotated["secret"], made["secret"]);
    assert_eq!(rotated["client"]["has_previous_secret"], true);
    let at_once = administrator.post("/api/clients/gestion-api/secret", &json!({"keep_previous": false})).await.ok();
    assert_eq!(at_once["client"]["has_previous_secret"], false);

    assert_eq!(administrator.delete("/api/clients/gestion-api").await.status, 204);
    administrator.delete("/api/clients/gestion-api").await.error(404, "not_found");
    let again = json!({"keep_previous": false});
    administrator.post("/api/clients/gestion-api/secret", &again).await.error(404, "not_found");
    assert_eq!(administrator.get("/api/clients").await.ok(), json!([]));

    let log = administrator.get("/api/audit").await.ok();
    let told: Vec<(&str, &str)> = log["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["object"] == "client" && line["outcome"] == "done")
        .map(|line| (line["action"].as_str().unwrap(), line["object_id"].as_str().unwrap()))
        .collect();
    for action in ["client.create", "client.rotate", "client.remove"] {
        assert!(told.contains(&(action, "gestion-api")), "{told:?}");
    }
}

#[tokio::test]
async fn a_service_without_a_name_of_its_own_is_given_one() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let mut new = manager();
    new["id"].take();
    let first = administrator.post("/api/clients", &new).await.ok();
    let second = administrator.post("/api/clients", &new).await.ok();
    assert_ne!(first["client"]["id"], second["client"]["id"]);
}

#[tokio::test]
async fn invalid_clients_are_refused_with_their_pointer() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    for (member, value, place) in [
        ("id", json!("datapass"), "/id: format"),
        ("id", json!("a b"), "/id: format"),
        ("id", json!(""), "/id: format"),
        ("name", json!(" "), "/name: format"),
        ("redirect_uris", json!([]), "/redirect_uris: required"),
        ("redirect_uris", json!(["http://gestion.example/retour"]), "/redirect_uris/0: format"),
        ("redirect_uris", json!(["https://gestion.example/#retour"]), "/redirect_uris/0: format"),
        ("redirect_uris", json!(["https://gestion.example/*", "nowhere"]), "/redirect_uris/1: format"),
        ("post_logout_redirect_uris", json!(["javascript:alert(1)"]), "/post_logout_redirect_uris/0: format"),
        ("scopes", json!(["email"]), "/scopes: required"),
        ("scopes", json!(["openid", "everything"]), "/scopes/1: unknown"),
        ("auth_method", json!("none"), "/auth_method: format"),
        ("userinfo", json!("encrypted"), "/userinfo: format"),
    ] {
        let mut new = manager();
        new[member] = value;
        assert_eq!(administrator.post("/api/clients", &new).await.places(), [place], "{new}");
    }
    administrator.post("/api/clients", &manager()).await.ok();
    administrator.post("/api/clients", &manager()).await.error(409, "wrong_status");
}

#[tokio::test]
async fn only_administrators_register_clients() {
    let app = TestApp::start();
    let instructor = app.actor("instructeur", &["franceconnect:instructor"]).await;
    instructor.get("/api/clients").await.error(403, "forbidden");
    instructor.post("/api/clients", &manager()).await.error(403, "forbidden");
    instructor.post("/api/clients/x/secret", &json!({"keep_previous": true})).await.error(403, "forbidden");
    instructor.delete("/api/clients/x").await.error(403, "forbidden");
    app.visitor().get("/api/clients").await.error(401, "unauthorized");
}
