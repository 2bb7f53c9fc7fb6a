//! Two people at once: exactly one wins.

use std::collections::BTreeSet;

use datapass::connection::types::now;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp, races};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_concurrent_decisions_one_wins() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let first = app.actor("instructrice", &["api_particulier:instructor"]).await;
    let second = app.actor("instructeur", &["api_particulier:instructor"]).await;
    let mut wins = [0, 0];
    let rounds = races();
    for round in 0..rounds {
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
    assert_eq!(decisions, 3 * rounds, "told of its draft, its receipt and one decision for each request");
    assert!(wins.iter().sum::<usize>() == rounds, "{wins:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_concurrent_writers_one_wins() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.complete("api_particulier").await;
    let path = format!("/api/enrollments/{id}");
    for round in 0..races() {
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

/// Who races, in the words of the table.
struct Runners {
    applicant: Client,
    instructor: Client,
    colleague: Client,
    administrator: Client,
    reporter: Client,
    same_group: Client,
}

impl Runners {
    fn named(&self, name: &str) -> &Client {
        match name {
            "applicant" => &self.applicant,
            "instructor" => &self.instructor,
            "colleague" => &self.colleague,
            "administrator" => &self.administrator,
            "reporter" => &self.reporter,
            "same group" => &self.same_group,
            other => panic!("{other}"),
        }
    }
}

/// What leads there, then two steps of which one may be taken: « who: step ».
const TWICE: &[(&[&str], &str, &str)] = &[
    (&[], "applicant: submit", "applicant: submit"),
    (&["applicant: submit"], "applicant: withdraw", "instructor: request_changes"),
    (&["applicant: submit"], "instructor: request_changes", "colleague: request_changes"),
    (&["applicant: submit"], "instructor: validate", "colleague: validate"),
    (&["applicant: submit"], "instructor: refuse", "colleague: offer_partial_grant"),
    (&["applicant: submit"], "instructor: archive", "colleague: archive"),
    (&["applicant: submit"], "instructor: assign", "colleague: assign"),
    (&["applicant: submit", "instructor: ask_opinion"], "reporter: give_opinion", "same group: give_opinion"),
    (&["applicant: submit", "instructor: offer_partial_grant"], "applicant: accept_offer", "applicant: decline_offer"),
    (&["applicant: submit", "instructor: validate"], "instructor: revoke", "administrator: revoke"),
    (&["applicant: submit", "instructor: validate"], "applicant: reopen", "applicant: reopen"),
    (&["applicant: submit", "instructor: validate"], "applicant: copy", "applicant: copy"),
    (
        &["applicant: submit", "instructor: validate", "applicant: reopen"],
        "applicant: cancel_reopening",
        "applicant: cancel_reopening",
    ),
];

/// Takes a step, in the one way that the API has for it.
async fn take(who: &Client, id: i64, step: &str) -> Answer {
    let path = format!("/api/enrollments/{id}");
    match step {
        "copy" => who.post(&format!("{path}/copy"), &Value::Null).await,
        "assign" => {
            let me = who.get("/api/session").await.ok()["user"]["id"].clone();
            who.put(&format!("{path}/assignment"), &json!({"user_id": me, "from": null})).await
        }
        "ask_opinion" => {
            let due_on = (now() + chrono::Duration::days(7)).date_naive();
            let question = json!({"recipient": "group-cnaf", "question": "Qu’en pensez-vous ?", "due_on": due_on});
            who.post(&format!("{path}/opinions"), &question).await
        }
        "give_opinion" => {
            let opinion = who.get(&format!("{path}/opinions")).await.ok()[0]["id"].clone();
            who.put(&format!("{path}/opinions/{opinion}"), &json!({"verdict": "favourable"})).await
        }
        "offer_partial_grant" => {
            let body = json!({"event": step, "comment": "Trop de données.", "struck": ["cnaf_adresse"]});
            who.patch(&format!("{path}/change_state"), &body).await
        }
        step => who.step(id, step, "Voici pourquoi.").await,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_identical_steps_apply_once() {
    // One applicant begins them all, on the same day.
    let app = TestApp::start_with(|config| {
        config.quotas.new_requests = i64::MAX;
        config.quotas.drafts = i64::MAX;
    });
    let runners = Runners {
        applicant: app.actor("demandeur", &[]).await,
        instructor: app.actor("instructrice", &["api_particulier:instructor"]).await,
        colleague: app.actor("instructeur", &["api_particulier:instructor"]).await,
        administrator: app.actor("administratrice", &["administrator"]).await,
        reporter: app.actor("rapporteuse", &["api_particulier:cnaf:reporter"]).await,
        same_group: app.actor("rapporteur", &["api_particulier:cnaf:reporter"]).await,
    };
    for (before, one, two) in TWICE {
        for round in 0..races() {
            let id = runners.applicant.complete("api_particulier").await;
            let scopes = json!({"scopes": ["cnaf_adresse", "cnaf_quotient_familial"]});
            runners.applicant.patch(&format!("/api/enrollments/{id}"), &scopes).await.ok();
            for step in *before {
                let (who, step) = step.split_once(": ").unwrap();
                take(runners.named(who), id, step).await.ok();
            }
            let events = format!("/api/enrollments/{id}/events");
            let lines = |events: Value| events.as_array().unwrap().len();
            let length = lines(runners.administrator.get(&events).await.ok());
            let [first, second] = [one, two].map(|step| {
                let (who, step) = step.split_once(": ").unwrap();
                let who = runners.named(who).clone();
                tokio::spawn(async move { take(&who, id, step).await })
            });
            let answers = [first.await.unwrap(), second.await.unwrap()];
            let mut statuses = answers.each_ref().map(|answer| answer.status.as_u16());
            statuses.sort_unstable();
            // Whoever comes second to a request that was put away no longer sees it.
            let is_lost = statuses[1] == 409 || one.ends_with("archive") && statuses[1] == 403;
            assert!((200..300).contains(&statuses[0]) && is_lost, "{one}, {two}, round {round}: {answers:?}");
            let told = lines(runners.administrator.get(&events).await.ok()) - length;
            let is_silent = one.ends_with("assign") || one.ends_with("give_opinion");
            assert_eq!(told, usize::from(!is_silent), "{one}, {two}, round {round}: one line of the history");
        }
    }
    let mails = app.mails().await;
    let distinct: BTreeSet<&(String, String, String)> = mails.iter().collect();
    // Each mail leads to its request, and each step of one is told once.
    assert_eq!(mails.len(), distinct.len(), "no mail is sent twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_opinion_that_is_asked_twice_at_once_is_one() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructrice", &["api_particulier:instructor"]).await;
    let reporter = app.actor("rapporteur", &["api_particulier:reporter"]).await;
    let reporter = reporter.get("/api/session").await.ok()["user"]["id"].clone();
    let id = applicant.submitted("api_particulier").await;
    let path = format!("/api/enrollments/{id}/opinions");
    let due_on = (now() + chrono::Duration::days(7)).date_naive();
    let rounds = races();
    for round in 0..rounds {
        let question =
            json!({"recipient": format!("user-{reporter}"), "question": format!("{round}\u{a0}?"), "due_on": due_on});
        let asked = [(); 3].map(|()| {
            let (instructor, path, question) = (instructor.clone(), path.clone(), question.clone());
            tokio::spawn(async move { instructor.post(&path, &question).await })
        });
        for answer in asked {
            answer.await.unwrap().ok();
        }
        assert_eq!(instructor.get(&path).await.ok().as_array().map(Vec::len), Some(round + 1), "round {round}");
    }
    let mails = app.mails().await;
    assert_eq!(mails.iter().filter(|(to, ..)| to == "rapporteur@exemple.fr").count(), rounds);
    // Another question is another opinion.
    let other = json!({"recipient": format!("user-{reporter}"), "question": "Et sinon\u{a0}?", "due_on": due_on});
    instructor.post(&path, &other).await.ok();
    assert_eq!(instructor.get(&path).await.ok().as_array().map(Vec::len), Some(rounds + 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_has_more_tools_than_twenty_however_they_connect_them() {
    let app = TestApp::start();
    for round in 0..races().div_ceil(8) {
        let owner = app.actor(&format!("personne{round}"), &[]).await;
        let connect = |number: usize| {
            let (owner, tool) =
                (owner.clone(), json!({"name": format!("Outil {number}"), "scopes": ["enrollments:read"]}));
            tokio::spawn(async move { owner.post("/api/me/api_clients", &tool).await.status.as_u16() })
        };
        for number in 0..18 {
            assert_eq!(connect(number).await.unwrap(), 201);
        }
        let mut statuses = Vec::new();
        for connected in [18, 19, 20, 21, 22, 23].map(connect) {
            statuses.push(connected.await.unwrap());
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 201, 409, 409, 409, 409], "round {round}");
        let tools = owner.get("/api/me/api_clients").await.ok();
        assert_eq!(tools.as_array().map(Vec::len), Some(20), "round {round}");
    }
}
