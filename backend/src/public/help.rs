//! The help for who asks for an authorisation: common questions, and whom to write to about which API.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, get};
use minijinja::{Value, context};

use super::{About, Visit, catalogue};
use crate::connection::search::normalise;
use crate::error::Result;
use crate::policies::Catalogue;

/// How many APIs of a mailbox are named at once; the others are folded.
const NAMED: usize = 4;

/// « Aide ». Links to its questions stand on other sites: an id here does not change.
#[get("/faq")]
pub async fn show(visit: Visit) -> Result<HttpResponse> {
    let summary = "À qui écrire au sujet d’une demande d’habilitation, changer un contact, rattacher une organisation, choisir un éditeur.";
    let values = context! {
        mailboxes => mailboxes(&visit.state.policies.current()),
        contact => &visit.state.config.legal.contact,
        account_url => &visit.session.account_url,
        join_url => &visit.session.join_url,
    };
    visit.page(About::page("Aide", summary, "/faq"), "public/help.html", values)
}

/// The mailboxes of the services that answer, with the APIs that each is about, in the order of the alphabet.
fn mailboxes(policies: &Catalogue) -> Value {
    let mut by_address: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for policy in policies.values() {
        by_address.entry(&policy.support_email).or_default().push((&policy.label, &policy.target_api));
    }
    let mut mailboxes: Vec<_> = by_address.into_iter().collect();
    for (_, apis) in &mut mailboxes {
        apis.sort_by_key(|(label, _)| normalise(label));
    }
    mailboxes.sort_by_key(|(_, apis)| apis.first().map(|(label, _)| normalise(label)));
    let link = |&(label, slug): &(&str, &str)| context! { href => catalogue::address(slug), label };
    let line = |(address, apis): (&str, Vec<(&str, &str)>)| {
        // One more is no reason to fold.
        let (named, folded) = apis.split_at(if apis.len() > NAMED + 1 { NAMED } else { apis.len() });
        let links = |apis: &[(&str, &str)]| apis.iter().map(link).collect::<Value>();
        context! { address, named => links(named), folded => links(folded) }
    };
    mailboxes.into_iter().map(line).collect()
}
