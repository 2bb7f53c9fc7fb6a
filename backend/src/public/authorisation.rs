//! The document of one authorisation, to be read and printed: one page for everybody, at its permanent address.
//!
//! What is public stands there for anybody; the people, and all that was answered, for those who may read its request.

mod answers;

use actix_web::{HttpMessage as _, HttpResponse, get, web};
use minijinja::{Value, context};
use shared::enrollment::{Authorisation, AuthorisationState, AuthorisationSummary};
use shared::organization::OrganizationKind;
use shared::policy::Policy;
use shared::register::PublicRow;
use shared::team_member::TeamMemberType;
use shared::user::User;
use tracing_actix_web::RequestId;

use super::{About, Visit, catalogue, day, grouped};
use crate::auth::Actor;
use crate::error::{Error, Result};
use crate::ids::{AuthorisationId, UserId};
use crate::models::authorisation::public::{self, Entry, Related};
use crate::page::moved;
use crate::register::{self, files};
use crate::trail::{self, Trail};
use crate::transition;

/// One authorisation, by its number: `/public/H12`. What it grants, to whom, for what; its versions and renewals.
#[get("/public/{number}")]
pub async fn show(visit: Visit, number: web::Path<String>) -> Result<HttpResponse> {
    let Some(id) = number.trim_start_matches(['H', 'h']).parse::<i64>().ok().filter(|id| *id > 0) else {
        return visit.not_found();
    };
    let canonical = AuthorisationSummary::path_of(id);
    if visit.request.path() != canonical {
        return Ok(moved(&canonical));
    }
    let policies = visit.state.policies.clone();
    let found = visit.state.db.read(move |connection| {
        let entry = public::find(connection, AuthorisationId(id))?;
        let related = public::related(connection, entry.enrollment_id)?;
        let policy = policies.at(connection, &entry.row.target_api, &entry.policy_revision)?;
        Ok((entry, related, policy))
    });
    let (mut entry, related, policy) = match found.await {
        Err(Error::NotFound) => return visit.not_found(),
        found => found?,
    };
    register::name(&mut entry.row, &visit.state.policies.current());
    let title = format!("Habilitation {}", AuthorisationSummary::number_of(id));
    let summary = format!(
        "{} est habilitée pour «\u{a0}{}\u{a0}»\u{a0}: {}",
        entry.row.nom_raison_sociale, entry.row.label, entry.row.intitule
    );
    let whole = whole(&visit, id).await?;
    let values = context! {
        ..document(&visit, &entry, &policy),
        ..context! {
            versions => versions(&related.versions, id),
            renewed => related.renewed.first().map(link),
            renewals => renewals(&related),
            whole => whole.as_ref().map(|whole| inside(whole, &policy, visit.session.user.as_ref())),
            sign_in_here => visit.sign_in_url(&canonical),
        }
    };
    visit.page(About::page(title, summary, canonical), "public/authorisation.html", values)
}

/// All of it, where the reader may read its request; that they did is written down, as it is for the API.
async fn whole(visit: &Visit, id: i64) -> Result<Option<Authorisation>> {
    let Some(user) = visit.session.user.clone() else { return Ok(None) };
    let administrator_id = visit.session.impersonation.as_ref().map(|acting| UserId(acting.administrator_id));
    let request_id = visit.request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default();
    let trail = Trail::new(request_id, "authorisation.show", "authorisation", &id.to_string());
    let found = trail.follow(async {
        trail::by(UserId::of(&user), administrator_id);
        let read = move |tx: &mut transition::Tx<'_>| transition::authorisation(tx, AuthorisationId(id));
        Actor { user, administrator_id }.read(&visit.state, read).await
    });
    match found.await {
        Ok(whole) => {
            if let Some(entry) = trail.rest(true, false) {
                visit.state.audit.put(entry).await?;
            }
            Ok(Some(whole))
        }
        Err(Error::NotFound | Error::Denied(_) | Error::Forbidden(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What the document says of what was granted.
fn document(visit: &Visit, entry: &Entry, policy: &Policy) -> Value {
    let Entry { row, scopes, legal_basis, legal_basis_url, demarche, .. } = entry;
    context! {
        state => row.state.as_str(),
        validity => validity(row),
        api => &row.label,
        api_href => catalogue::address(&row.target_api),
        provider => &row.provider.label,
        organization => &row.nom_raison_sociale,
        siret => grouped(&row.siret),
        kind => Some(row.organization_kind).filter(|kind| *kind != OrganizationKind::Unknown).map(OrganizationKind::label),
        project => &row.intitule,
        controller => &row.responsable_traitement,
        groups => groups(policy, scopes),
        legal_basis,
        legal_basis_url => Some(legal_basis_url).filter(|url| is_web_address(url)),
        demarche => policy.demarche(demarche).map(|demarche| &demarche.label),
        day => day(row.validated_at),
        ended => row.ended_at.map(day),
        permalink => files::address(&visit.state.public_url, row.id),
    }
}

/// What stands there besides, for who may read the request.
fn inside(whole: &Authorisation, policy: &Policy, reader: Option<&User>) -> Value {
    let Authorisation { summary, enrollment_id, content, struck, .. } = whole;
    let applicant = content.team_member(TeamMemberType::Demandeur);
    let is_theirs = reader.is_some_and(|reader| applicant.is_some_and(|applicant| applicant.email == reader.email));
    let asks_for_correction = is_theirs && summary.state == AuthorisationState::Active;
    // Who instructs or reads requests comes from their list; the applicant and their colleagues from their own requests.
    let list = if !is_theirs && reader.is_some_and(User::reads_requests) {
        context! { href => "/instruction", label => "Demandes à instruire" }
    } else {
        context! { href => "/mes-demandes", label => "Mes demandes" }
    };
    let struck: Vec<String> = struck.iter().cloned().collect();
    let number = summary.number();
    context! {
        organization => &whole.nom_raison_sociale,
        request => enrollment_id,
        list,
        description => content.description.trim(),
        purposes => answers::purposes(policy, content),
        conditions => answers::conditions(policy, content),
        people => answers::people(policy, whole),
        answers => answers::others(policy, content),
        files => answers::files(policy, whole),
        accesses => summary.provisionings.iter().map(answers::access).collect::<Value>(),
        struck => groups(policy, &struck),
        correction => asks_for_correction.then(|| {
            if policy.messaging {
                format!("/demandes/{enrollment_id}?contact={number}#messages")
            } else {
                format!("mailto:{}", policy.support_email)
            }
        }),
    }
}

/// The official names of data, group by group.
fn groups(policy: &Policy, scopes: &[String]) -> Value {
    data_by_group(policy, scopes).into_iter().map(|(group, data)| context! { group, data }).collect()
}

/// The official names of the data, group by group, in the order of the policy; ids that it does not know come last.
fn data_by_group(policy: &Policy, scopes: &[String]) -> Vec<(String, Vec<String>)> {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    let known = policy.scopes.iter().filter(|scope| scopes.contains(&scope.id)).map(|scope| {
        let group = policy.scope_groups.iter().find(|group| Some(&group.id) == scope.group.as_ref());
        (group.map_or_else(String::new, |group| group.label.clone()), scope.label.clone())
    });
    let unknown = scopes.iter().filter(|id| policy.scope(id).is_none()).map(|id| (String::new(), id.clone()));
    for (group, label) in known.chain(unknown) {
        match groups.iter_mut().find(|(name, _)| *name == group) {
            Some((_, labels)) => labels.push(label),
            None => groups.push((group, vec![label])),
        }
    }
    groups
}

/// Only these become links: an address that an applicant typed must not run anything.
fn is_web_address(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

/// Whether it gives a right, in a sentence.
fn validity(row: &PublicRow) -> Value {
    let ended = row.ended_at.map(|at| format!(" le {}", day(at))).unwrap_or_default();
    let (tone, title, text) = match row.state {
        AuthorisationState::Active => (
            "success",
            "Cette habilitation est en vigueur".to_owned(),
            "L’organisation peut utiliser les données décrites ci-dessous.",
        ),
        AuthorisationState::Superseded => (
            "warning",
            format!("Cette habilitation a été remplacée{ended}"),
            "Elle ne donne plus aucun droit\u{a0}: une habilitation plus récente de la même demande a pris sa place.",
        ),
        AuthorisationState::Revoked => (
            "error",
            format!("Cette habilitation a été révoquée{ended}"),
            "L’organisation ne peut plus utiliser ces données.",
        ),
    };
    context! { tone, title, text }
}

fn link(summary: &AuthorisationSummary) -> Value {
    let (href, number) = (AuthorisationSummary::path_of(summary.id), summary.number());
    context! { href, number, day => day(summary.created_at), state => summary.state.label() }
}

/// The versions of what the request was granted, where there is more than this one.
fn versions(all: &[AuthorisationSummary], shown: i64) -> Value {
    let entry = |one: &AuthorisationSummary| context! { ..link(one), ..context! { shown => one.id == shown } };
    all.iter().filter(|_| all.len() > 1).map(entry).collect()
}

fn renewals(related: &Related) -> Value {
    related.renewals.iter().map(link).collect()
}
