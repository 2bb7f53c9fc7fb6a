//! A wrong call of every endpoint that takes anything, with the place that is to be named.

use datapass::connection::types::now;
use reqwest::Method;
use serde_json::{Value, json};

/// One wrong call: method and address as they are documented, then what stands in it, and the place that is named.
#[derive(Clone)]
pub struct Wrong {
    pub method: Method,
    pub pattern: &'static str,
    pub query: String,
    pub body: Option<Value>,
    pub place: &'static str,
}

fn query(pattern: &'static str, query: &str, place: &'static str) -> Wrong {
    Wrong { method: Method::GET, pattern, query: query.to_owned(), body: None, place }
}

fn body(method: Method, pattern: &'static str, body: Value, place: &'static str) -> Wrong {
    Wrong { method, pattern, query: String::new(), body: Some(body), place }
}

/// Wrong parameters, at least one call for each endpoint that takes any.
pub fn wrong_queries() -> Vec<Wrong> {
    let long = format!("search={}", "x".repeat(300));
    let mut wrong = vec![
        query("/api/audit.csv", "from=2026-02-02&until=2026-02-01", "?until: out_of_range"),
        query("/api/audit", &format!("object={}", "x".repeat(300)), "?object: too_long"),
        query("/api/authorisations/{id}/documents/{type}", "inline=peut-être", "?inline: format"),
        query("/api/contacts", "", "?siret: required"),
        query("/api/contacts", "siret=123", "?siret: format"),
        query("/api/enrollments", "sort=price", "?sort: format"),
        query("/api/enrollments", "limit=0", "?limit: out_of_range"),
        query("/api/enrollments", "limit=x", "?limit: format"),
        query("/api/enrollments", "limit=1&limit=2", "?limit: format"),
        query("/api/enrollments", "cursor=zzz", "?cursor: format"),
        query("/api/enrollments", "status=unknown", "?status: format"),
        query("/api/enrollments", "siret=1", "?siret: format"),
        query("/api/enrollments", "assigned_to=x", "?assigned_to: format"),
        query("/api/enrollments", "colour=red", "?colour: unknown"),
        query("/api/enrollments", "search=%00", "?search: format"),
        query("/api/enrollments", &long, "?search: too_long"),
        query("/api/enrollments/export.{format}", "mine=oui", "?mine: format"),
        query("/api/enrollments/total", "mine=oui", "?mine: format"),
        query("/api/enrollments/public", "cursor=zzz", "?cursor: format"),
        query("/api/enrollments/public", "target_api=%00", "?target_api: format"),
        query("/api/enrollments/public.csv", "colour=red", "?colour: unknown"),
        query("/api/enrollments/public.json", "limit=x", "?limit: format"),
        query("/api/enrollments/{id}/diff", "from=1", "?to: required"),
        query("/api/enrollments/{id}/offered_messages", "decision=archiver", "?decision: format"),
        query("/api/enrollments/{id}/documents/{type}", "inline=1", "?inline: format"),
        query("/api/mailbox", "limit=x", "?limit: format"),
        query("/api/mailbox", "cursor=zzz", "?cursor: format"),
        query("/api/outbox", "cursor=zzz", "?cursor: format"),
        query("/api/provisionings", "cursor=zzz", "?cursor: format"),
        query("/api/organizations/{siret}", "", "?siret: format"),
        query("/api/organizations/{siret}/enrollments", "", "?siret: format"),
        query("/api/organizations/{siret}/granted_scopes", "", "?target_api: required"),
        query("/api/sign_in", "moved=x", "?moved: format"),
        query("/api/sign_in", "max_age=-1", "?max_age: format"),
        query("/api/sign_in/callback", "state=%00", "?state: format"),
        query("/api/sign_out/callback", "state=1&state=2", "?state: format"),
        query("/api/stats", "from=2026-01&from=2026-02", "?from: format"),
        query("/api/stats.csv", "", "?table: required"),
        query("/api/webhooks/{id}/deliveries", "after=zzz", "?after: format"),
        query("/api/users", "cursor=zzz", "?cursor: format"),
        query("/api/users/account_changes", "", "?email: required"),
        query("/api/users/role_changes", "name=x", "?name: unknown"),
    ];
    let removal = query("/api/enrollments/{id}/documents/{type}", "document=x", "?document: format");
    wrong.push(Wrong { method: Method::DELETE, ..removal });
    for (text, place) in [("", "?filename: required"), ("filename=.pdf", "?filename: format")] {
        let upload = query("/api/enrollments/{id}/documents/{type}", text, place);
        wrong.push(Wrong { method: Method::PUT, ..upload });
    }
    wrong
}

/// Wrong bodies, at least one call for each endpoint that takes one.
pub fn wrong_bodies() -> Vec<Wrong> {
    [wrong_content(), wrong_steps(), wrong_corrections(), wrong_administration(), wrong_settings(), wrong_members()]
        .concat()
}

/// What is written in a request, and to one another about it.
fn wrong_content() -> Vec<Wrong> {
    let (post, put, patch) = (|| Method::POST, || Method::PUT, || Method::PATCH);
    let opinion = |recipient: &str, question: &str, days: i64| {
        let due_on = (now() + chrono::Duration::days(days)).date_naive();
        json!({"recipient": recipient, "question": question, "due_on": due_on})
    };
    vec![
        body(post(), "/api/enrollments", json!({}), "/target_api: required"),
        body(post(), "/api/enrollments", json!({"target_api": "franceconnect", "colour": 1}), "/colour: unknown"),
        body(post(), "/api/enrollments/assignments", json!({"ids": (0..200).collect::<Vec<_>>()}), "/ids: too_long"),
        body(post(), "/api/enrollments/assignments", json!({"ids": [1, "x"]}), "/ids/1: format"),
        body(patch(), "/api/enrollments/{id}", json!({"siret": "123"}), "/siret: format"),
        body(patch(), "/api/enrollments/{id}", json!({"description": "a\u{0}"}), "/description: format"),
        body(patch(), "/api/enrollments/{id}", json!([]), ": format"),
        body(put(), "/api/enrollments/{id}/assignment", json!({"user_id": 4242}), "/user_id: not_eligible"),
        body(post(), "/api/enrollments/{id}/messages", json!({"body": " "}), "/body: required"),
        body(post(), "/api/enrollments/{id}/messages", json!({"body": "x".repeat(10_001)}), "/body: too_long"),
        body(post(), "/api/enrollments/{id}/opinions", opinion("group-cnaf", " ", 7), "/question: required"),
        body(post(), "/api/enrollments/{id}/opinions", opinion("group-cnaf", "Et\u{a0}?", -7), "/due_on: out_of_range"),
        body(post(), "/api/enrollments/{id}/opinions", opinion("group-x", "Et\u{a0}?", 7), "/recipient: not_eligible"),
        body(put(), "/api/enrollments/{id}/opinions/{opinion}", json!({}), "/verdict: required"),
        body(post(), "/api/enrollments/{id}/transfer", json!({"kind": "give"}), "/kind: format"),
        body(put(), "/api/enrollments/{id}/transfer", json!({}), "/accept: required"),
        body(patch(), "/api/enrollments/{id}/points/{point}", json!({"answer": 1}), "/answer: format"),
    ]
}

/// Steps of the workflow.
fn wrong_steps() -> Vec<Wrong> {
    let post = || Method::POST;
    let point = |field: &str, comment: &str| {
        json!({"event": "request_changes", "points": [
            {"field": "intitule", "comment": "Précisez."}, {"field": field, "comment": comment},
        ]})
    };
    let step = |step: Value, place| body(Method::PATCH, "/api/enrollments/{id}/change_state", step, place);
    vec![
        step(json!({}), "/event: required"),
        step(json!({"event": "refuse", "comment": " "}), "/comment: required"),
        step(json!({"event": "refuse", "comment": "a\u{7}"}), "/comment: format"),
        step(point("siret", " "), "/points/1/comment: required"),
        step(point("documents.Passport", "x"), "/points/1/field: format"),
        step(point("additional_content.eidas_level", "x"), "/points/1/field: not_eligible"),
        body(post(), "/api/enrollments/{id}/mail_preview", json!({"event": 1}), "/event: format"),
    ]
}

/// Corrections of the content and of contacts.
fn wrong_corrections() -> Vec<Wrong> {
    let post = || Method::POST;
    let person = |kind: &str| json!({"type": kind, "email": "a@exemple.fr"});
    vec![
        body(post(), "/api/enrollments/{id}/correction", json!({"description": "x"}), "/reason: required"),
        body(
            post(),
            "/api/enrollments/{id}/contacts",
            json!({"reason": " ", "member": person("responsable_technique")}),
            "/reason: required",
        ),
        body(
            post(),
            "/api/enrollments/{id}/contacts",
            json!({"reason": "Erreur.", "member": person("demandeur")}),
            "/member/type: not_eligible",
        ),
        body(
            post(),
            "/api/enrollments/{id}/contacts",
            json!({"reason": "Erreur.", "member": person("comptable")}),
            "/member: unknown",
        ),
        body(
            post(),
            "/api/enrollments/{id}/contacts",
            json!({"reason": "Erreur.", "member": person("ministre")}),
            "/member/type: format",
        ),
    ]
}

/// Clients, tools, people, and what one keeps for oneself.
fn wrong_administration() -> Vec<Wrong> {
    let (post, put) = (|| Method::POST, || Method::PUT);
    let client = |change: Value| {
        let mut client = json!({
            "name": "Gestion", "redirect_uris": ["https://a.exemple/retour"], "scopes": ["openid"],
            "auth_method": "client_secret_basic", "userinfo": "plain",
        });
        client.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        client
    };
    let role = |change: Value| {
        let mut role = json!({"email": "a@exemple.fr", "role": "administrator", "granted": true, "reason": "Besoin."});
        role.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        role
    };
    let told = json!([{"event": "open", "time": 1, "email": "x"}, {"event": "bounce", "email": "x"}]);
    vec![
        body(post(), "/api/mailjet/events", told, "/1/time: required"),
        body(post(), "/api/clients", client(json!({"id": "à vous"})), "/id: format"),
        body(post(), "/api/clients", client(json!({"name": " "})), "/name: format"),
        body(post(), "/api/clients", client(json!({"redirect_uris": []})), "/redirect_uris: required"),
        body(
            post(),
            "/api/clients",
            client(json!({"redirect_uris": ["https://a.exemple/", "http://a.exemple/"]})),
            "/redirect_uris/1: format",
        ),
        body(post(), "/api/clients", client(json!({"scopes": ["openid", "tout"]})), "/scopes/1: unknown"),
        body(post(), "/api/clients", client(json!({"scopes": []})), "/scopes: required"),
        body(post(), "/api/clients/{id}/secret", json!({}), "/keep_previous: required"),
        body(post(), "/api/impersonation", json!({"email": "x", "reason": "Aide."}), "/email: format"),
        body(post(), "/api/impersonation", json!({"email": "a@exemple.fr", "reason": ""}), "/reason: required"),
        body(put(), "/api/me/absence", json!({"until": "2020-01-01"}), "/until: out_of_range"),
        body(post(), "/api/me/api_clients", json!({"name": "", "scopes": ["enrollments:read"]}), "/name: format"),
        body(post(), "/api/me/api_clients", json!({"name": "Outil", "scopes": []}), "/scopes: required"),
        body(post(), "/api/me/filters", json!({"name": "", "query": ""}), "/name: format"),
        body(post(), "/api/me/role_requests", json!({"role": "chef"}), "/role: format"),
        body(put(), "/api/users/role_requests/{id}", json!({"reason": "Non."}), "/give: required"),
        body(put(), "/api/me/filters/{id}", json!({"name": "a", "query": "x".repeat(5_000)}), "/query: too_long"),
        body(put(), "/api/me/mails", json!({"target_api": "franceconnect", "kind": "messages"}), "/wanted: required"),
        body(post(), "/api/users/ban", json!({"email": "a@exemple.fr", "reason": "x"}), "/banned: required"),
        body(post(), "/api/users/roles", role(json!({"email": "x"})), "/email: format"),
        body(post(), "/api/users/roles", role(json!({"role": "nulle_part:instructor"})), "/role: unknown"),
        body(post(), "/api/users/roles", role(json!({"reason": " "})), "/reason: required"),
        body(post(), "/api/webhooks", json!({"url": "https://exemple.fr"}), "/target_api: required"),
        body(Method::PATCH, "/api/webhooks/{id}", json!({"colour": 1}), "/colour: unknown"),
        body(post(), "/api/webhooks/{id}/replay", json!({"from": "hier"}), "/from: format"),
    ]
}

/// What is set for an API, or for all of a provider.
fn wrong_settings() -> Vec<Wrong> {
    let (post, put) = (|| Method::POST, || Method::PUT);
    vec![
        body(post(), "/api/policies/{target_api}/decision_templates", json!({"name": "x"}), "/decision: required"),
        body(
            put(),
            "/api/policies/{target_api}/decision_templates/{id}",
            json!({"decision": "validate", "name": "x"}),
            "/body: required",
        ),
        body(
            post(),
            "/api/users/provider_roles",
            json!({"email": "x", "provider": "dinum", "role": "reporter", "granted": true, "reason": "Besoin."}),
            "/email: format",
        ),
        body(post(), "/api/policy_files/{target_api}/check", json!({"text": 3}), "/text: format"),
        body(put(), "/api/policy_files/{target_api}", json!({"text": "", "reason": " "}), "/reason: required"),
    ]
}

/// Members that nobody asked for and members that are missing, at every depth.
fn wrong_members() -> Vec<Wrong> {
    let draft = |change: Value, place| body(Method::PATCH, "/api/enrollments/{id}", change, place);
    let step = |step: Value, place| body(Method::PATCH, "/api/enrollments/{id}/change_state", step, place);
    let contacts = |correction: Value, place| body(Method::POST, "/api/enrollments/{id}/contacts", correction, place);
    vec![
        draft(json!({"colour": "red"}), "/colour: unknown"),
        draft(json!({"team_members": [{"type": "demandeur", "colour": "red"}]}), "/team_members/0/colour: unknown"),
        draft(json!({"team_members": [{"type": "demandeur"}, {}]}), "/team_members/1/type: required"),
        draft(json!({"team_members": [{"type": "ministre"}]}), "/team_members/0/type: format"),
        draft(json!({"scopes": ["a", 1]}), "/scopes/1: format"),
        draft(json!({"additional_content": {"a": null, "b": 3}}), "/additional_content/b: format"),
        step(json!({"event": "submit", "force": true}), "/force: unknown"),
        step(json!({"event": "request_changes", "points": [{"comment": "x"}]}), "/points/0/field: required"),
        step(
            json!({"event": "request_changes", "points": [{"field": "intitule", "comment": "x", "a/b": 1}]}),
            "/points/0/a~1b: unknown",
        ),
        contacts(json!({"reason": "Erreur.", "member": {}}), "/member/type: required"),
        contacts(json!({"reason": "Erreur.", "member": {"type": "comptable", "colour": 1}}), "/member/colour: unknown"),
        contacts(json!({"member": {"type": "comptable"}}), "/reason: required"),
        body(Method::POST, "/api/enrollments/{id}/messages", json!({"body": "x", "colour": 1}), "/colour: unknown"),
    ]
}
