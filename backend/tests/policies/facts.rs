//! Nothing of what each API asked for in v1 is missing: `facts.json` holds the identifiers.

use std::collections::BTreeMap;

use serde::Deserialize;
use shared::policy::Policy;

use super::policies;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct Facts {
    retired: bool,
    scopes: Vec<String>,
    locked: Vec<String>,
    /// Scopes that had a help text.
    helped: Vec<String>,
    role_groups: Vec<String>,
    demarches: Vec<String>,
    /// Use cases that said what they want of the legal basis.
    hinted: Vec<String>,
    editors: Vec<String>,
    extra_fields: Vec<String>,
    required_extra_fields: Vec<String>,
    contacts: Vec<String>,
    required_contacts: Vec<String>,
    mobile_phones: Vec<String>,
    documents: Vec<String>,
    required_documents: Vec<String>,
    previous: Option<String>,
    rules: Vec<String>,
    one_per_organisation: bool,
    each_scope_once: bool,
}

fn missing(policy: &Policy, facts: &Facts) -> Vec<String> {
    let mut missing = Vec::new();
    let mut compare = |what: &str, wanted: &[String], present: Vec<String>| {
        missing.extend(wanted.iter().filter(|id| !present.contains(id)).map(|id| format!("{what} {id}")));
    };
    let names = |names: &mut dyn Iterator<Item = String>| names.collect::<Vec<_>>();
    compare("scope", &facts.scopes, names(&mut policy.scopes.iter().map(|scope| scope.id.clone())));
    compare("locked", &facts.locked, names(&mut policy.scopes.iter().filter(|s| s.locked).map(|s| s.id.clone())));
    let helped = policy.scopes.iter().filter(|scope| !scope.help.is_empty());
    compare("help of", &facts.helped, names(&mut helped.map(|scope| scope.id.clone())));
    let hinted = policy.demarches.iter().filter(|demarche| !demarche.legal_basis_hint.is_empty());
    compare("hint of", &facts.hinted, names(&mut hinted.map(|demarche| demarche.id.clone())));
    let role_groups = policy.scope_groups.iter().filter(|group| group.role_group);
    compare("role group", &facts.role_groups, names(&mut role_groups.map(|group| group.id.clone())));
    compare("démarche", &facts.demarches, names(&mut policy.demarches.iter().map(|demarche| demarche.id.clone())));
    compare("editor", &facts.editors, names(&mut policy.editors.iter().map(|editor| editor.siret.clone())));
    compare("question", &facts.extra_fields, names(&mut policy.extra_fields.iter().map(|field| field.id.clone())));
    let required = policy.extra_fields.iter().filter(|field| field.required);
    compare("required question", &facts.required_extra_fields, names(&mut required.map(|field| field.id.clone())));
    compare("contact", &facts.contacts, names(&mut policy.contacts.iter().map(|contact| contact.kind.to_string())));
    let required = policy.contacts.iter().filter(|contact| contact.required);
    compare("required contact", &facts.required_contacts, names(&mut required.map(|c| c.kind.to_string())));
    let mobile = policy.contacts.iter().filter(|contact| contact.mobile_phone);
    compare("mobile telephone", &facts.mobile_phones, names(&mut mobile.map(|contact| contact.kind.to_string())));
    compare(
        "document",
        &facts.documents,
        names(&mut policy.documents.iter().map(|document| document.kind.to_string())),
    );
    let required = policy.documents.iter().filter(|document| document.required);
    compare("required document", &facts.required_documents, names(&mut required.map(|d| d.kind.to_string())));
    compare("rule", &facts.rules, names(&mut policy.rules.iter().map(|rule| rule.to_string())));
    if policy.previous != facts.previous {
        missing.push(format!("previous {:?}", facts.previous));
    }
    if policy.one_per_organisation != facts.one_per_organisation {
        missing.push("one_per_organisation".to_owned());
    }
    if policy.each_scope_once != facts.each_scope_once {
        missing.push("each_scope_once".to_owned());
    }
    if policy.retired != facts.retired {
        missing.push(format!("retired {}", facts.retired));
    }
    missing
}

#[test]
fn nothing_is_missing() {
    let facts: BTreeMap<String, Facts> = serde_json::from_str(include_str!("facts.json")).unwrap();
    let policies = policies();
    assert_eq!(facts.len(), 75);
    assert_eq!(facts.values().filter(|facts| !facts.retired).count(), 69);
    let mut problems = Vec::new();
    for (slug, facts) in &facts {
        match policies.get(slug) {
            None => problems.push(format!("{slug}: no policy")),
            Some(policy) => problems.extend(missing(policy, facts).iter().map(|what| format!("{slug}: {what}"))),
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// A test that compares must be able to fail.
#[test]
fn what_is_missing_is_told() {
    let policies = policies();
    let policy = policies.get("franceconnect").unwrap();
    let facts = Facts {
        scopes: vec!["nothing".to_owned()],
        required_contacts: vec!["comptable".to_owned()],
        previous: Some("api_particulier".to_owned()),
        ..Facts::default()
    };
    assert_eq!(
        missing(policy, &facts),
        ["scope nothing", "required contact comptable", "previous Some(\"api_particulier\")"]
    );
}
