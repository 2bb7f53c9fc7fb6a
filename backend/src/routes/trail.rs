//! What each endpoint is called in the audit log, and the middleware that writes it down.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, web};
use tracing_actix_web::RequestId;

use crate::state::AppState;
use crate::trail::Trail;

/// The action and the sort of thing that it is about.
type Named = (&'static str, &'static str);

/// Method and address; what the log calls it. `None`: nothing personal is read there, or
/// only what one knows of oneself. A test wants every endpoint here.
const ENDPOINTS: &[(&str, &str, Option<Named>)] = &[
    ("GET", "/api/ping", None),
    ("GET", "/api/health/live", None),
    ("GET", "/api/health/ready", None),
    ("GET", "/api/openapi.json", None),
    ("GET", "/api/session", None),
    ("GET", "/api/sign_in", None),
    ("GET", "/api/sign_in/callback", Some(("session.open", "user"))),
    ("GET", "/api/sign_out/callback", None),
    ("POST", "/api/sign_out", Some(("session.close", "user"))),
    ("GET", "/api/policies", None),
    ("POST", "/api/policies/reload", Some(("policy.reload", "policy"))),
    ("GET", "/api/policies/{target_api}", None),
    ("GET", "/api/policies/{target_api}/revisions/{revision}", None),
    ("GET", "/api/policy_files", None),
    ("GET", "/api/policy_files/{target_api}", None),
    ("PUT", "/api/policy_files/{target_api}", Some(("policy.publish", "policy"))),
    ("POST", "/api/policy_files/{target_api}/check", None),
    ("GET", "/api/policy_files/{target_api}/changes/{id}", None),
    ("GET", "/api/organizations/{siret}", None),
    ("GET", "/api/organizations/{siret}/enrollments", Some(("enrollment.of_organization", "enrollment"))),
    ("GET", "/api/organizations/{siret}/granted_scopes", None),
    ("GET", "/api/contacts", Some(("contacts.list", "enrollment"))),
    ("GET", "/api/enrollments", Some(("enrollment.list", "enrollment"))),
    ("POST", "/api/enrollments", Some(("enrollment.create", "enrollment"))),
    ("GET", "/api/enrollments/public", None),
    ("GET", "/api/enrollments/public.csv", None),
    ("GET", "/api/enrollments/public.json", None),
    ("GET", "/api/enrollments/public.atom", None),
    ("GET", "/api/enrollments/public/schema.json", None),
    ("GET", "/api/authorisations/{id}", Some(("authorisation.show", "authorisation"))),
    ("GET", "/api/authorisations/{id}/documents/{type}", Some(("document.download", "authorisation"))),
    ("GET", "/api/enrollments/{id}", Some(("enrollment.show", "enrollment"))),
    ("PATCH", "/api/enrollments/{id}", Some(("enrollment.update", "enrollment"))),
    ("PATCH", "/api/enrollments/{id}/change_state", Some(("enrollment.change_state", "enrollment"))),
    ("POST", "/api/enrollments/{id}/correction", Some(("enrollment.correct", "enrollment"))),
    ("POST", "/api/enrollments/{id}/contacts", Some(("enrollment.correct_contacts", "enrollment"))),
    ("POST", "/api/enrollments/{id}/mail_preview", Some(("enrollment.mail_preview", "enrollment"))),
    ("POST", "/api/enrollments/{id}/copy", Some(("enrollment.copy", "enrollment"))),
    ("GET", "/api/enrollments/{id}/transfer", Some(("enrollment.show_transfer", "enrollment"))),
    ("POST", "/api/enrollments/{id}/transfer", Some(("enrollment.transfer", "enrollment"))),
    ("PUT", "/api/enrollments/{id}/transfer", Some(("enrollment.decide_transfer", "enrollment"))),
    ("DELETE", "/api/enrollments/{id}/transfer", Some(("enrollment.withdraw_transfer", "enrollment"))),
    ("PATCH", "/api/enrollments/{id}/points/{point}", Some(("enrollment.answer_point", "enrollment"))),
    ("PUT", "/api/enrollments/{id}/assignment", Some(("enrollment.assign", "enrollment"))),
    ("POST", "/api/enrollments/assignments", Some(("enrollment.assign_all", "enrollment"))),
    ("GET", "/api/enrollments/export.{format}", Some(("enrollment.export", "enrollment"))),
    ("GET", "/api/enrollments/counts", None),
    ("GET", "/api/enrollments/total", None),
    ("GET", "/api/enrollments/{id}/versions", Some(("enrollment.versions", "enrollment"))),
    ("GET", "/api/enrollments/{id}/diff", Some(("enrollment.compare", "enrollment"))),
    ("GET", "/api/enrollments/{id}/opinions", Some(("enrollment.opinions", "enrollment"))),
    ("POST", "/api/enrollments/{id}/opinions", Some(("enrollment.ask_opinion", "enrollment"))),
    ("GET", "/api/enrollments/{id}/opinions/candidates", Some(("user.list", "enrollment"))),
    ("PUT", "/api/enrollments/{id}/opinions/{opinion}", Some(("enrollment.give_opinion", "enrollment"))),
    ("DELETE", "/api/enrollments/{id}/opinions/{opinion}", Some(("enrollment.cancel_opinion", "enrollment"))),
    ("GET", "/api/opinions", Some(("enrollment.opinions", "enrollment"))),
    ("GET", "/api/policies/{target_api}/instructors", Some(("user.instructors", "policy"))),
    ("GET", "/api/policies/{target_api}/waiting", None),
    ("GET", "/api/policies/{target_api}/decision_templates", None),
    ("POST", "/api/policies/{target_api}/decision_templates", Some(("decision_template.create", "decision_template"))),
    (
        "PUT",
        "/api/policies/{target_api}/decision_templates/{id}",
        Some(("decision_template.update", "decision_template")),
    ),
    (
        "DELETE",
        "/api/policies/{target_api}/decision_templates/{id}",
        Some(("decision_template.remove", "decision_template")),
    ),
    ("GET", "/api/enrollments/{id}/offered_messages", Some(("enrollment.offered_messages", "enrollment"))),
    ("GET", "/api/stats", None),
    ("GET", "/api/stats.csv", None),
    ("GET", "/api/me/absence", None),
    ("PUT", "/api/me/absence", Some(("user.absence", "user"))),
    ("GET", "/api/me/filters", None),
    ("POST", "/api/me/filters", None),
    ("PUT", "/api/me/filters/{id}", None),
    ("DELETE", "/api/me/filters/{id}", None),
    ("GET", "/api/me/role_requests", None),
    ("POST", "/api/me/role_requests", Some(("role_request.ask", "role_request"))),
    ("DELETE", "/api/me/role_requests/{id}", Some(("role_request.withdraw", "role_request"))),
    ("GET", "/api/me/transfers", None),
    ("GET", "/api/me/mails", None),
    ("PUT", "/api/me/mails", Some(("user.choose_mails", "user"))),
    ("GET", "/api/unsubscribe/{token}", None),
    ("POST", "/api/unsubscribe/{token}", Some(("user.unsubscribe", "user"))),
    ("GET", "/api/me/sessions", None),
    ("GET", "/api/me/second_factor", None),
    ("DELETE", "/api/me/sessions", Some(("session.end_others", "session"))),
    ("DELETE", "/api/me/sessions/{id}", Some(("session.end", "session"))),
    ("GET", "/api/me/api_clients", None),
    ("POST", "/api/me/api_clients", Some(("api_client.create", "api_client"))),
    ("DELETE", "/api/me/api_clients/{id}", Some(("api_client.revoke", "api_client"))),
    ("POST", "/api/me/api_clients/{id}/secrets", Some(("api_client.rotate", "api_client"))),
    ("DELETE", "/api/me/api_clients/{id}/previous_secret", Some(("api_client.forget_secret", "api_client"))),
    ("POST", "/api/oauth/token", Some(("api_client.token", "api_client"))),
    ("GET", "/api/enrollments/{id}/events", Some(("enrollment.history", "enrollment"))),
    ("GET", "/api/enrollments/{id}/previous", Some(("enrollment.previous", "enrollment"))),
    ("GET", "/api/enrollments/{id}/messages", Some(("message.list", "enrollment"))),
    ("POST", "/api/enrollments/{id}/messages", Some(("message.write", "enrollment"))),
    ("POST", "/api/enrollments/{id}/messages/read", Some(("message.mark_read", "enrollment"))),
    ("GET", "/api/enrollments/{id}/documents/{type}", Some(("document.download", "enrollment"))),
    ("PUT", "/api/enrollments/{id}/documents/{type}", Some(("document.upload", "enrollment"))),
    ("DELETE", "/api/enrollments/{id}/documents/{type}", Some(("document.remove", "enrollment"))),
    ("GET", "/api/users", Some(("user.list", "user"))),
    ("POST", "/api/users/roles", Some(("role.change", "role_change"))),
    ("POST", "/api/users/provider_roles", Some(("role.change", "role_change"))),
    ("GET", "/api/users/role_changes", Some(("role.history", "role_change"))),
    ("GET", "/api/users/role_requests", Some(("role_request.list", "role_request"))),
    ("PUT", "/api/users/role_requests/{id}", Some(("role_request.answer", "role_request"))),
    ("GET", "/api/users/account_changes", Some(("user.history", "user"))),
    ("POST", "/api/users/ban", Some(("user.ban", "user"))),
    ("POST", "/api/impersonation", Some(("user.impersonate", "user"))),
    ("DELETE", "/api/impersonation", Some(("user.end_impersonation", "user"))),
    ("GET", "/api/clients", Some(("client.list", "client"))),
    ("POST", "/api/clients", Some(("client.create", "client"))),
    ("POST", "/api/clients/{id}/secret", Some(("client.rotate", "client"))),
    ("DELETE", "/api/clients/{id}", Some(("client.remove", "client"))),
    ("GET", "/api/administration", None),
    ("GET", "/api/outbox", Some(("outbox.list", "outbox"))),
    ("GET", "/api/outbox/senders", None),
    ("POST", "/api/outbox/retry", Some(("outbox.retry_all", "outbox"))),
    ("POST", "/api/outbox/{id}/retry", Some(("outbox.retry", "outbox"))),
    ("GET", "/api/webhooks", None),
    ("POST", "/api/webhooks", Some(("webhook.create", "webhook"))),
    ("GET", "/api/webhooks/{id}", None),
    ("PATCH", "/api/webhooks/{id}", Some(("webhook.update", "webhook"))),
    ("DELETE", "/api/webhooks/{id}", Some(("webhook.remove", "webhook"))),
    ("POST", "/api/webhooks/{id}/secret", Some(("webhook.rotate", "webhook"))),
    ("DELETE", "/api/webhooks/{id}/previous_secret", Some(("webhook.forget_secret", "webhook"))),
    ("POST", "/api/webhooks/{id}/test", Some(("webhook.test", "webhook"))),
    ("GET", "/api/webhooks/{id}/deliveries", Some(("webhook.deliveries", "webhook"))),
    ("POST", "/api/webhooks/{id}/replay", Some(("webhook.replay", "webhook"))),
    ("GET", "/api/provisionings", Some(("provisioning.list", "provisioning"))),
    ("POST", "/api/enrollments/{id}/provisioning/retry", Some(("provisioning.retry", "enrollment"))),
    ("POST", "/api/mailjet/events", None),
    ("GET", "/api/mails/{target_api}", None),
    ("GET", "/api/audit", Some(("audit.list", "audit"))),
    ("GET", "/api/audit.csv", Some(("audit.export", "audit"))),
    ("GET", "/users/moderations", Some(("membership.list", "membership"))),
    ("POST", "/users/moderations/{id}", Some(("membership.decide", "membership"))),
    ("POST", "/users/account/delete", Some(("user.delete", "user"))),
    ("GET", "/api/mailbox", Some(("mailbox.list", "mailbox"))),
];

fn named(method: &str, pattern: &str) -> Option<Named> {
    ENDPOINTS.iter().find(|(known, address, _)| *known == method && *address == pattern).and_then(|(.., named)| *named)
}

/// What stands in an address where its pattern says `{id}`.
fn id_in<'a>(pattern: &str, path: &'a str) -> &'a str {
    pattern.split('/').zip(path.split('/')).find(|(part, _)| *part == "{id}").map_or("", |(_, id)| id)
}

/// Writes each request down: a write in its own transaction, a read or a refusal once it is answered.
///
/// # Errors
/// Those of the request; there is no log to write to.
pub async fn leave(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let pattern = request.match_pattern().unwrap_or_default();
    let state = request.app_data::<web::Data<AppState>>().cloned();
    let (Some((action, object)), Some(state)) = (named(request.method().as_str(), &pattern), state) else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    let id = request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default();
    let trail = Trail::new(id, action, object, id_in(&pattern, request.path()));
    let response = trail.follow(next.call(request)).await?;
    let status = response.status();
    let is_done = status.is_success() || status.is_redirection();
    if let Some(entry) = trail.rest(is_done, matches!(status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND))
        && let Err(error) = state.audit.put(entry).await
    {
        return Ok(response.error_response(error).map_into_right_body());
    }
    Ok(response.map_into_left_body())
}

#[cfg(test)]
mod tests {
    use shared::audit::{object_label, sentence};

    use super::*;

    #[test]
    fn every_endpoint_is_in_the_table_and_every_name_has_words() {
        let document = serde_json::to_value(crate::openapi::document()).unwrap();
        for (path, operations) in document["paths"].as_object().unwrap() {
            for method in operations.as_object().unwrap().keys().map(|method| method.to_uppercase()) {
                let is_known = ENDPOINTS.iter().any(|(known, address, _)| *known == method && address == path);
                assert!(is_known, "{method} {path}: say in ENDPOINTS what the audit log calls it");
            }
        }
        for (.., named) in ENDPOINTS {
            if let Some((action, object)) = named {
                assert_ne!(sentence(action, "").text(), format!(" {action}"));
                assert_ne!(object_label(object), *object);
            }
        }
    }

    #[test]
    fn the_thing_is_read_from_the_address() {
        assert_eq!(id_in("/api/enrollments/{id}/documents/{type}", "/api/enrollments/42/documents/LegalBasis"), "42");
        assert_eq!(id_in("/api/enrollments", "/api/enrollments"), "");
    }
}
