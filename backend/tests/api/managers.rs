//! Managers: they give and take the roles of their APIs, see who holds one, and nothing else.

use serde_json::{Value, json};

use crate::roles::change;
use crate::support::{Client, TestApp};

fn emails(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|one| one["email"].as_str().unwrap()).collect()
}

async fn found(who: &Client, search: &str) -> Value {
    who.get(&format!("/api/users?search={search}")).await.ok()
}

#[tokio::test]
async fn a_manager_gives_and_takes_three_roles_of_their_api_and_no_other() {
    let app = TestApp::start();
    let manager = app.actor("gestionnaire", &["api_particulier:manager"]).await;
    app.actor("collegue", &["api_particulier:manager", "franceconnect:instructor"]).await;
    for role in ["instructor", "reporter", "cnaf:reporter", "subscriber", "instructor:only:agora-plus"] {
        let role = format!("api_particulier:{role}");
        let person = change(&manager, "nouvelle@exemple.fr", &role, true).await.ok();
        assert_eq!(person["roles"], json!([role]), "one is given");
        let person = change(&manager, "nouvelle@exemple.fr", &role, false).await.ok();
        assert_eq!(person["roles"], json!([]), "and taken");
    }
    for granted in [true, false] {
        for role in [
            "administrator",
            "api_particulier:manager",
            "provider:dinum:manager",
            "franceconnect:instructor",
            "franceconnect:manager",
        ] {
            change(&manager, "collegue@exemple.fr", role, granted).await.error(403, "forbidden");
        }
    }
    change(&manager, "nouvelle@exemple.fr", "api_particulier:inconnu:reporter", true).await.error(400, "bad_request");
    let person = change(&manager, "collegue@exemple.fr", "api_particulier:reporter", true).await.ok();
    assert_eq!(person["roles"], json!(["api_particulier:manager", "api_particulier:reporter"]), "not the others");
}

#[tokio::test]
async fn a_manager_changes_none_of_their_own_roles() {
    let app = TestApp::start();
    let manager = app.actor("gestionnaire", &["api_particulier:manager", "api_particulier:subscriber"]).await;
    for (role, granted) in [
        ("api_particulier:instructor", true),
        ("api_particulier:subscriber", false),
        ("api_particulier:manager", false),
        ("provider:dinum:manager", true),
    ] {
        change(&manager, " Gestionnaire@exemple.fr", role, granted).await.error(403, "forbidden");
    }
    let administrator = app.actor("admin", &["administrator"]).await;
    change(&administrator, "gestionnaire@exemple.fr", "api_particulier:manager", false).await.ok();
    change(&manager, "nouvelle@exemple.fr", "api_particulier:reporter", true).await.error(403, "forbidden");
    manager.get("/api/users").await.error(403, "forbidden");
    manager.get("/api/users/role_changes").await.error(403, "forbidden");
}

#[tokio::test]
async fn administrators_name_managers_of_apis_and_providers_that_exist() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    for role in ["api_particulier:manager", "provider:dinum:manager"] {
        change(&administrator, "nouvelle@exemple.fr", role, true).await.ok();
    }
    for role in ["api_particulie:manager", "provider:dinun:manager", "api_particulier:cnaf:manager", "manager"] {
        assert_eq!(
            change(&administrator, "nouvelle@exemple.fr", role, true).await.places()[0].split(':').next(),
            Some("/role")
        );
    }
}

#[tokio::test]
async fn the_manager_of_a_provider_manages_each_of_its_apis() {
    let app = TestApp::start();
    let manager = app.actor("gestionnaire", &["provider:dinum:manager"]).await;
    let policies = app.state.policies.current();
    let of_dinum = |api: &&String| policies[api.as_str()].provider.id == "dinum";
    let (own, others): (Vec<&String>, Vec<&String>) = policies.keys().partition(of_dinum);
    assert!(own.len() > 1 && !others.is_empty());
    for api in own {
        change(&manager, "nouvelle@exemple.fr", &format!("{api}:reporter"), true).await.ok();
    }
    for api in others {
        change(&manager, "nouvelle@exemple.fr", &format!("{api}:reporter"), true).await.error(403, "forbidden");
    }
    change(&manager, "nouvelle@exemple.fr", "provider:dinum:manager", false).await.error(403, "forbidden");
}

#[tokio::test]
async fn a_manager_sees_who_holds_a_role_of_their_api_and_finds_others_by_their_whole_address() {
    let app = TestApp::start();
    let manager = app.actor("gestionnaire", &["api_particulier:manager"]).await;
    app.actor("agent", &["api_particulier:instructor:only:agora-plus", "franceconnect:instructor"]).await;
    app.actor("abonnee", &["api_particulier:cnaf:subscriber"]).await;
    app.actor("ailleurs", &["franceconnect:instructor"]).await;
    app.actor("dinum", &["provider:dinum:manager"]).await;
    let administrator = app.actor("admin", &["administrator"]).await;
    app.actor("demandeur", &[]).await;
    change(&manager, "invitee@exemple.fr", "api_particulier:reporter", true).await.ok();
    change(&administrator, "autre-invitee@exemple.fr", "franceconnect:reporter", true).await.ok();

    let seen = manager.get("/api/users").await.ok();
    let expected = ["abonnee@exemple.fr", "agent@exemple.fr", "gestionnaire@exemple.fr", "invitee@exemple.fr"];
    assert_eq!(emails(&seen), expected);
    assert_eq!(seen["items"][1]["roles"], json!(["api_particulier:instructor:only:agora-plus"]));
    let first = manager.get("/api/users?limit=2").await.ok();
    let next = first["next"].as_str().unwrap();
    let second = manager.get(&format!("/api/users?limit=2&cursor={next}")).await.ok();
    assert_eq!((emails(&first), emails(&second)), (expected[..2].to_vec(), expected[2..].to_vec()));

    assert_eq!(emails(&found(&manager, "AGENT").await), ["agent@exemple.fr"]);
    for part in ["ailleurs", "ailleurs@exemple", "demandeur", "%25@exemple.fr", "admin", "Exemple"] {
        let seen = found(&manager, part).await;
        assert!(emails(&seen).iter().all(|email| expected.contains(email)), "{part}: {seen}");
    }
    for email in ["ailleurs@exemple.fr", "Demandeur@exemple.fr", "admin@exemple.fr", "dinum@exemple.fr"] {
        let seen = found(&manager, email).await;
        assert_eq!(emails(&seen), [email.to_lowercase()]);
        assert_eq!((&seen["items"][0]["roles"], &seen["items"][0]["has_account"]), (&json!([]), &json!(true)));
    }
    assert_eq!(emails(&found(&manager, "autre-invitee@exemple.fr").await), [] as [&str; 0]);
}

#[tokio::test]
async fn a_ban_is_the_administrators_alone() {
    let app = TestApp::start();
    let manager = app.actor("gestionnaire", &["api_particulier:manager"]).await;
    let administrator = app.actor("admin", &["administrator"]).await;
    app.actor("agent", &["api_particulier:instructor"]).await;
    let ban = json!({"email": "agent@exemple.fr", "banned": true, "reason": "Adresse compromise."});
    manager.post("/api/users/ban", &ban).await.error(403, "forbidden");
    administrator.post("/api/users/ban", &ban).await.ok();
    assert_eq!(found(&manager, "agent").await["items"][0]["ban"], Value::Null);
    let taken = change(&manager, "agent@exemple.fr", "api_particulier:instructor", false).await.ok();
    assert_eq!(taken["ban"], Value::Null);
    manager.get("/api/users/account_changes?email=agent@exemple.fr").await.error(403, "forbidden");
    let other = json!({"email": "agent@exemple.fr", "reason": "Assistance."});
    manager.post("/api/impersonation", &other).await.error(403, "forbidden");
    manager.get("/api/audit").await.error(403, "forbidden");
}

#[tokio::test]
async fn of_the_role_changes_a_manager_reads_those_of_their_apis() {
    let app = TestApp::start();
    let manager = app.actor("gestionnaire", &["api_particulier:manager"]).await;
    let administrator = app.actor("admin", &["administrator"]).await;
    for role in ["franceconnect:reporter", "api_particulier:cnaf:reporter", "administrator", "api_particulier:manager"]
    {
        change(&administrator, "nouvelle@exemple.fr", role, true).await.ok();
    }
    change(&manager, "nouvelle@exemple.fr", "api_particulier:cnaf:reporter", false).await.ok();
    let told = |changes: &Value| {
        let lines = changes.as_array().unwrap().iter();
        lines.map(|line| format!("{} {}", line["role"], line["actor"]).replace('"', "")).collect::<Vec<_>>()
    };
    let own = [
        "api_particulier:cnaf:reporter gestionnaire Exemple",
        "api_particulier:manager admin Exemple",
        "api_particulier:cnaf:reporter admin Exemple",
    ];
    assert_eq!(told(&manager.get("/api/users/role_changes").await.ok()), own);
    assert_eq!(told(&manager.get("/api/users/role_changes?email=nouvelle@exemple.fr").await.ok()), own);
    assert_eq!(told(&administrator.get("/api/users/role_changes").await.ok()).len(), 5);
}

#[tokio::test]
async fn the_history_names_the_administrator_who_acted_for_a_manager() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    app.actor("gestionnaire", &["api_particulier:manager"]).await;
    let other = json!({"email": "gestionnaire@exemple.fr", "reason": "Assistance demandée."});
    let begun = administrator.post("/api/impersonation", &other).await;
    let acting = administrator.after(&begun);
    change(&acting, "nouvelle@exemple.fr", "api_particulier:reporter", true).await.ok();
    let changes = acting.get("/api/users/role_changes").await.ok();
    assert_eq!(changes[0]["actor"], "admin Exemple");
}

#[tokio::test]
async fn a_manager_alone_reads_no_request() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.submitted("api_particulier").await;
    let manager = app.actor("gestionnaire", &["api_particulier:manager", "provider:dinum:manager"]).await;
    manager.get(&format!("/api/enrollments/{id}")).await.error(404, "not_found");
    assert_eq!(manager.get("/api/enrollments").await.ok()["items"], json!([]));
    assert_eq!(manager.get("/api/enrollments/counts").await.ok()["all"], 0);
    manager.get("/api/policies/api_particulier/instructors").await.error(403, "forbidden");
    let own = manager.submitted("api_particulier").await;
    manager.get(&format!("/api/enrollments/{own}")).await.ok();
}

#[tokio::test]
async fn a_manager_sets_up_a_second_factor_where_it_is_required() {
    let app = TestApp::start();
    app.actor("gestionnaire", &["api_particulier:manager"]).await;
    app.actor("abonnee", &["api_particulier:subscriber"]).await;
    let needs = async |name: &'static str| {
        let read = move |c: &mut _| Ok(datapass::models::role::decides(c, "test", name, "")?);
        app.state.db.read(read).await.unwrap()
    };
    assert!(needs("gestionnaire").await);
    assert!(!needs("abonnee").await);
}
