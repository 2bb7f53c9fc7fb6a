//! The views of an instructor’s list: their counts, their orders, a search, and those that one keeps.

use super::*;

#[tokio::test]
async fn each_view_holds_as_many_as_its_count_says() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let reporter = app.actor("rapporteur", &["api_particulier:cnaf:reporter", "api_particulier:men:reporter"]).await;
    let administrator = app.actor("admin", &["administrator"]).await;
    let instructor = app.actor("instructrice", &["franceconnect:instructor"]).await;
    let own = me(&instructor).await;
    let mut all = Vec::new();
    for _ in 0..4 {
        all.push(applicant.submitted("franceconnect").await);
    }
    let [fresh, back, taken, done] = all[..] else { panic!() };
    instructor.step(back, "request_changes", "Précisez.").await.ok();
    applicant.step(back, "submit", "").await.ok();
    assign(&instructor, taken, &own, &Value::Null).await.ok();
    assign(&instructor, done, &own, &Value::Null).await.ok();
    instructor.step(done, "validate", "Oui.").await.ok();
    let sent_back = applicant.submitted("franceconnect").await;
    instructor.step(sent_back, "request_changes", "Précisez.").await.ok();
    let archived = applicant.submitted("franceconnect").await;
    instructor.step(archived, "archive", "").await.ok();
    applicant.submitted("api_particulier").await;
    for _ in 0..2 {
        let message = json!({"body": "Bonjour.", "note": false});
        applicant.post(&format!("/api/enrollments/{taken}/messages"), &message).await.ok();
    }

    let counts = instructor.get("/api/enrollments/counts").await.ok();
    for (name, query, expected) in [
        ("submitted", "status=submitted", vec![fresh, back, taken]),
        ("unassigned", "status=submitted&assigned_to=nobody", vec![fresh, back]),
        ("waiting_for_me", "status=submitted&assigned_to=me", vec![taken]),
        ("resubmitted", "status=submitted&resubmitted=true", vec![back]),
        ("mine", "assigned_to=me", vec![taken, done]),
        ("changes_requested", "status=changes_requested", vec![sent_back]),
        ("unread", "unread=true", vec![taken]),
        ("all", "", vec![fresh, back, taken, done, sent_back]),
    ] {
        assert_eq!(ids(&instructor, &format!("{query}&sort=id")).await, expected, "{name}");
        assert_eq!(counts[name], expected.len(), "{name}");
    }
    let seen = reporter.get("/api/enrollments/counts").await.ok();
    assert_eq!((&seen["all"], &seen["unassigned"], &seen["unread"]), (&json!(1), &json!(0), &json!(0)));
    assert_eq!(ids(&reporter, "assigned_to=nobody").await, [] as [i64; 0], "who has what is not for reporters");
    assert_eq!(ids(&applicant, "assigned_to=nobody").await, [] as [i64; 0]);
    assert_eq!(ids(&applicant, "unread=true").await, [] as [i64; 0]);
    assert_eq!(administrator.get("/api/enrollments/counts").await.ok()["all"], 7, "with the archived one");
    assert_eq!(applicant.get("/api/enrollments/counts").await.ok()["all"], 0, "their own are not to be instructed");
    app.visitor().get("/api/enrollments/counts").await.error(401, "unauthorized");
    instructor.get("/api/enrollments?assigned_to=moi").await.error(400, "bad_request");
}

#[tokio::test]
async fn an_administrator_who_instructs_is_shown_as_many_as_each_count_says() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let both = app.actor("admin", &["administrator", "franceconnect:instructor"]).await;
    let own = me(&both).await;
    for archives in [false, true] {
        let id = applicant.submitted("franceconnect").await;
        let message = json!({"body": "Bonjour.", "note": false});
        applicant.post(&format!("/api/enrollments/{id}/messages"), &message).await.ok();
        assign(&both, id, &own, &Value::Null).await.ok();
        if archives {
            both.step(id, "archive", "").await.ok();
        }
    }
    applicant.submitted("api_particulier").await;
    let counts = both.get("/api/enrollments/counts").await.ok();
    for (name, query) in [
        ("submitted", "status=submitted"),
        ("unassigned", "status=submitted&assigned_to=nobody"),
        ("waiting_for_me", "status=submitted&assigned_to=me"),
        ("resubmitted", "status=submitted&resubmitted=true"),
        ("mine", "assigned_to=me"),
        ("changes_requested", "status=changes_requested"),
        ("unread", "unread=true"),
        ("all", ""),
    ] {
        assert_eq!(counts[name], ids(&both, query).await.len(), "{name}");
    }
    assert_eq!(counts["all"], 3, "what is archived is in every list of an administrator, and is counted");
}

#[tokio::test]
async fn a_view_is_counted_up_to_a_thousand() {
    const COLUMNS: &str = "target_api, policy_revision, status, version, siret, nom_raison_sociale, intitule, \
        responsable_traitement, demandeur_id, demandeur_email, reopening, resubmitted, offered, created_at, updated_at, \
        submitted_at, intitule_sort, waited, waiting_from, search, content, demarche";

    let app = TestApp::start();
    let id = app.actor("demandeur", &[]).await.submitted("franceconnect").await;
    let instructor = app.actor("instructrice", &["franceconnect:instructor"]).await;
    let copies = format!(
        "INSERT INTO enrollments ({COLUMNS}) SELECT {COLUMNS} FROM enrollments, (WITH RECURSIVE numbers (number) AS \
         (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < 1200) SELECT number FROM numbers) AS numbers \
         WHERE id = {id}"
    );
    app.state.db.write(move |c| Ok(diesel::connection::SimpleConnection::batch_execute(c, &copies)?)).await.unwrap();
    let counts = instructor.get("/api/enrollments/counts").await.ok();
    let expected = [1_001, 1_001, 1_001, 0, 0].map(|count| json!(count));
    assert_eq!(
        ["all", "submitted", "unassigned", "resubmitted", "waiting_for_me"].map(|view| counts[view].clone()),
        expected
    );
}

#[tokio::test]
async fn every_order_pages_without_losing_or_repeating_a_row() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructrice", &["franceconnect:instructor", "api_particulier:instructor"]).await;
    let administrator = app.actor("admin", &["administrator"]).await;
    let mut all = Vec::new();
    for (title, days) in
        [("Été", Some(3)), ("eau", Some(9)), ("Zoo", Some(1)), ("abc", None), ("", None), ("Abd", None)]
    {
        let id = applicant.complete(if days == Some(9) { "franceconnect" } else { "api_particulier" }).await;
        if !title.is_empty() {
            applicant.patch(&format!("/api/enrollments/{id}"), &json!({"intitule": title})).await.ok();
        }
        if let Some(days) = days {
            applicant.step(id, "submit", "").await.ok();
            age(&app, id, days).await;
        }
        all.push(id);
    }
    instructor.step(all[2], "validate", "Oui.").await.ok();
    let drafts = &all[3..];
    for sort in ["id", "updated_at", "nom_raison_sociale", "intitule", "status", "submitted_at", "waiting_from"] {
        for sign in ["", "-"] {
            for filter in
                ["", "&status=submitted", "&status=draft", "&status=submitted,draft,validated", "&search=clamart"]
            {
                for who in [&instructor, &administrator] {
                    let whole = ids(who, &format!("sort={sign}{sort}{filter}")).await;
                    let (mut seen, mut cursor) = (Vec::new(), String::new());
                    loop {
                        let path = format!("/api/enrollments?sort={sign}{sort}{filter}&limit=2{cursor}");
                        let page = who.get(&path).await.ok();
                        seen.extend(page["items"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()));
                        let Some(next) = page["next"].as_str() else { break };
                        cursor = format!("&cursor={next}");
                        assert!(seen.len() <= all.len(), "{sign}{sort}{filter}: {seen:?}");
                    }
                    assert_eq!(seen, whole, "{sign}{sort}{filter}");
                }
            }
        }
    }
    assert_eq!(ids(&instructor, "sort=waiting_from").await, [all[1], all[0], all[2], all[3], all[4], all[5]]);
    assert_eq!(ids(&instructor, "sort=-waiting_from").await[..2], [all[0], all[1]], "those that do not wait come last");
    assert_eq!(ids(&instructor, "sort=-waiting_from").await.len(), all.len());
    assert_eq!(ids(&instructor, "sort=-submitted_at").await[3..], [all[5], all[4], all[3]]);
    assert_eq!(ids(&instructor, "sort=intitule&status=submitted,validated").await, [all[1], all[0], all[2]]);
    assert_eq!(ids(&instructor, "sort=waiting_from&status=draft").await, drafts);
    for cursor in ["", "x", "MTIgYWJj"] {
        let answer = instructor.get(&format!("/api/enrollments?sort=waiting_from&cursor={cursor}")).await;
        assert!(matches!(answer.status.as_u16(), 200 | 400), "{cursor}: {}", answer.text);
    }
}

#[tokio::test]
async fn searching_a_number_finds_the_request() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let stranger = app.actor("autre", &[]).await;
    let instructor = app.actor("instructrice", &["franceconnect:instructor"]).await;
    applicant.submitted("franceconnect").await;
    let id = applicant.submitted("franceconnect").await;
    instructor.step(id, "validate", "Oui.").await.ok();
    let granted = show(&instructor, id).await["authorisations"][0]["id"].as_i64().unwrap();
    assert_ne!(granted, id);
    for search in
        [format!("D{id}"), format!("d{id}"), format!("H{granted}"), format!("%20h{granted}%20"), id.to_string()]
    {
        assert_eq!(ids(&instructor, &format!("search={search}")).await, [id], "{search}");
        assert_eq!(ids(&stranger, &format!("search={search}")).await, [] as [i64; 0], "{search}");
    }
    assert_eq!(ids(&instructor, "search=H4242").await, [] as [i64; 0]);
    assert_eq!(ids(&instructor, "search=demandeur@exemple.fr").await.len(), 2);
}

#[tokio::test]
async fn saved_filters_belong_to_one_user() {
    let app = TestApp::start();
    let one = app.actor("instructrice", &["franceconnect:instructor"]).await;
    let other = app.actor("instructeur", &["franceconnect:instructor"]).await;
    let path = "/api/me/filters";
    let new =
        |name: &str, is_default: bool| json!({"name": name, "query": "status=submitted", "is_default": is_default});
    let names = |filters: &Value| -> Vec<(String, bool)> {
        let filters = filters.as_array().unwrap().iter();
        filters.map(|one| (one["name"].as_str().unwrap().to_owned(), one["is_default"] == true)).collect()
    };
    let filters = one.post(path, &new("  Mes   crèches ", true)).await.ok();
    assert_eq!(names(&filters), [("Mes crèches".to_owned(), true)]);
    let id = filters[0]["id"].as_i64().unwrap();
    let filters = one.post(path, &new("À relire", true)).await.ok();
    assert_eq!(filters.as_array().unwrap().iter().filter(|one| one["is_default"] == true).count(), 1, "one at most");
    one.post(path, &new("Mes crèches", false)).await.error(409, "wrong_status");
    let renamed = put(&one, &format!("{path}/{id}"), &new("Crèches <b>", false)).await.ok();
    assert!(names(&renamed).contains(&("Crèches <b>".to_owned(), false)));
    put(&one, &format!("{path}/{id}"), &new("À relire", false)).await.error(409, "wrong_status");

    assert_eq!(other.get(path).await.ok(), json!([]));
    put(&other, &format!("{path}/{id}"), &new("x", false)).await.error(404, "not_found");
    let forget = |who: &Client, id: i64| {
        let (who, path) = (who.clone(), format!("{path}/{id}"));
        async move { who.send(who.request(reqwest::Method::DELETE, &path)).await }
    };
    forget(&other, id).await.error(404, "not_found");
    assert_eq!(forget(&one, id).await.ok().as_array().unwrap().len(), 1);
    forget(&one, id).await.error(404, "not_found");

    for wrong in ["", " ", "a\u{202e}b", "a\0b", "a\u{7}b", &"é".repeat(81)] {
        one.post(path, &new(wrong, false)).await.error(400, "bad_request");
    }
    for query in ["a\nb".to_owned(), "x".repeat(2_001)] {
        one.post(path, &json!({"name": "x", "query": query})).await.error(400, "bad_request");
    }
    app.visitor().get(path).await.error(401, "unauthorized");
    for number in 1..50 {
        one.post(path, &new(&format!("n°{number}"), false)).await.ok();
    }
    one.post(path, &new("de trop", false)).await.error(409, "wrong_status");
}
