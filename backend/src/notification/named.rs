//! The mails to the people that a request names, who answer for what is granted: when it is granted, when it is revoked, and
//! when they are named in the place of somebody else. They do not read the reasons of decisions.

use minijinja::context;
use shared::api::Mail;
use shared::draft::Draft;
use shared::team_member::TeamMemberType;
use shared::workflow::EventName;

use super::{Notice, render};
use crate::error::Result;

/// Who is notified, and what they are called in their mail. The technical contact is the one who gets the access.
const NOTIFIED: [(TeamMemberType, &str); 3] = [
    (TeamMemberType::ResponsableTraitement, "responsable de traitement"),
    (TeamMemberType::DelegueProtectionDonnees, "délégué à la protection des données"),
    (TeamMemberType::ResponsableTechnique, "responsable technique"),
];

/// Their mails of an event.
///
/// # Errors
/// A text that cannot be rendered.
pub(super) fn mails(notice: &Notice<'_>) -> Result<Vec<Mail>> {
    let is_granted = !notice.authorisation.is_empty();
    let is_notified = |kind: TeamMemberType, email: &str| match notice.event {
        EventName::Validate | EventName::Revoke => true,
        EventName::Correct | EventName::CorrectContacts => is_granted && !names(notice.before, kind, email),
        _ => false,
    };
    let mut mails = Vec::new();
    for (kind, role) in NOTIFIED {
        let template = match (notice.event, kind) {
            (EventName::Revoke, _) => "revoke_named",
            (_, TeamMemberType::ResponsableTechnique) => "technical",
            _ => "rgpd",
        };
        for member in notice.content.team_members.iter().filter(|member| member.kind == kind) {
            if !member.email.is_empty() && is_notified(kind, &member.email) {
                mails.push(render(notice, template, &member.email, &context! { role })?);
            }
        }
    }
    Ok(mails)
}

fn names(content: &Draft, kind: TeamMemberType, email: &str) -> bool {
    content.team_members.iter().any(|member| member.kind == kind && member.email == email)
}
