//! The audit log as administrators read it: its entries with the names of today.

use std::collections::BTreeMap;

use openidconnect::url::form_urlencoded;
use shared::audit::{AuditEntry, Outcome, REFUSED_FILE};
use shared::enrollment::AuthorisationSummary;
use shared::french::de;

use super::label;
use crate::connection::AnyConnection;
use crate::connection::types::utc;
use crate::error::Result;
use crate::ids::UserId;
use crate::models::audit::things::{self, Thing, Things};
use crate::models::audit::{self, AuditQuery, StoredEntry};
use crate::models::user;
use crate::policies::Catalogue;

/// What stands beside the entries of a page.
struct Names<'a> {
    policies: &'a Catalogue,
    /// Name and address of who did something.
    actors: BTreeMap<UserId, (String, String)>,
    things: Things,
    /// Why administrators did something with an account, by the number of the entry.
    reasons: BTreeMap<i64, String>,
}

/// Entries, newest first.
///
/// # Errors
/// The database's.
pub fn page(connection: &mut AnyConnection, policies: &Catalogue, wanted: &AuditQuery) -> Result<Vec<AuditEntry>> {
    let rows = audit::list(connection, wanted)?;
    let actors = rows.iter().flat_map(|row| [row.actor_id, row.administrator_id]).flatten();
    let names = Names {
        policies,
        actors: user::named(connection, actors)?,
        things: things::of(connection, &rows)?,
        reasons: things::account_reasons(connection, &rows)?,
    };
    Ok(rows.into_iter().map(|row| entry(row, &names)).collect())
}

fn entry(row: StoredEntry, names: &Names<'_>) -> AuditEntry {
    let name = |id: UserId| names.actors.get(&id).cloned().unwrap_or_default();
    let nobody = if row.action == REFUSED_FILE { "L’antivirus" } else { "La ligne de commande" };
    let (actor, actor_email) = row.actor_id.map_or_else(|| (nobody.to_owned(), String::new()), name);
    let about = about(&row, names);
    let reason = names.reasons.get(&row.id).cloned().unwrap_or(about.reason);
    AuditEntry {
        id: row.id,
        at: utc(row.at),
        actor,
        actor_email,
        actor_id: row.actor_id.map(i64::from),
        administrator: row.administrator_id.map(|id| name(id).0),
        administrator_id: row.administrator_id.map(i64::from),
        action: row.action,
        object: row.object,
        object_id: row.object_id,
        thing: about.thing,
        page: about.page,
        reason: if row.outcome.0 == Outcome::Done { reason } else { String::new() },
        request_id: row.request_id,
        outcome: row.outcome.0,
        sequence: row.sequence,
        times: row.times,
    }
}

/// What an entry is about.
#[derive(Default)]
struct About {
    thing: String,
    page: String,
    reason: String,
}

impl About {
    fn on_page(thing: String, page: String) -> Self {
        Self { thing, page, reason: String::new() }
    }

    fn because(thing: String, reason: &str) -> Self {
        Self { thing, page: String::new(), reason: reason.to_owned() }
    }
}

fn about(row: &StoredEntry, names: &Names<'_>) -> About {
    let id = &row.object_id;
    if id.is_empty() {
        return About::default();
    }
    if row.object == "policy" {
        let label = names.policies.get(id).map_or(id, |policy| &policy.label);
        return About::on_page(format!("la politique {}", quoted(label)), format!("/politiques/{id}"));
    }
    if let Some(thing) = names.things.get(&(row.object.clone(), id.clone())) {
        return about_thing(row, thing, names);
    }
    let word = unknown(&row.object);
    word.map_or_else(About::default, |word| About::because(format!("{word} n°\u{a0}{id} (introuvable)"), ""))
}

fn about_thing(row: &StoredEntry, thing: &Thing, names: &Names<'_>) -> About {
    let id = &row.object_id;
    let api = |slug: &str| names.policies.get(slug).map_or_else(|| slug.to_owned(), |policy| policy.label.clone());
    let named = |what: String, title: &str, target_api: &str| {
        let title = if title.trim().is_empty() { String::new() } else { format!(" {}", quoted(title.trim())) };
        format!("{what}{title} ({})", api(target_api))
    };
    match thing {
        Thing::Request { title, target_api, is_deleted: false } => {
            About::on_page(named(format!("la demande n°\u{a0}{id}"), title, target_api), format!("/demandes/{id}"))
        }
        Thing::Request { title, target_api, is_deleted: true } => About::because(
            format!("{}, supprimée depuis", named(format!("la demande n°\u{a0}{id}"), title, target_api)),
            "",
        ),
        Thing::Authorisation { title, target_api } => {
            let number = id.parse().unwrap_or_default();
            About::on_page(
                named(format!("l’habilitation H{id}"), title, target_api),
                AuthorisationSummary::path_of(number),
            )
        }
        Thing::Person { name, email } => About::on_page(name.clone(), page_of_person(email)),
        Thing::RoleChange { roles, email, name, reason } => About {
            thing: format!("{} à {}", told(roles, names), if name.is_empty() { email } else { name }),
            page: page_of_person(email),
            reason: reason.clone(),
        },
        Thing::RoleRequest { role, user_id, name, reason: asked, answer } => {
            let by = if row.actor_id == Some(*user_id) { String::new() } else { format!(" demandé par {name}") };
            let reason = match &*row.action {
                "role_request.ask" => asked,
                "role_request.refuse" => answer,
                _ => "",
            };
            About::because(format!("{}{by}", told(std::slice::from_ref(role), names)), reason)
        }
        Thing::Membership { name, organization, reason } => {
            let refused = row.action == "membership.refuse";
            let whose = format!("le rattachement {} à {organization}", de(name));
            About::because(whose, if refused { reason } else { "" })
        }
        Thing::Webhook { target_api, url } => {
            About::on_page(format!("le webhook {} ({url})", quoted(&api(target_api))), format!("/developpeurs/{id}"))
        }
        Thing::Template { name, target_api } => About::on_page(
            format!("le modèle de décision {} ({})", quoted(name), api(target_api)),
            format!("/modeles-de-decision?api={target_api}"),
        ),
        Thing::Named(name) if row.object == "client" => {
            About::on_page(format!("le service {}", quoted(name)), "/services".to_owned())
        }
        Thing::Named(name) => About::because(format!("l’outil {}", quoted(name)), ""),
        Thing::Delivery { subject, receiver } => {
            About::because(format!("l’envoi {} à {receiver}", quoted(subject)), "")
        }
    }
}

fn quoted(text: &str) -> String {
    format!("«\u{a0}{text}\u{a0}»")
}

fn page_of_person(email: &str) -> String {
    let email: String = form_urlencoded::byte_serialize(email.as_bytes()).collect();
    format!("/personnes?search={email}")
}

/// The word for a thing of which only the number is known; none for what is never looked up.
fn unknown(object: &str) -> Option<&'static str> {
    Some(match object {
        "enrollment" => "la demande",
        "authorisation" => "l’habilitation",
        "user" => "la personne",
        "role_change" => "le changement de rôle",
        "role_request" => "le rôle de la demande",
        "membership" => "le rattachement",
        "webhook" => "le webhook",
        "decision_template" => "le modèle de décision",
        "client" => "le service",
        "api_client" => "l’outil",
        "outbox" => "l’envoi",
        _ => return None,
    })
}

/// Roles as they are told: le rôle « Instructeur, API Particulier », les rôles « … ; … ».
fn told(roles: &[String], names: &Names<'_>) -> String {
    let labels: Vec<String> = roles
        .iter()
        .map(|text| text.parse().map_or_else(|_| text.clone(), |role| label(&role, names.policies)))
        .collect();
    match labels.as_slice() {
        [one] => format!("le rôle {}", quoted(one)),
        several => format!("les rôles «\u{a0}{}\u{a0}»", several.join("\u{a0}; ")),
    }
}
