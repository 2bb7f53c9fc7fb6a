//! The labels of scopes and settings of OpenID clients.

use shared::client::{AuthMethod, Userinfo};

/// What may be told, besides who somebody is; with the name that the service uses.
pub const SCOPES: &[(&str, &str)] = &[
    ("email", "L’adresse électronique"),
    ("profile", "Le nom et la fonction"),
    ("phone", "Le numéro de téléphone"),
    ("organizations", "Toutes les organisations"),
    ("organization", "L’organisation pour laquelle la personne agit"),
    ("offline_access", "Rester informé en l’absence de la personne, pendant 30 jours"),
];

/// What a service is told, in one line.
pub fn scopes(granted: &[String]) -> String {
    let known = SCOPES.iter().filter(|(scope, _)| granted.iter().any(|granted| granted == scope));
    let words: Vec<String> = known.map(|(_, label)| lowered(label)).collect();
    if words.is_empty() { "rien d’autre que la connexion elle-même".to_owned() } else { words.join("\u{a0}; ") }
}

fn lowered(label: &str) -> String {
    let mut chars = label.chars();
    chars.next().map_or_else(String::new, |first| format!("{}{}", first.to_lowercase(), chars.as_str()))
}

/// Where the secret is shown.
pub const fn auth_method(method: AuthMethod) -> &'static str {
    match method {
        AuthMethod::Basic => "Dans l’en-tête Authorization (client_secret_basic)",
        AuthMethod::Post => "Dans le corps de la requête (client_secret_post)",
    }
}

/// How userinfo is given.
pub const fn userinfo(userinfo: Userinfo) -> &'static str {
    match userinfo {
        Userinfo::Plain => "En JSON",
        Userinfo::Signed => "En JWT signé (RS256)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_has_its_words() {
        let mut wanted = shared::client::SCOPES.iter().filter(|scope| **scope != "openid");
        assert!(wanted.all(|scope| SCOPES.iter().any(|(known, _)| known == scope)));
        let granted = ["openid", "email", "organizations"].map(str::to_owned);
        assert_eq!(scopes(&granted), "l’adresse électronique\u{a0}; toutes les organisations");
        assert_eq!(scopes(&granted[..1]), "rien d’autre que la connexion elle-même");
    }
}
