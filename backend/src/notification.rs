//! Who is told what, and in which words. Pure: it sends nothing and reads nothing.

pub mod account;
pub mod developer;
pub mod infected_file;
mod named;
pub mod opinion;
pub mod provisioning;
pub mod role_request;
pub mod samples;
pub mod subscriber;
pub mod transfer;
pub mod webhook;

use std::collections::BTreeSet;

use minijinja::{Value, context};
use shared::api::Mail;
use shared::change_point::NewPoint;
use shared::draft::{Draft, TechnicalTeamType};
use shared::mail::MailKind;
use shared::organization::Siret;
use shared::policy::{MailText, Policy};
use shared::workflow::EventName;

use crate::error::{Error, Result};
use crate::ids::EnrollmentId;
use crate::templates;
use subscriber::Subscriber;

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
    /// The policy that it was written against: what its data are called.
    pub policy: &'a Policy,
    /// The policy in force: the words, links and mailboxes of today.
    pub in_force: &'a Policy,
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
    /// In how many days, at most, eight requests in ten of this API are answered; `None` where too few were to say.
    pub answer_days: Option<i64>,
    /// The manager of the API writes to its applicants itself ([`TOLD_BY_MANAGER`]).
    pub manager_writes: bool,
    /// An API manager opens the access that is granted, and a mail will say when it has.
    pub access_is_opening: bool,
    /// How many messages wait for their readers.
    pub unread: i64,
    /// The démarche that it counts as, as a person reads it; empty for none.
    pub demarche: &'a str,
    /// Those who are told of what applicants do.
    pub subscribers: &'a [Subscriber],
    /// Where browsers reach us.
    pub public_url: &'a str,
    /// Sender of the mails.
    pub mail_from: &'a str,
    /// The mailbox of those who run the platform; empty for none.
    pub team_email: &'a str,
}

/// A mail as it is planned: it goes out unless its reader does without mails of that kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// From whom.
    pub from: String,
    /// Where answers go.
    pub reply_to: String,
    /// What its reader may do without; `None` for what is about their own part.
    pub kind: Option<MailKind>,
    pub mail: Mail,
}

impl Letter {
    /// One that nobody does without.
    fn of(notice: &Notice<'_>, mail: Mail) -> Self {
        let policy = notice.in_force;
        let reply_to = policy.reply_to.as_ref().unwrap_or(&policy.support_email).clone();
        let from = policy.mail_from.as_deref().unwrap_or(notice.mail_from).to_owned();
        Self { from, reply_to, kind: None, mail }
    }
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
    "answer_days",
    "previous",
    "siret",
    "access_is_opening",
];

/// Follows a mail whose text does not already carry the comment.
const COMMENT: &str = "\nMessage du service instructeur\u{a0}:\n\n{{ comment }}\n";

/// Follows a mail of a grant whose text does not already say it.
const ACCESS: &str = "\n{% if access_is_opening %}L’accès est en cours d’ouverture\u{a0}: un autre message vous dira quand il est ouvert.{% endif %}\n";

/// Whether the applicant gets a mail of such an event.
pub const fn has_mail(event: EventName) -> bool {
    match event {
        EventName::Create
        | EventName::Submit
        | EventName::RequestChanges
        | EventName::Validate
        | EventName::Refuse
        | EventName::Revoke
        | EventName::OfferPartialGrant
        | EventName::Reminder
        | EventName::ReminderBeforeArchive
        | EventName::Correct
        | EventName::CorrectContacts => true,
        EventName::Update
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

/// The events of which the manager of an API writes to the applicants where it does so itself (v1's list): its webhook has
/// to ask for all of them.
pub const TOLD_BY_MANAGER: [EventName; 6] = [
    EventName::Create,
    EventName::Submit,
    EventName::RequestChanges,
    EventName::Validate,
    EventName::Refuse,
    EventName::Revoke,
];

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

/// The letters of an event.
///
/// # Errors
/// A text of the policy that cannot be rendered.
pub fn plan(notice: &Notice<'_>) -> Result<Vec<Letter>> {
    let mut letters = Vec::new();
    let mut send = |mail| letters.push(Letter::of(notice, mail));
    let is_left_to_manager = notice.manager_writes && TOLD_BY_MANAGER.contains(&notice.event);
    if has_mail(notice.event) && !is_left_to_manager {
        send(render(notice, notice.event.as_str(), notice.demandeur_email, &Value::UNDEFINED)?);
    }
    named::mails(notice)?.into_iter().for_each(&mut send);
    for service in notice.in_force.notices.iter().filter(|service| service.event == notice.event) {
        send(fill(notice, &service.to, &service.subject, &service.body, &Value::UNDEFINED)?);
    }
    let is_submission = notice.event == EventName::Submit;
    if is_submission && has_unknown_editor(notice.in_force, notice.content) && !notice.team_email.is_empty() {
        send(render(notice, "unknown_editor", notice.team_email, &Value::UNDEFINED)?);
    }
    let template = match notice.event {
        EventName::Submit if notice.resubmitted => "resubmit_subscriber",
        EventName::Submit => "submit_subscriber",
        EventName::Withdraw => "withdraw_subscriber",
        EventName::DeclineOffer => "decline_offer_subscriber",
        _ => return Ok(letters),
    };
    letters.extend(subscriber::letters(notice, template, MailKind::Submissions, notice.subscribers)?);
    Ok(letters)
}

/// Tells the applicant that somebody of the administration wrote to them. What is written stays with the request.
///
/// # Errors
/// A text that cannot be rendered.
pub fn message_to_applicant(notice: &Notice<'_>) -> Result<Vec<Letter>> {
    let mail = render(notice, "message", notice.demandeur_email, &Value::UNDEFINED)?;
    Ok(vec![Letter::of(notice, mail)])
}

/// Tells the subscribers that the applicant wrote to the administration.
///
/// # Errors
/// A text that cannot be rendered.
pub fn message_to_subscribers(notice: &Notice<'_>) -> Result<Vec<Letter>> {
    subscriber::letters(notice, "message_subscriber", MailKind::Messages, notice.subscribers)
}

/// Whether a software editor builds the service that the policy does not list, though it lists some.
fn has_unknown_editor(policy: &Policy, content: &Draft) -> bool {
    content.technical_team_type == Some(TechnicalTeamType::SoftwareCompany)
        && !policy.editors.is_empty()
        && !policy.editors.iter().any(|editor| editor.siret == content.technical_team_value)
}

/// `own` are values of this reader alone.
fn render(notice: &Notice<'_>, template: &str, to: &str, own: &Value) -> Result<Mail> {
    let text = templates::source(&format!("mails/{template}.txt"))
        .ok_or_else(|| Error::Internal(format!("no mail template {template}")))?;
    let (common_subject, common_body) = subject_and_body(&text);
    // Only what is named like the event is the applicant's mail, which a policy may word in its own way.
    // One that knows of no update says how to begin, which is over.
    let is_own = |own: &&MailText| {
        let knows_updates = own.body.as_ref().is_some_and(|body| body.contains("update"));
        template == notice.event.as_str() && (!notice.update || knows_updates)
    };
    let words = notice.in_force.mails.get(&notice.event).filter(is_own);
    let subject = words.and_then(|own| own.subject.as_deref()).unwrap_or(common_subject);
    let mut body = words.and_then(|own| own.body.as_deref()).unwrap_or(common_body).to_owned();
    let is_step_of_theirs = matches!(notice.event, EventName::Create | EventName::Submit);
    let is_decision = template == notice.event.as_str() && !is_step_of_theirs;
    if is_decision && !notice.comment.is_empty() && !body.contains("comment") {
        body.push_str(COMMENT);
    }
    if is_decision && notice.event == EventName::Validate && !body.contains("access_is_opening") {
        body.push_str(ACCESS);
    }
    fill(notice, to, subject, &body, own)
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

/// These data, a line each: label and id.
fn scope_lines(policy: &Policy, ids: &BTreeSet<String>) -> String {
    let scopes = policy.scopes.iter().filter(|scope| ids.contains(&scope.id));
    scopes.map(|scope| format!("- {} ({})", scope.label, scope.id)).collect::<Vec<_>>().join("\n")
}

fn fill(notice: &Notice<'_>, to: &str, subject: &str, body: &str, own: &Value) -> Result<Mail> {
    let common = context! {
        id => notice.id.0,
        intitule => &notice.content.intitule,
        editor => &notice.content.technical_team_value,
        label => &notice.in_force.label,
        nom_raison_sociale => notice.nom_raison_sociale,
        support_email => &notice.in_force.support_email,
        next_step_url => &notice.in_force.next_step_url,
        comment => notice.comment.trim(),
        update => notice.update,
        authorisation => notice.authorisation,
        answer_days => notice.answer_days,
        access_is_opening => notice.access_is_opening,
        unread => notice.unread,
        previous => notice.content.previous_enrollment_id,
        siret => notice.content.siret.as_ref().map(Siret::as_str).unwrap_or_default(),
        archive_days => notice.policy.reminders.archive_days,
        role => "",
        demarche => notice.demarche,
        sent_back => notice.resubmitted,
        url => format!("{}/demandes/{}", notice.public_url, notice.id),
        scopes => scope_lines(notice.policy, &notice.content.scopes),
    };
    let values = context! { ..own.clone(), ..common };
    let fill = |text: &str| templates::render_text(text, &values);
    // A title may hold a line end; a subject may not (RFC 5322).
    let subject = fill(subject)?.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    Ok(Mail { to: to.to_owned(), subject, body: fill(body)?.trim().to_owned() })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use shared::api::MailSample;
    use shared::team_member::TeamMemberType;

    use super::samples::{Place, Sample};
    use super::*;
    use crate::policies::{Catalogue, Policies};

    const PLACE: Place<'static> = Place {
        public_url: "http://localhost:8080",
        mail_from: "DataPass <x@exemple.fr>",
        team_email: "equipe@exemple.fr",
    };

    fn policies() -> Arc<Catalogue> {
        Policies::open(None).unwrap().current()
    }

    /// A request that names everybody who is ever written to, under a title that looks like a template.
    fn sample(policy: &Policy) -> Sample<'_> {
        let mut sample = Sample::of(policy, PLACE);
        sample.content.intitule = "Cantine {{ 1 }} & <b>".to_owned();
        for (kind, email) in [
            (TeamMemberType::ResponsableTraitement, "rt@exemple.fr"),
            (TeamMemberType::DelegueProtectionDonnees, "dpo@exemple.fr"),
            (TeamMemberType::ResponsableTechnique, "dsi@exemple.fr"),
        ] {
            email.clone_into(&mut sample.content.team_member_mut(kind).email);
        }
        sample
    }

    fn readers(letters: &[Letter]) -> Vec<&str> {
        letters.iter().map(|letter| letter.mail.to.as_str()).collect()
    }

    /// Who hears of an event, in the order of their letters.
    fn expected(policy: &Policy, event: EventName) -> Vec<&str> {
        let subscribers = ["abonne@exemple.fr", "abonne-sans-compte@exemple.fr", "abonne-sans-autre-role@exemple.fr"];
        let people: &[&str] = match event {
            EventName::Validate | EventName::Revoke | EventName::Correct | EventName::CorrectContacts => {
                &["demandeur@exemple.fr", "rt@exemple.fr", "dpo@exemple.fr", "dsi@exemple.fr"]
            }
            EventName::Create
            | EventName::Submit
            | EventName::RequestChanges
            | EventName::Refuse
            | EventName::OfferPartialGrant
            | EventName::Reminder
            | EventName::ReminderBeforeArchive => &["demandeur@exemple.fr"],
            _ => &[],
        };
        let services = policy.notices.iter().filter(|service| service.event == event);
        let mut expected: Vec<&str> = people.iter().copied().chain(services.map(|service| &*service.to)).collect();
        if event == EventName::Submit && !policy.editors.is_empty() {
            expected.push("equipe@exemple.fr");
        }
        if matches!(event, EventName::Submit | EventName::Withdraw | EventName::DeclineOffer) {
            expected.extend(subscribers);
        }
        expected
    }

    #[test]
    fn every_mail_of_every_policy_renders() {
        for policy in policies().values() {
            let sample = sample(policy);
            for &event in EventName::ALL {
                let notice = Notice { comment: "Précisez la durée.", ..sample.notice(event) };
                let letters = plan(&notice).unwrap();
                assert_eq!(readers(&letters), expected(policy, event), "{} {event}", policy.target_api);
                for (index, Letter { mail, kind, .. }) in letters.iter().enumerate() {
                    let whole = format!("{} {event}: {}\n{}", policy.target_api, mail.subject, mail.body);
                    assert!(!mail.subject.is_empty() && !mail.subject.contains('\n'), "{whole}");
                    assert!(!whole.contains(" de API "), "{whole}");
                    assert!(
                        mail.body.contains("Cantine {{ 1 }} & <b>"),
                        "what people write is not a template: {whole}"
                    );
                    let is_subscriber = mail.to.starts_with("abonne");
                    assert_eq!(kind.is_some(), is_subscriber, "{whole}");
                    let is_service = policy.notices.iter().any(|service| service.to == mail.to);
                    let is_closed = is_service || mail.to == "abonne-sans-autre-role@exemple.fr";
                    let leads_there = !is_closed && event != EventName::Withdraw;
                    assert_eq!(mail.body.contains("http://localhost:8080/demandes/42"), leads_there, "{whole}");
                    let is_decision = index == 0 && !matches!(event, EventName::Create | EventName::Submit);
                    let reads_comment =
                        if is_subscriber { !is_closed && event != EventName::Submit } else { is_decision };
                    assert_eq!(mail.body.contains("Précisez la durée."), reads_comment, "{whole}");
                }
            }
        }
    }

    #[test]
    fn every_template_is_among_the_samples_and_none_is_left_unfilled() {
        let policies = policies();
        let samples: Vec<MailSample> =
            policies.values().flat_map(|policy| samples::of(policy, PLACE).unwrap()).collect();
        for sample in &samples {
            let whole = format!("{}: {}\n{}", sample.when, sample.mail.subject, sample.mail.body);
            for left in ["{{", "{%", "«\u{a0}\u{a0}»", "(habilitation )", "  ", "\n\n\n"] {
                assert!(!whole.contains(left), "{left:?} in {whole}");
            }
        }
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/templates/mails");
        let texts = |folder: &str| {
            let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            paths.filter(|path| path.extension().is_some_and(|extension| extension == "txt")).collect::<Vec<_>>()
        };
        let files = [texts(folder), texts(&format!("{folder}/account"))].concat();
        assert!(files.len() > 45, "{files:?}");
        for path in files {
            let text = std::fs::read_to_string(&path).unwrap();
            let (_, body) = subject_and_body(&text);
            // The longest words of it that are not filled in.
            let between = body.split('{').filter_map(|part| part.rsplit('}').next());
            let words = between.flat_map(str::lines).map(str::trim).max_by_key(|words| words.len()).unwrap();
            assert!(samples.iter().any(|sample| sample.mail.body.contains(words)), "{}: {words}", path.display());
        }
    }

    #[test]
    fn the_support_of_franceconnect_reads_in_its_mail_all_that_it_needs() {
        let policies = policies();
        // Whose data FranceConnect hands over.
        for slug in [
            "api_droits_cnam",
            "api_impot_particulier_fc_sandbox",
            "api_impot_particulier_fc_unique",
            "api_indemnisation_pole_emploi",
            "api_indemnites_journalieres_cnam",
            "api_prestations_sociales_fc",
            "api_statut_demandeur_emploi",
            "api_statut_etudiant",
            "api_statut_etudiant_boursier",
        ] {
            let policy = policies.get(slug).unwrap();
            let sample = Sample::of(policy, PLACE);
            let letters = plan(&sample.notice(EventName::Validate)).unwrap();
            let letter = letters.iter().find(|letter| letter.mail.to == "support.partenaires@franceconnect.gouv.fr");
            let body = &letter.unwrap_or_else(|| panic!("{} tells nobody", policy.target_api)).mail.body;
            let numbers = ["H7", "n°\u{a0}42", "n°\u{a0}41", "Commune de Clamart", "21920023500014"];
            let data = policy.scopes.iter().filter(|scope| sample.content.scopes.contains(&scope.id));
            let data: Vec<String> = data.map(|scope| format!("- {} ({})", scope.label, scope.id)).collect();
            assert!(!data.is_empty());
            for words in numbers.into_iter().chain(data.iter().map(String::as_str)) {
                assert!(body.contains(words), "{} {words}: {body}", policy.target_api);
            }
            assert!(!body.contains("http"), "a mailbox opens nothing: {body}");
        }
    }

    #[test]
    fn a_manager_who_writes_is_left_the_mails_about_what_its_webhook_tells_and_no_other() {
        let policies = policies();
        let policy = policies.get("api_particulier").unwrap();
        assert!(policy.applicant_mails_by_manager);
        let sample = sample(policy);
        for &event in EventName::ALL {
            let alone = plan(&sample.notice(event)).unwrap();
            let beside = plan(&Notice { manager_writes: true, ..sample.notice(event) }).unwrap();
            let mut left = readers(&alone);
            let told = ["create", "submit", "request_changes", "validate", "refuse", "revoke"];
            if told.contains(&event.as_str()) {
                left.retain(|reader| *reader != "demandeur@exemple.fr");
            }
            assert_eq!(readers(&beside), left, "{event}");
        }
        let notice = Notice { manager_writes: true, ..sample.notice(EventName::Update) };
        assert_eq!(readers(&message_to_applicant(&notice).unwrap()), ["demandeur@exemple.fr"]);
        assert_eq!(message_to_subscribers(&notice).unwrap().len(), 3);
    }

    #[test]
    fn a_policy_may_have_a_sender_and_a_mailbox_for_answers_of_its_own() {
        let policies = policies();
        let written = policies.get("franceconnect").unwrap();
        let sender = |in_force: &Policy| {
            let sample = Sample::of(written, PLACE);
            let letters = plan(&Notice { in_force, ..sample.notice(EventName::Refuse) }).unwrap();
            letters.into_iter().map(|letter| (letter.from, letter.reply_to)).next().unwrap()
        };
        let support = "support.partenaires@franceconnect.gouv.fr";
        assert_eq!(sender(written), (PLACE.mail_from.to_owned(), support.to_owned()));
        let mut own = Policy::clone(written);
        own.mail_from = Some("FranceConnect <habilitations@exemple.fr>".to_owned());
        own.reply_to = Some("reponses@exemple.fr".to_owned());
        let own = sender(&own);
        assert_eq!(own, ("FranceConnect <habilitations@exemple.fr>".to_owned(), "reponses@exemple.fr".to_owned()));
    }

    #[test]
    fn whoever_may_have_no_account_is_told_how_to_make_one() {
        let policies = policies();
        let sample = sample(policies.get("franceconnect").unwrap());
        let mut told = 0;
        for event in [EventName::Validate, EventName::Revoke, EventName::Correct, EventName::Submit] {
            for Letter { mail, .. } in plan(&sample.notice(event)).unwrap() {
                if ["rt@", "dpo@", "dsi@", "abonne-sans-compte@"].iter().any(|name| mail.to.starts_with(name)) {
                    assert!(mail.body.contains("créez-en un avec"), "{event}, {}: {}", mail.to, mail.body);
                    told += 1;
                }
            }
        }
        assert_eq!(told, 10);
    }
}
