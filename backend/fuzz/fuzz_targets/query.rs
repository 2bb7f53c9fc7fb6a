//! Any query of every list, search, file and page: it is answered or refused by name, and nothing panics.
#![no_main]

use std::sync::LazyLock;

use datapass_fuzz::{SITE, in_address};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// The pages that read a query.
const PAGES: &[&str] = &[
    "/public",
    "/public/1",
    "/stats",
    "/stats/api_particulier",
    "/nouvelle-demande",
    "/api_particulier",
    "/faq",
    "/connexion",
    "/oauth/authorize",
    "/oauth/logout",
    "/users/sign-up",
    "/users/reset-password",
    "/users/join-organization",
    "/users/select-organization",
    "/users/moderations",
];

/// Those, and what the document of the API says to have parameters.
static ADDRESSES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let document: Value = serde_json::from_str(&datapass::openapi::text().unwrap()).unwrap();
    let mut addresses: Vec<String> = PAGES.iter().map(|page| (*page).to_owned()).collect();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let parameters = methods["get"]["parameters"].as_array().into_iter().flatten();
        if parameters.into_iter().any(|parameter| parameter["in"] == "query") {
            let values = [
                ("target_api", "api_particulier"),
                ("siret", "21920023500014"),
                ("type", "LegalBasis"),
                ("format", "csv"),
            ];
            let path = values.iter().fold(path.clone(), |path, (name, value)| path.replace(&format!("{{{name}}}"), value));
            addresses.push(path.split('{').map(|part| part.split_once('}').map_or(part, |(_, rest)| rest)).collect::<Vec<_>>().join("1"));
        }
    }
    addresses
});

fuzz_target!(|text: &str| {
    let (path, query) = text.split_once('?').unwrap_or(("", text));
    let path = ADDRESSES.iter().find(|known| *known == path).unwrap_or_else(|| &ADDRESSES[text.len() % ADDRESSES.len()]);
    let target = format!("{path}?{}", in_address(query));
    let answer = SITE.ask("GET", &target, format!("Cookie: {}\r\n\r\n", SITE.cookies).as_bytes());
    answer.is_no_fault();
    if path.starts_with("/api/") && matches!(answer.status, 400 | 422) && answer.head.contains("problem+json") {
        assert!(answer.body.contains("\"errors\":[{"), "{target}: {}", answer.body);
    }
});
