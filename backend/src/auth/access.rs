//! Which callers an endpoint accepts: anybody, a session, or also a tool with a scope.

use shared::access::ApiScope;

/// The callers that an endpoint accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Anybody,
    /// A session in a browser.
    Session,
    /// A session, or a tool with that scope.
    Tool(ApiScope),
}

/// Endpoints that accept anybody.
const OPEN: &[&str] = &[
    "/api/ping",
    "/api/health/live",
    "/api/health/ready",
    "/api/openapi.json",
    "/api/session",
    "/api/sign_in",
    "/api/sign_in/callback",
    "/api/sign_out",
    "/api/sign_out/callback",
    "/api/oauth/token",
    "/api/mailjet/events",
    "/api/unsubscribe/{token}",
    "/api/policies",
    "/api/policies/{target_api}",
    "/api/policies/{target_api}/revisions/{revision}",
    "/api/policies/{target_api}/waiting",
    "/api/stats",
    "/api/stats.csv",
    "/api/enrollments/public",
    "/api/enrollments/public.csv",
    "/api/enrollments/public.json",
    "/api/enrollments/public.atom",
    "/api/enrollments/public/schema.json",
];

/// Where endpoints accept tools: requests, authorisations, and what one needs to write and instruct them. All else –
/// accounts, roles, logs, what is one's own – is closed to tools, and so is whatever is new and not listed here.
const FOR_TOOLS: &[&str] = &[
    "/api/enrollments",
    "/api/authorisations",
    "/api/opinions",
    "/api/contacts",
    "/api/organizations",
    "/api/policies/{target_api}/instructors",
    "/api/webhooks/{id}/deliveries",
];

/// The callers accepted for that method, at the address of that pattern.
pub fn to(method: &str, pattern: &str) -> Access {
    if OPEN.contains(&pattern) {
        return Access::Anybody;
    }
    let is_below =
        |root: &&str| pattern.strip_prefix(*root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if !FOR_TOOLS.iter().any(is_below) {
        return Access::Session;
    }
    match method {
        "GET" => Access::Tool(ApiScope::EnrollmentsRead),
        _ => Access::Tool(ApiScope::EnrollmentsWrite),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_may_call_requests_and_nothing_of_ones_own() {
        assert_eq!(to("GET", "/api/enrollments/{id}/events"), Access::Tool(ApiScope::EnrollmentsRead));
        assert_eq!(to("PATCH", "/api/enrollments/{id}"), Access::Tool(ApiScope::EnrollmentsWrite));
        assert_eq!(to("GET", "/api/enrollments/public"), Access::Anybody);
        for address in ["/api/me/api_clients", "/api/users", "/api/enrollments_new", "/users/moderations", ""] {
            assert_eq!(to("GET", address), Access::Session, "{address}");
        }
    }
}
