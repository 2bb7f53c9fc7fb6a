//! The roles that somebody holds, gathered: those of one kind for several APIs of a provider are one line, which unfolds.

use shared::api::PolicySummary;
use shared::user::{ApiRole, Role};

/// What stands on a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// A role.
    One(Role),
    /// Roles of a kind for several APIs of a provider.
    Several {
        kind: ApiRole,
        /// Id of the provider.
        provider: String,
        /// For every API of the provider, and none of them limited.
        is_whole: bool,
        roles: Vec<Role>,
    },
}

/// The lines, in the order of the roles.
pub fn gathered(roles: Vec<Role>, catalogue: &[PolicySummary]) -> Vec<Held> {
    let key = |role: &Role| {
        let api = role.target_api()?;
        let policy = catalogue.iter().find(|policy| policy.target_api == api)?;
        Some((role.kind()?, policy.provider.id.as_str()))
    };
    let mut lines: Vec<Held> = Vec::new();
    for role in &roles {
        let own = key(role);
        let alike: Vec<Role> = roles.iter().filter(|other| own.is_some() && key(other) == own).cloned().collect();
        match own {
            Some((kind, provider)) if alike.len() > 1 => {
                if alike.first() == Some(role) {
                    let mut provided = catalogue.iter().filter(|policy| policy.provider.id == provider);
                    let is_whole = provided.all(|policy| alike.contains(&kind.of_api(&policy.target_api)));
                    lines.push(Held::Several { kind, provider: provider.to_owned(), is_whole, roles: alike });
                }
            }
            _ => lines.push(Held::One(role.clone())),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_of_a_kind_at_a_provider_are_one_line() {
        let policy = |api: &str, provider: &str| -> PolicySummary {
            serde_json::from_value(serde_json::json!({
                "target_api": api, "label": api, "kind": "api", "provider": {"id": provider, "label": provider},
                "description": "", "stage": null, "previous": null, "retired": false, "replaced_by": [], "frozen": false,
                "start_url": null, "hidden_from_public_filters": false,
            }))
            .unwrap()
        };
        let catalogue = [policy("a", "p"), policy("b", "p"), policy("c", "q")];
        let lines = |roles: &[&str]| {
            let roles = roles.iter().map(|role| role.parse().unwrap()).collect();
            let told = |held| match held {
                Held::One(role) => role.to_string(),
                Held::Several { kind, provider, is_whole, roles } => {
                    format!("{kind} {provider} {is_whole} {}", roles.len())
                }
            };
            gathered(roles, &catalogue).into_iter().map(told).collect::<Vec<_>>()
        };
        assert_eq!(lines(&["a:instructor", "b:instructor", "b:reporter"]), ["instructor p true 2", "b:reporter"]);
        assert_eq!(lines(&["a:instructor:only:x", "b:instructor"]), ["instructor p false 2"]);
        assert_eq!(
            lines(&["administrator", "a:instructor", "c:instructor"]),
            ["administrator", "a:instructor", "c:instructor"]
        );
        // An API that is gone.
        assert_eq!(lines(&["z:instructor", "y:instructor"]), ["z:instructor", "y:instructor"]);
    }
}
