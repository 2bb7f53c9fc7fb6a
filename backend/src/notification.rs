//! Who is told what, and in which words. Pure: it sends nothing and reads nothing.

pub mod account;
pub mod developer;
mod named;
pub mod opinion;
pub mod provisioning;
pub mod role_request;
pub mod transfer;
pub mod webhook;

use std::collections::BTreeSet;

use minijinja::{Value, context};
use shared::api::Mail;
use shared::change_point::NewPoint;
use shared::draft::Draft;
use shared::policy::{MailText, Policy};
use shared::rights::has_scope_of;
use shared::user::{Demarches, Role};
use shared::workflow::EventName;

use crate::error::{Error, Result};
use crate::ids::EnrollmentId;
use crate::models::outbox::Payload;
use crate::templates;

/// What happened, and what its mails need to know.
#[derive(Clone, Copy, Debug)]
pub struct Notice<'a> {
    pub event: EventName,
    /// The request was sent back once already.
    pub resubmitted: bool,
    /// It updates an authorisation that is in force.
    pub update: bool,
    /// The authorisation that it is about: the one that is granted or revoked, or the one that an update leaves in force.
    /// As it is written, H and digits; empty where there is none.
    pub authorisation: &'a str,
    /// Number of the enrollment.
    pub id: EnrollmentId,
    pub policy: &'a Policy,
    /// What the applicant wrote.
    pub content: &'a Draft,
    /// The content before the change.
    pub before: &'a Draft,
    /// Name of the organisation.
    pub nom_raison_sociale: &'a str,
    /// E-mail address of the applicant.
    pub demandeur_email: &'a str,
    /// What the instructor wrote.
    pub comment: &'a str,
    /// E-mail addresses of those who asked to be told of submissions.
    pub subscribers: &'a [String],
    /// Where browsers reach us.
    pub public_url: &'a str,
    /// Sender of the mails.
    pub mail_from: &'a str,
}

/// The values that a policy's own texts may name.
pub const VALUES: &[&str] = &[
    "id",
    "intitule",
    "label",
    "nom_raison_sociale",
    "support_email",
    "next_step_url",
    "comment",
    "role",
    "url",
    "scopes",
    "archive_days",
    "update",
    "authorisation",
];

/// Follows a mail whose text does not already carry the comment.
const COMMENT: &str = "\nMessage du service instructeur\u{a0}:\n\n{{ comment }}\n";

/// Whether the applicant gets a mail of such an event.
pub const fn has_mail(event: EventName) -> bool {
    match event {
        EventName::Submit
        | EventName::RequestChanges
        | EventName::Validate
        | EventName::Refuse
        | EventName::Revoke
        | EventName::OfferPartialGrant
        | EventName::Reminder
        | EventName::ReminderBeforeArchive
        | EventName::Correct
        | EventName::CorrectContacts => true,
        EventName::Create
        | EventName::Update
        | EventName::Archive
        | EventName::Withdraw
        | EventName::Delete
        | EventName::Restore
        | EventName::Reopen
        | EventName::CancelReopening
        | EventName::AcceptOffer
        | EventName::DeclineOffer
        | EventName::Copy
        | EventName::Transfer => false,
    }
}

/// A comment with the points that go with it, each by its label.
pub fn with_points(policy: &Policy, comment: &str, points: &[NewPoint]) -> String {
    if points.is_empty() {
        return comment.to_owned();
    }
    let lines = points.iter().map(|point| format!("- {}\u{a0}: {}", point.target().label(policy), point.comment));
    listed(comment, "Points à reprendre\u{a0}:", lines)
}

/// A reason with the data that it is about.
pub fn with_struck(policy: &Policy, reason: &str, struck: &BTreeSet<String>) -> String {
    let lines = struck.iter().map(|id| match policy.scope(id) {
        Some(scope) => format!("- {} ({id})", scope.label),
        None => format!("- {id}"),
    });
    listed(reason, "Données qui ne seraient pas accordées\u{a0}:", lines)
}

fn listed(text: &str, title: &str, lines: impl Iterator<Item = String>) -> String {
    let list = lines.collect::<Vec<_>>().join("\n");
    format!("{}\n\n{title}\n\n{list}", text.trim()).trim().to_owned()
}

/// The roles whose holders are told of a submission.
pub fn subscriber_roles(policy: &Policy, content: &Draft) -> Vec<Role> {
    let role = |group| Role::Subscriber { target_api: policy.target_api.clone(), group, demarches: Demarches::All };
    let groups = policy.scope_groups.iter().filter(|group| has_scope_of(policy, &group.id, &content.scopes));
    std::iter::once(role(None)).chain(groups.map(|group| role(Some(group.id.clone())))).collect()
}

/// Every message of an event, as it will be delivered.
///
/// # Errors
/// A text of the policy that cannot be rendered.
pub fn plan(notice: &Notice<'_>) -> Result<Vec<Payload>> {
    Ok(payloads(notice, mails(notice)?))
}

/// Tells these people that somebody wrote to them.
///
/// # Errors
/// A text that cannot be rendered.
pub fn message(notice: &Notice<'_>, recipients: &[String]) -> Result<Vec<Payload>> {
    let mails: Result<Vec<Mail>> = recipients.iter().map(|to| render(notice, "message", to, "")).collect();
    Ok(payloads(notice, mails?))
}

fn payloads(notice: &Notice<'_>, mails: Vec<Mail>) -> Vec<Payload> {
    let reply_to = notice.policy.reply_to.as_ref().unwrap_or(&notice.policy.support_email);
    let payload = |mail| Payload::Mail {
        from: notice.mail_from.to_owned(),
        reply_to: reply_to.clone(),
        unsubscribe: String::new(),
        mail,
    };
    mails.into_iter().map(payload).collect()
}

/// The mails of an event. Also what the instructor sees before deciding.
///
/// # Errors
/// A text of the policy that cannot be rendered.
pub fn mails(notice: &Notice<'_>) -> Result<Vec<Mail>> {
    let applicant = notice.demandeur_email;
    let mut mails = Vec::new();
    match notice.event {
        EventName::Submit => {
            mails.push(render(notice, "submit", applicant, "")?);
            let template = if notice.resubmitted { "resubmit_subscriber" } else { "submit_subscriber" };
            for subscriber in notice.subscribers {
                mails.push(render(notice, template, subscriber, "")?);
            }
        }
        EventName::RequestChanges
        | EventName::Validate
        | EventName::Refuse
        | EventName::Revoke
        | EventName::OfferPartialGrant
        | EventName::Reminder
        | EventName::ReminderBeforeArchive
        | EventName::Correct
        | EventName::CorrectContacts => {
            mails.push(render(notice, notice.event.as_str(), applicant, "")?);
        }
        EventName::DeclineOffer => {
            for subscriber in notice.subscribers {
                mails.push(render(notice, "decline_offer_subscriber", subscriber, "")?);
            }
        }
        EventName::Create
        | EventName::Update
        | EventName::Archive
        | EventName::Withdraw
        | EventName::Delete
        | EventName::Restore
        | EventName::Reopen
        | EventName::CancelReopening
        | EventName::AcceptOffer
        | EventName::Copy
        | EventName::Transfer => {}
    }
    mails.extend(named::mails(notice)?);
    for service in notice.policy.notices.iter().filter(|service| service.event == notice.event) {
        mails.push(fill(notice, &service.to, &service.subject, &service.body, "")?);
    }
    Ok(mails)
}

fn render(notice: &Notice<'_>, template: &str, to: &str, role: &str) -> Result<Mail> {
    let text = templates::source(&format!("mails/{template}.txt"))
        .ok_or_else(|| Error::Internal(format!("no mail template {template}")))?;
    let (common_subject, common_body) = subject_and_body(&text);
    // Only what is named like the event is the applicant's mail, which a policy may word in its own way.
    // One that knows of no update says how to begin, which is over.
    let is_own = |own: &&MailText| {
        let knows_updates = own.body.as_ref().is_some_and(|body| body.contains("update"));
        template == notice.event.as_str() && (!notice.update || knows_updates)
    };
    let own = notice.policy.mails.get(&notice.event).filter(is_own);
    let subject = own.and_then(|own| own.subject.as_deref()).unwrap_or(common_subject);
    let mut body = own.and_then(|own| own.body.as_deref()).unwrap_or(common_body).to_owned();
    let is_decision = template == notice.event.as_str() && notice.event != EventName::Submit;
    if is_decision && !notice.comment.is_empty() && !body.contains("comment") {
        body.push_str(COMMENT);
    }
    fill(notice, to, subject, &body, role)
}

/// The mail to that address that a template makes of these values.
///
/// # Errors
/// It cannot be rendered.
fn filled(template: &str, values: Value, to: &str) -> Result<Mail> {
    let text = templates::render(template, values)?;
    let (subject, body) = subject_and_body(&text);
    Ok(Mail { to: to.to_owned(), subject: subject.to_owned(), body: body.trim().to_owned() })
}

/// The two parts of a mail's text: the subject on its first line, and after an empty line the body.
fn subject_and_body(text: &str) -> (&str, &str) {
    let (subject, body) = text.split_once("\n\n").unwrap_or((text, ""));
    (subject.strip_prefix("Objet : ").unwrap_or(subject), body)
}

fn fill(notice: &Notice<'_>, to: &str, subject: &str, body: &str, role: &str) -> Result<Mail> {
    let scopes = notice.policy.scopes.iter().filter(|scope| notice.content.scopes.contains(&scope.id));
    let values = context! {
        id => notice.id.0,
        intitule => &notice.content.intitule,
        label => &notice.policy.label,
        nom_raison_sociale => notice.nom_raison_sociale,
        support_email => &notice.policy.support_email,
        next_step_url => &notice.policy.next_step_url,
        comment => notice.comment.trim(),
        update => notice.update,
        authorisation => notice.authorisation,
        archive_days => notice.policy.reminders.archive_days,
        role => role,
        sent_back => notice.resubmitted,
        url => format!("{}/demandes/{}", notice.public_url, notice.id),
        scopes => scopes.map(|scope| format!("- {} ({})", scope.label, scope.id)).collect::<Vec<_>>().join("\n"),
    };
    let fill = |text: &str| templates::render_text(text, &values);
    // A title may hold a line end; a subject may not (RFC 5322).
    let subject = fill(subject)?.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    Ok(Mail { to: to.to_owned(), subject, body: fill(body)?.trim().to_owned() })
}

#[cfg(test)]
mod tests {
    use shared::team_member::TeamMemberType;

    use super::*;
    use crate::policies::Policies;

    #[test]
    fn every_mail_of_every_policy_renders() {
        for policy in Policies::open(None).unwrap().current().values() {
            let before = Draft::default();
            let mut content = Draft { intitule: "Cantine {{ 1 }} & <b>".to_owned(), ..Draft::default() };
            content.team_member_mut(TeamMemberType::ResponsableTraitement).email = "rt@exemple.fr".to_owned();
            content.team_member_mut(TeamMemberType::DelegueProtectionDonnees).email = "dpo@exemple.fr".to_owned();
            content.team_member_mut(TeamMemberType::ResponsableTechnique).email = "dsi@exemple.fr".to_owned();
            for &event in EventName::ALL {
                let notice = Notice {
                    event,
                    resubmitted: event == EventName::Submit,
                    update: false,
                    authorisation: "H7",
                    id: EnrollmentId(42),
                    policy,
                    content: &content,
                    before: &before,
                    nom_raison_sociale: "Commune de Clamart",
                    demandeur_email: "user@exemple.fr",
                    comment: "Précisez la durée.",
                    subscribers: &["abonne@exemple.fr".to_owned()],
                    public_url: "http://localhost:8080",
                    mail_from: "DataPass <x@exemple.fr>",
                };
                let mails = mails(&notice).unwrap();
                let services =
                    policy.notices.iter().filter(|service| service.event == event).map(|service| &*service.to);
                let people: &[&str] = match event {
                    EventName::Submit => &["user@exemple.fr", "abonne@exemple.fr"],
                    EventName::DeclineOffer => &["abonne@exemple.fr"],
                    EventName::Validate | EventName::Revoke | EventName::Correct | EventName::CorrectContacts => {
                        &["user@exemple.fr", "rt@exemple.fr", "dpo@exemple.fr", "dsi@exemple.fr"]
                    }
                    EventName::RequestChanges
                    | EventName::Refuse
                    | EventName::OfferPartialGrant
                    | EventName::Reminder
                    | EventName::ReminderBeforeArchive => &["user@exemple.fr"],
                    _ => &[],
                };
                let expected: Vec<&str> = people.iter().copied().chain(services).collect();
                assert_eq!(mails.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), expected);
                for (index, mail) in mails.iter().enumerate() {
                    let whole = format!("{}\n{}", mail.subject, mail.body);
                    assert!(!mail.subject.is_empty() && !mail.subject.contains('\n'), "{whole}");
                    assert!(
                        mail.body.contains("Cantine {{ 1 }} & <b>"),
                        "what people write is not a template: {whole}"
                    );
                    assert!(mail.body.contains("http://localhost:8080/demandes/42"), "{whole}");
                    let is_decision = index == 0 && event != EventName::Submit;
                    assert_eq!(mail.body.contains("Précisez la durée."), is_decision, "{whole}");
                }
            }
        }
    }
}
