//! The calls about the messages that go with decisions: the templates of an API, and what is offered for a request.

use gloo_net::http::Method;
use shared::decision_message::{DecisionTemplate, NewDecisionTemplate, OfferedMessages};
use shared::workflow::Action;

use super::decode::decode;
use super::{Answer, Call, get, segment};

/// The templates of an API.
pub fn templates(target_api: &str) -> Answer<Vec<DecisionTemplate>> {
    get(address(target_api))
}

/// Keeps a template, or writes the one of that number anew. All come back.
pub fn save(target_api: &str, id: Option<i64>, template: &NewDecisionTemplate) -> Answer<Vec<DecisionTemplate>> {
    let call = match id {
        Some(id) => Call::new(Method::PUT, format!("{}/{id}", address(target_api))),
        None => Call::new(Method::POST, address(target_api)),
    };
    call.json(template).read(decode)
}

/// Removes a template. The others come back.
pub fn remove(target_api: &str, id: i64) -> Answer<Vec<DecisionTemplate>> {
    Call::new(Method::DELETE, format!("{}/{id}", address(target_api))).read(decode)
}

/// What is offered for that decision on a request.
pub fn offered(id: i64, decision: Action) -> Answer<OfferedMessages> {
    get(format!("/api/enrollments/{id}/offered_messages?decision={decision}"))
}

fn address(target_api: &str) -> String {
    format!("/api/policies/{}/decision_templates", segment(target_api))
}
