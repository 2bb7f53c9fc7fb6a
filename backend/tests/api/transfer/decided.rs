//! Transfers that the administration decides, that are refused, and that race.

use super::*;

#[tokio::test]
async fn after_ten_working_days_the_administration_decides_with_a_reason() {
    let scene = scene().await;
    let Scene { app, applicant, colleague, instructor, administrator, stranger } = &scene;
    let other = app.actor_of("autre", &["franceconnect:instructor"], &[]).await;
    let reporter = app.actor_of("rapporteuse", &["api_particulier:reporter"], &[]).await;
    for (who, accept) in [(instructor, true), (administrator, true), (instructor, false)] {
        let id = applicant.submitted(API).await;
        ask(colleague, id, "Il est parti.").await.ok();
        let due = administrator.get(&path(id)).await.ok()["waiting"]["due_on"].as_str().unwrap().to_owned();
        assert_eq!(due, shared::transfer::due_on(Utc::now().date_naive()).to_string());
        let told = answer(who, id, accept, "Plus de réponse.").await.error(409, "wrong_status");
        assert!(told.contains("jusqu’au"), "{told}");
        let_ten_working_days_pass(app, id).await;
        assert_eq!(answer(who, id, accept, "").await.places(), ["/reason: required"]);
        for (nobody, status) in [(&other, 404), (stranger, 404), (&reporter, 403), (colleague, 404)] {
            let code = if status == 404 { "not_found" } else { "forbidden" };
            answer(nobody, id, accept, "Plus de réponse.").await.error(status, code);
        }
        let mails = app.mails().await.len();
        answer(who, id, accept, "Plus de réponse.").await.ok();
        let told = scene.mails_since(mails).await;
        assert_eq!(told.iter().map(|(to, _)| &to[..3]).collect::<Vec<_>>(), ["arr", "dep"]);
        assert!(told.iter().all(|(_, text)| text.contains("Plus de réponse.")), "{told:?}");
        assert_eq!(read(colleague, id).await.status.is_success(), accept);
        assert_eq!(read(applicant, id).await.status.is_success(), !accept);
    }
}

#[tokio::test]
async fn nobody_of_the_administration_decides_for_themselves_or_for_who_has_left() {
    let scene = scene().await;
    let Scene { app, applicant, colleague, administrator, .. } = &scene;
    let id = applicant.submitted(API).await;
    let both = app.actor_of("double", &["api_particulier:instructor"], &[CLAMART]).await;
    ask(&both, id, "Je le remplace.").await.ok();
    let_ten_working_days_pass(app, id).await;
    answer(&both, id, true, "Pour moi.").await.error(403, "forbidden");
    both.delete(&path(id)).await.ok();
    ask(colleague, id, "Je le remplace.").await.ok();
    let_ten_working_days_pass(app, id).await;
    app.actor_of("arrivee", &[], &[DINUM]).await;
    answer(administrator, id, true, "Accordé.").await.error(409, "wrong_status");
    answer(administrator, id, false, "Partie entre-temps.").await.ok();
}

#[tokio::test]
async fn an_administrator_moves_a_request_to_a_verified_member_with_a_reason() {
    let scene = scene().await;
    let Scene { app, applicant, colleague, instructor, administrator, .. } = &scene;
    let id = applicant.submitted(API).await;
    let to = "arrivee@exemple.fr";
    give(applicant, id, to, "Départ.").await.error(403, "forbidden");
    give(instructor, id, to, "Départ.").await.error(403, "forbidden");
    give(colleague, id, to, "Départ.").await.error(404, "not_found");
    for (email, reason, place) in [
        ("", "Départ.", "/email: required"),
        ("arrivee", "Départ.", "/email: format"),
        (to, " ", "/reason: required"),
        (to, "a\u{202e}b", "/reason: format"),
        ("inconnue@exemple.fr", "Départ.", "/email: unknown"),
        ("ailleurs@exemple.fr", "Départ.", "/email: not_eligible"),
        ("depart@exemple.fr", "Départ.", "/email: unchanged"),
    ] {
        assert_eq!(give(administrator, id, email, reason).await.places(), [place]);
    }
    scene.set_verified(to, true, false).await;
    assert_eq!(give(administrator, id, to, "Départ.").await.places(), ["/email: not_eligible"]);
    scene.set_verified(to, false, true).await;
    assert_eq!(give(administrator, id, to, "Départ.").await.places(), ["/email: unknown"]);
    scene.set_verified(to, true, true).await;
    // What waits is over once the request has moved.
    offer(applicant, id, "autre@exemple.fr").await.ok();
    assert_eq!(steps(administrator, id).await, json!(["move"]));
    let mails = app.mails().await.len();
    give(administrator, id, to, "Départ à la retraite.").await.ok();
    assert!(scene.mails_since(mails).await.iter().all(|(_, text)| text.contains("Départ à la retraite.")));
    assert_eq!(steps(colleague, id).await, json!(["offer"]));
    let events = colleague.get(&format!("/api/enrollments/{id}/events")).await.ok();
    assert_eq!(events.as_array().unwrap().last().unwrap()["comment"], "Départ à la retraite.");
}

#[tokio::test]
async fn wrong_offers_name_their_place() {
    let scene = scene().await;
    let Scene { applicant, .. } = &scene;
    let id = applicant.complete(API).await;
    for (body, place) in [
        (json!({"kind": "offer"}), "/email: required"),
        (json!({"kind": "offer", "email": "x"}), "/email: format"),
        (json!({"kind": "offer", "email": "depart@exemple.fr"}), "/email: not_eligible"),
        (json!({"kind": "offer", "email": "a@b.fr", "reason": "x\u{7}"}), "/reason: format"),
        (json!({"kind": "give"}), "/kind: format"),
        (json!({}), "/kind: required"),
        (json!({"kind": "offer", "email": "a@b.fr", "to": 3}), "/to: unknown"),
    ] {
        assert_eq!(applicant.post(&path(id), &body).await.places(), [place]);
    }
    assert_eq!(applicant.put(&path(id), &json!({})).await.places(), ["/accept: required"]);
    let nobodys = applicant.post("/api/enrollments", &json!({"target_api": API})).await.ok()["id"].as_i64().unwrap();
    offer(applicant, nobodys, "arrivee@exemple.fr").await.error(409, "wrong_status");
}

#[tokio::test]
async fn what_is_refused_revoked_or_put_away_stays_where_it_is() {
    let scene = scene().await;
    let Scene { applicant, colleague, instructor, administrator, .. } = &scene;
    for last in ["refuse", "revoke", "archive"] {
        let id = applicant.submitted(API).await;
        offer(applicant, id, "arrivee@exemple.fr").await.ok();
        if last == "revoke" {
            instructor.step(id, "validate", "Conforme.").await.ok();
            assert_eq!(steps(colleague, id).await, json!(["accept", "refuse"]), "a granted request passes on too");
        }
        administrator.patch(&format!("/api/enrollments/{id}"), &json!({})).await;
        let who = if last == "refuse" { instructor } else { administrator };
        who.step(id, last, "Voici pourquoi.").await.ok();
        answer(colleague, id, true, "").await.error(404, "not_found");
        ask(colleague, id, "Je le remplace.").await.error(404, "not_found");
        colleague.get(&path(id)).await.error(404, "not_found");
        let refused = give(administrator, id, "arrivee@exemple.fr", "Départ.").await;
        refused.error(409, "wrong_status");
    }
}

#[tokio::test]
async fn an_authorisation_stays_in_force_and_its_update_is_the_new_applicants() {
    let scene = scene().await;
    let Scene { applicant, colleague, instructor, .. } = &scene;
    let id = applicant.submitted(API).await;
    instructor.step(id, "validate", "Conforme.").await.ok();
    let authorisation = read(applicant, id).await.ok()["authorisations"].clone();
    offer(applicant, id, "arrivee@exemple.fr").await.ok();
    answer(colleague, id, true, "").await.ok();
    assert_eq!(read(colleague, id).await.ok()["authorisations"], authorisation);
    let number = &authorisation[0]["id"];
    colleague.get(&format!("/api/authorisations/{number}")).await.ok();
    applicant.get(&format!("/api/authorisations/{number}")).await.error(404, "not_found");
    // Giving an update up brings back what was granted, but not who had it then.
    colleague.step(id, "reopen", "").await.ok();
    colleague.patch(&format!("/api/enrollments/{id}"), &json!({"intitule": "Autre"})).await.ok();
    let given_up = colleague.step(id, "cancel_reopening", "").await.ok();
    assert_eq!(given_up["intitule"], "Tarification de la cantine");
    let applicants = given_up["team_members"].as_array().unwrap().iter().find(|one| one["type"] == "demandeur");
    assert_eq!(applicants.unwrap()["email"], "arrivee@exemple.fr");
    read(applicant, id).await.error(404, "not_found");
}

#[tokio::test]
async fn an_applicant_who_has_left_hands_over_and_transfers_are_in_the_audit_log() {
    let scene = scene().await;
    let Scene { app, applicant, colleague, administrator, .. } = &scene;
    let id = applicant.submitted(API).await;
    let left = app.actor_of("depart", &[], &[]).await;
    offer(&left, id, "arrivee@exemple.fr").await.ok();
    answer(colleague, id, true, "").await.ok();
    read(colleague, id).await.ok();
    let log = administrator.get("/api/audit").await.ok();
    let actions: Vec<&str> =
        log["items"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    for action in ["enrollment.offer_transfer", "enrollment.accept_transfer"] {
        assert!(actions.contains(&action), "{action} in {actions:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_concurrent_answers_one_wins() {
    let scene = scene().await;
    let Scene { app, applicant, colleague, administrator, .. } = &scene;
    for round in 0..races() {
        // What leads there; two answers of which one is given, as who, method and body.
        let id = applicant.submitted(API).await;
        let (one, two) = if round % 2 == 0 {
            offer(applicant, id, "arrivee@exemple.fr").await.ok();
            (colleague.clone(), applicant.clone())
        } else {
            ask(colleague, id, "Je le remplace.").await.ok();
            let_ten_working_days_pass(app, id).await;
            (administrator.clone(), applicant.clone())
        };
        let one = tokio::spawn(async move { answer(&one, id, true, "Accordé.").await });
        let is_offer = round % 2 == 0;
        let two = tokio::spawn(async move {
            if is_offer { two.delete(&path(id)).await } else { answer(&two, id, false, "Non.").await }
        });
        let (one, two) = (one.await.unwrap(), two.await.unwrap());
        let won = one.status.is_success();
        assert_ne!(won, two.status.is_success(), "round {round}: {one:?} {two:?}");
        let lost = if won { &two } else { &one };
        // Whoever is too late no longer sees the request, or finds nothing to answer.
        assert!([409, 404].contains(&lost.status.as_u16()), "round {round}: {lost:?}");
        assert_eq!(read(colleague, id).await.status.is_success(), won, "round {round}");
        let events = administrator.get(&format!("/api/enrollments/{id}/events")).await.ok();
        assert_eq!(events.as_array().unwrap().len(), if won { 3 } else { 2 }, "round {round}");
    }
    let waiting = transfers::table.filter(transfers::outcome.is_null()).count();
    let waiting: i64 = app.state.db.read(move |c| Ok(waiting.get_result(c)?)).await.unwrap();
    assert_eq!(waiting, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_transfer_of_a_request_waits_at_most() {
    let scene = scene().await;
    let Scene { app, applicant, colleague, .. } = &scene;
    let second = app.actor_of("seconde", &[], &[CLAMART]).await;
    for round in 0..races() {
        let id = applicant.complete(API).await;
        let (one, two) = (colleague.clone(), second.clone());
        let one = tokio::spawn(async move { ask(&one, id, "Je le remplace.").await });
        let two = tokio::spawn(async move { ask(&two, id, "Je le remplace.").await });
        let mut statuses = [one.await.unwrap().status.as_u16(), two.await.unwrap().status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409], "round {round}");
    }
}
