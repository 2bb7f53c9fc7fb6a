//! Two people at once: exactly one wins.

use serde_json::json;

use crate::support::TestApp;

const ROUNDS: usize = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_decisions_at_once_exactly_one_wins() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let first = app.actor("instructrice", &["api_particulier:instructor"]).await;
    let second = app.actor("instructeur", &["api_particulier:instructor"]).await;
    let mut wins = [0, 0];
    for round in 0..ROUNDS {
        let id = applicant.submitted("api_particulier").await;
        let (event, other) = if round % 2 == 0 { ("validate", "refuse") } else { ("request_changes", "validate") };
        let [one, two] = [(first.clone(), event), (second.clone(), other)]
            .map(|(who, event)| tokio::spawn(async move { who.step(id, event, "Voici pourquoi.").await }));
        let answers = [one.await.unwrap(), two.await.unwrap()];
        for (index, answer) in answers.iter().enumerate() {
            match answer.status.as_u16() {
                200 => wins[index] += 1,
                409 => {}
                other => panic!("round {round}: {other} {}", answer.text),
            }
        }
        assert_eq!(answers.iter().filter(|answer| answer.status.is_success()).count(), 1, "round {round}");
        let events = first.get(&format!("/api/enrollments/{id}/events")).await.ok();
        assert_eq!(events.as_array().unwrap().len(), 3, "create, submit, and one decision");
    }
    let mails = app.mails().await;
    let decisions = mails.iter().filter(|(to, ..)| to == "demandeur@exemple.fr").count();
    assert_eq!(decisions, 2 * ROUNDS, "one receipt and one decision for each request");
    assert!(wins.iter().sum::<usize>() == ROUNDS, "{wins:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_writers_of_one_version_exactly_one_wins() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.complete("api_particulier").await;
    let path = format!("/api/enrollments/{id}");
    for round in 0..ROUNDS {
        let etag = applicant.get(&path).await.headers["etag"].clone();
        let [one, two] = ["a", "b"].map(|tab| {
            let (applicant, path, etag) = (applicant.clone(), path.clone(), etag.clone());
            tokio::spawn(async move {
                let request = applicant
                    .request(reqwest::Method::PATCH, &path)
                    .header(reqwest::header::IF_MATCH, etag)
                    .json(&json!({"intitule": format!("{tab}{round}")}));
                applicant.send(request).await
            })
        });
        let mut statuses = [one.await.unwrap().status.as_u16(), two.await.unwrap().status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "round {round}");
    }
}
