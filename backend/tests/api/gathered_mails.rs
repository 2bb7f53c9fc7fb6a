//! Mails that would come in quick turn: the first at once, the others as one, ten minutes later.

use chrono::{Duration, NaiveDateTime};
use datapass::schema::outbox;
use diesel::prelude::*;
use serde_json::json;

use crate::support::{Client, TestApp};

const API: &str = "api_particulier";
const APPLICANT: &str = "demandeur@exemple.fr";
const SUBSCRIBER: &str = "abonnee@exemple.fr";

struct Scene {
    app: TestApp,
    applicant: Client,
    instructor: Client,
    id: i64,
}

impl Scene {
    /// A request that was submitted long ago.
    async fn set() -> Self {
        let app = TestApp::start();
        let applicant = app.actor("demandeur", &[]).await;
        let instructor = app.actor("instructrice", &["api_particulier:instructor"]).await;
        app.actor("abonnee", &["api_particulier:subscriber"]).await;
        let id = applicant.submitted(API).await;
        let scene = Self { app, applicant, instructor, id };
        scene.app.mails().await;
        scene.minutes_pass(60).await;
        scene
    }

    async fn write(&self, who: &Client, text: &str) {
        who.post(&format!("/api/enrollments/{}/messages", self.id), &json!({"body": text})).await.ok();
    }

    async fn step(&self, event: &str) {
        let who = if matches!(event, "submit" | "withdraw") { &self.applicant } else { &self.instructor };
        who.step(self.id, event, "Précisez.").await.ok();
    }

    /// The subjects of the mails that somebody has got, after the first `known` ones.
    async fn subjects(&self, reader: &str, known: usize) -> Vec<String> {
        let mails = self.app.mails().await.into_iter().filter(|(to, ..)| to == reader);
        mails.map(|(_, subject, _)| subject).skip(known).collect()
    }

    async fn count(&self, reader: &str) -> usize {
        self.subjects(reader, 0).await.len()
    }

    async fn minutes_pass(&self, minutes: i64) {
        minutes_pass(&self.app, minutes).await;
    }
}

/// Lets so many minutes pass since everything that was put into the outbox.
pub async fn minutes_pass(app: &TestApp, minutes: i64) {
    type Row = (String, NaiveDateTime, NaiveDateTime, Option<NaiveDateTime>);

    let ago = Duration::minutes(minutes);
    let moved = app.state.db.write(move |c| {
        let columns = (outbox::id, outbox::created_at, outbox::next_attempt_at, outbox::delivered_at);
        let rows: Vec<Row> = outbox::table.select(columns).load(c)?;
        for (id, created_at, next_attempt_at, delivered_at) in rows {
            let times = (
                outbox::created_at.eq(created_at - ago),
                outbox::next_attempt_at.eq(next_attempt_at - ago),
                outbox::delivered_at.eq(delivered_at.map(|at| at - ago)),
            );
            diesel::update(outbox::table.find(id)).set(times).execute(c)?;
        }
        Ok(())
    });
    moved.await.unwrap();
}

#[tokio::test]
async fn messages_in_quick_turn_are_a_mail_at_once_and_one_after_ten_minutes() {
    let scene = Scene::set().await;
    for (who, reader, one, several) in [
        (&scene.instructor, APPLICANT, "Message au sujet", "5 messages au sujet"),
        (&scene.applicant, SUBSCRIBER, "Message du demandeur", "5 messages du demandeur"),
    ] {
        let known = scene.count(reader).await;
        for number in 0..5 {
            scene.write(who, &format!("Message {number}.")).await;
        }
        let at_once = scene.subjects(reader, known).await;
        assert!(matches!(&at_once[..], [only] if only.starts_with(one)), "{at_once:?}");
        scene.minutes_pass(9).await;
        assert_eq!(scene.subjects(reader, known).await.len(), 1, "ten minutes are not over");
        scene.minutes_pass(1).await;
        let gathered = scene.subjects(reader, known).await;
        assert!(matches!(&gathered[..], [_, last] if last.starts_with(several)), "{gathered:?}");
        // The ten minutes begin anew with each mail.
        scene.write(who, "Encore un.").await;
        assert_eq!(scene.subjects(reader, known).await.len(), 2);
        scene.minutes_pass(10).await;
        assert_eq!(scene.subjects(reader, known).await.len(), 3);
        scene.minutes_pass(10).await;
        scene.write(who, "Bien plus tard.").await;
        assert_eq!(scene.subjects(reader, known).await.len(), 4, "at once");
    }
}

#[tokio::test]
async fn each_request_has_its_own_ten_minutes() {
    let scene = Scene::set().await;
    let other = scene.applicant.submitted(API).await;
    let known = scene.count(APPLICANT).await;
    scene.write(&scene.instructor, "Bonjour.").await;
    scene.instructor.post(&format!("/api/enrollments/{other}/messages"), &json!({"body": "Bonjour."})).await.ok();
    assert_eq!(scene.subjects(APPLICANT, known).await.len(), 2);
}

#[tokio::test]
async fn a_decision_does_not_wait_and_what_waited_leaves_before_it() {
    let scene = Scene::set().await;
    let known = scene.count(APPLICANT).await;
    scene.write(&scene.instructor, "Une question.").await;
    scene.write(&scene.instructor, "Une autre.").await;
    scene.step("request_changes").await;
    let told = scene.subjects(APPLICANT, known).await;
    assert!(
        matches!(&told[..], [one, two, decision]
            if one.starts_with("Message") && two.starts_with("2 messages") && !decision.contains("essage")),
        "{told:?}"
    );
    // What follows a decision is told at once.
    scene.write(&scene.instructor, "Une dernière.").await;
    assert_eq!(scene.subjects(APPLICANT, known).await.len(), 4);
}

#[tokio::test]
async fn who_has_read_a_message_gets_no_mail_of_it_later() {
    let scene = Scene::set().await;
    let known = scene.count(APPLICANT).await;
    scene.write(&scene.instructor, "Une question.").await;
    scene.write(&scene.instructor, "Une autre.").await;
    scene.applicant.post(&format!("/api/enrollments/{}/messages/read", scene.id), &json!({})).await.ok();
    scene.minutes_pass(10).await;
    assert_eq!(scene.subjects(APPLICANT, known).await.len(), 1);
}

#[tokio::test]
async fn submissions_and_withdrawals_in_quick_turn_are_two_mails() {
    let scene = Scene::set().await;
    let (of_applicant, of_subscriber) = (scene.count(APPLICANT).await, scene.count(SUBSCRIBER).await);
    for _ in 0..20 {
        scene.step("withdraw").await;
        scene.step("submit").await;
    }
    let [acknowledged] = &scene.subjects(APPLICANT, of_applicant).await[..] else { panic!("one at once") };
    assert!(acknowledged.contains("transmise"), "{acknowledged}");
    let [withdrawn] = &scene.subjects(SUBSCRIBER, of_subscriber).await[..] else { panic!("one at once") };
    assert!(withdrawn.contains("reprise"), "{withdrawn}");
    scene.minutes_pass(10).await;
    assert_eq!(scene.subjects(APPLICANT, of_applicant).await.len(), 2);
    let [_, last] = &scene.subjects(SUBSCRIBER, of_subscriber).await[..] else { panic!("one more") };
    assert!(last.contains("Nouvelle demande"), "the last word: {last}");

    // Taken back in the end: nobody is told that it was submitted once more.
    scene.minutes_pass(60).await;
    let (of_applicant, of_subscriber) = (scene.count(APPLICANT).await, scene.count(SUBSCRIBER).await);
    for event in ["withdraw", "submit", "withdraw", "submit", "withdraw"] {
        scene.step(event).await;
    }
    scene.minutes_pass(10).await;
    assert_eq!(scene.subjects(APPLICANT, of_applicant).await.len(), 1, "of the first submission");
    let told = scene.subjects(SUBSCRIBER, of_subscriber).await;
    assert!(matches!(&told[..], [_, last] if last.contains("reprise")), "{told:?}");
}

#[tokio::test]
async fn a_submission_after_a_decision_is_told_at_once() {
    let scene = Scene::set().await;
    let (of_applicant, of_subscriber) = (scene.count(APPLICANT).await, scene.count(SUBSCRIBER).await);
    for event in ["withdraw", "submit", "request_changes", "submit"] {
        scene.step(event).await;
    }
    let told = scene.subjects(APPLICANT, of_applicant).await;
    assert_eq!(told.len(), 3, "submitted, sent back, submitted: {told:?}");
    let told = scene.subjects(SUBSCRIBER, of_subscriber).await;
    let words = ["reprise", "Nouvelle", "modifiée"];
    assert!(told.len() == 3 && told.iter().zip(words).all(|(subject, word)| subject.contains(word)), "{told:?}");
}

/// Of another topic, to the same reader, about the same request.
#[tokio::test]
async fn a_mail_that_waits_holds_up_no_other() {
    let scene = Scene::set().await;
    let known = scene.count(APPLICANT).await;
    scene.write(&scene.instructor, "Une question.").await;
    scene.write(&scene.instructor, "Une autre.").await;
    scene.step("withdraw").await;
    scene.step("submit").await;
    let told = scene.subjects(APPLICANT, known).await;
    assert!(matches!(&told[..], [_, acknowledged] if acknowledged.contains("transmise")), "{told:?}");
    scene.minutes_pass(10).await;
    assert_eq!(scene.subjects(APPLICANT, known).await.len(), 3);
}
