//! What waits for administrators.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How much waits for the administrator who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AwaitedWork {
    /// People who ask to speak for an organisation; `null` where another identity provider knows who speaks for whom.
    pub memberships: Option<i64>,
    /// Roles that people ask for.
    pub role_requests: i64,
    /// Messages whose delivery fails and is tried again.
    pub failing: i64,
    /// Messages whose delivery was given up.
    pub given_up: i64,
    /// Accesses that their manager does not open or withdraw as it is asked, or where it holds something else than was granted.
    pub accesses: i64,
    /// Webhooks that were switched off because their receiver fails.
    pub webhooks: i64,
    /// What is wrong with the policy files as they are now, a line each; none of them is in force.
    pub policy_errors: Vec<String>,
    /// Requests that the caller instructs and that wait, up to 1 001; `null` where they instruct none.
    pub to_instruct: Option<i64>,
}

impl AwaitedWork {
    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        let counts = [self.role_requests, self.failing, self.given_up, self.accesses, self.webhooks];
        counts.iter().chain(&self.memberships).chain(&self.to_instruct).all(|count| *count == 0)
            && self.policy_errors.is_empty()
    }
}
