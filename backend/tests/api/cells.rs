//! Rights over HTTP, cell by cell: every status, every relation to a request, every action, against the same hand-written
//! table as the rules themselves. What one may do answers 2xx; what one may not, 403 or 409 to those who may read it and
//! 404 to the others, who learn nothing.

use serde_json::{Value, json};
use shared::workflow::Action;

use datapass::connection::types::now;

use crate::rights_table::TABLE;
use crate::support::{CLAMART, Client, TestApp};
use crate::transfer::let_ten_working_days_pass;

const API: &str = "api_particulier";
const STATUSES: [&str; 8] =
    ["draft", "submitted", "changes_requested", "validated", "refused", "revoked", "archived", "deleted"];

/// Those who can be asked for an opinion.
const REPORTERS: [&str; 2] = ["api_particulier:reporter", "api_particulier:cnaf:reporter"];

/// Everybody who makes a request what it is.
struct Cast {
    app: TestApp,
    applicant: Client,
    instructor: Client,
    administrator: Client,
    colleague: Client,
}

impl Cast {
    async fn new() -> Self {
        let app = TestApp::start();
        for role in REPORTERS {
            app.actor(&role.replace(':', "-"), &[role]).await;
        }
        Self {
            applicant: app.actor("demandeur", &[]).await,
            instructor: app.actor("instructrice", &["api_particulier:instructor"]).await,
            administrator: app.actor("administratrice", &["administrator"]).await,
            colleague: app.actor_of("remplacante", &[], &[CLAMART]).await,
            app,
        }
    }

    /// A request in that status, by the steps that lead to it.
    async fn request(&self, status: &str) -> i64 {
        let id = self.applicant.complete(API).await;
        let members = self.applicant.get(&format!("/api/enrollments/{id}")).await.ok()["team_members"].clone();
        let mut members = members.as_array().unwrap().clone();
        let dpo = members.iter_mut().find(|member| member["type"] == "delegue_protection_donnees").unwrap();
        dpo["email"] = json!("dpo@exemple.fr");
        let named = json!({"team_members": members, "scopes": ["cnaf_adresse", "cnaf_quotient_familial"]});
        self.applicant.patch(&format!("/api/enrollments/{id}"), &named).await.ok();
        let steps: &[(&Client, &str)] = match status {
            "draft" => &[],
            "submitted" => &[(&self.applicant, "submit")],
            "changes_requested" => &[(&self.applicant, "submit"), (&self.instructor, "request_changes")],
            "validated" => &[(&self.applicant, "submit"), (&self.instructor, "validate")],
            "refused" => &[(&self.applicant, "submit"), (&self.instructor, "refuse")],
            "revoked" => {
                &[(&self.applicant, "submit"), (&self.instructor, "validate"), (&self.administrator, "revoke")]
            }
            "archived" => &[(&self.instructor, "archive")],
            "deleted" => &[(&self.applicant, "delete")],
            other => panic!("no request is {other}"),
        };
        for (who, step) in steps {
            who.step(id, step, "Voici pourquoi.").await.ok();
            if *step == "submit" {
                let path = format!("/api/enrollments/{id}/opinions");
                let candidates = self.instructor.get(&format!("{path}/candidates")).await.ok();
                for candidate in candidates.as_array().unwrap() {
                    self.instructor.post(&path, &question(&candidate["recipient"])).await.ok();
                }
            }
        }
        id
    }

    /// Somebody who stands in that relation to requests of this cast.
    async fn somebody(&self, relation: &str) -> Client {
        match relation {
            "applicant" => self.app.actor("demandeur", &[]).await,
            "applicant who left the organisation" => self.app.actor_of("demandeur", &[], &[]).await,
            "member" => self.app.actor_of("dpo", &[], &[]).await,
            "colleague" => self.app.actor_of("collegue", &[], &[CLAMART]).await,
            // They speak for no organisation: colleagues of the applicant may do more.
            role => self.app.actor_of(&role.replace(':', "-"), &[role], &[]).await,
        }
    }
}

/// What reporters are asked.
fn question(recipient: &Value) -> Value {
    let due_on = (now() + chrono::Duration::days(7)).date_naive();
    json!({"recipient": recipient, "question": "Qu’en pensez-vous\u{a0}?", "due_on": due_on})
}

/// Does the action, in the one way that the API has for it.
async fn act(cast: &Cast, who: &Client, id: i64, action: &str) -> u16 {
    let path = format!("/api/enrollments/{id}");
    let answer = match action {
        "show" => who.get(&path).await,
        "read_messages" => who.get(&format!("{path}/messages")).await,
        "update" => who.patch(&path, &json!({"intitule": format!("Projet {id}, repris")})).await,
        "copy" => who.post(&format!("{path}/copy"), &Value::Null).await,
        "notify" => who.post(&format!("{path}/messages"), &json!({"body": "Bonjour."})).await,
        "annotate" => who.post(&format!("{path}/messages"), &json!({"body": "Noté.", "note": true})).await,
        "assign" => who.put(&format!("{path}/assignment"), &json!({"user_id": null})).await,
        "ask_opinion" => who.post(&format!("{path}/opinions"), &question(&json!("group-cnaf"))).await,
        "give_opinion" => {
            // Each is asked something: theirs is found by trying.
            let asked = who.get(&format!("{path}/opinions")).await;
            let asked = if asked.status.is_success() { asked.json() } else { json!([]) };
            let mut answer = who.put(&format!("{path}/opinions/0"), &json!({"verdict": "favourable"})).await;
            for opinion in asked.as_array().unwrap() {
                if !answer.status.is_success() {
                    let path = format!("{path}/opinions/{}", opinion["id"]);
                    answer = who.put(&path, &json!({"verdict": "favourable"})).await;
                }
            }
            answer
        }
        "correct" => {
            let body = json!({"description": "Corrigée.", "reason": "Coquille."});
            who.post(&format!("{path}/correction"), &body).await
        }
        "correct_contacts" => {
            let member = json!({"type": "delegue_protection_donnees", "email": "dpo@exemple.fr", "given_name": "Dominique",
                "family_name": "Exemple", "phone_number": "0102030405", "job": "Déléguée"});
            who.post(&format!("{path}/contacts"), &json!({"member": member, "reason": "Nouveau numéro."})).await
        }
        "transfer" => {
            let is_administrator = who.get("/api/users").await.status.is_success();
            let kind = if is_administrator { "move" } else { "offer" };
            let body = json!({"kind": kind, "email": "remplacante@exemple.fr", "reason": "Départ."});
            who.post(&format!("{path}/transfer"), &body).await
        }
        "ask_transfer" => who.post(&format!("{path}/transfer"), &json!({"kind": "ask", "reason": "Départ."})).await,
        "decide_transfer" => {
            let asked = json!({"kind": "ask", "reason": "Départ."});
            if cast.colleague.post(&format!("{path}/transfer"), &asked).await.status.is_success() {
                let_ten_working_days_pass(&cast.app, id).await;
            }
            who.put(&format!("{path}/transfer"), &json!({"accept": true, "reason": "Sans réponse."})).await
        }
        "offer_partial_grant" => {
            let body = json!({"event": action, "comment": "Voici pourquoi.", "struck": ["cnaf_adresse"]});
            who.patch(&format!("{path}/change_state"), &body).await
        }
        step => who.step(id, step, "Voici pourquoi.").await,
    };
    answer.status.as_u16()
}

#[actix_web::test]
async fn every_action_answers_as_the_table_says() {
    let cast = Cast::new().await;
    let mut cells = 0;
    for (relation, row) in TABLE {
        // Accounts of the tests have verified addresses; the rules' own test has this relation.
        if relation.contains("not verified") {
            continue;
        }
        let leaves = relation.contains("left the organisation");
        for (status, cell) in STATUSES.into_iter().zip(row) {
            let may: Vec<&str> = cell.split_whitespace().collect();
            let mut request = None;
            for action in Action::ALL.iter().map(|action| action.as_str()) {
                let id = match request {
                    Some(id) => id,
                    None => cast.request(status).await,
                };
                let who = cast.somebody(relation).await;
                let answer = act(&cast, &who, id, action).await;
                if leaves {
                    cast.somebody("applicant").await;
                }
                let cell = format!("{relation}, {status}, {action}: {answer}");
                if may.contains(&action) {
                    // Nobody has been asked about a draft.
                    let nothing_to_answer = action == "give_opinion" && status == "draft";
                    assert!((200..300).contains(&answer) || nothing_to_answer && answer == 404, "{cell}");
                    request = Some(id).filter(|_| action == "show" || action == "read_messages");
                } else {
                    let refused: &[u16] = match (may.contains(&"show"), status) {
                        (true, _) => &[403, 409],
                        // Whoever knew it learns that it was put away.
                        (false, "archived") => &[403, 404],
                        (false, _) => &[404],
                    };
                    assert!(refused.contains(&answer), "{cell}");
                    request = Some(id);
                }
                cells += 1;
            }
        }
    }
    assert!(cells > 1_000, "{cells}");
}
