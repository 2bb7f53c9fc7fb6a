//! Every mail that the people of an API may get, made as it is when something happens, of sample values.

mod others;

use chrono::NaiveDate;
use shared::api::MailSample;
use shared::draft::{Draft, TechnicalTeamType};
use shared::opinion::Verdict;
use shared::policy::Policy;
use shared::workflow::EventName;

use super::opinion::{self, OpinionEvent};
use super::subscriber::Subscriber;
use super::transfer::{self, Addressee, TransferEvent};
use super::{Letter, Notice, message_to_applicant, message_to_subscribers, plan};
use crate::error::Result;
use crate::ids::EnrollmentId;

/// Where the mails come from.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Where browsers reach us.
    pub public_url: &'a str,
    /// Sender of the mails.
    pub mail_from: &'a str,
    /// The mailbox of those who run the platform; empty for none.
    pub team_email: &'a str,
}

/// A request of an API that nobody made.
pub struct Sample<'a> {
    policy: &'a Policy,
    place: Place<'a>,
    /// What the applicant wrote.
    pub content: Draft,
    before: Draft,
    subscribers: Vec<Subscriber>,
}

const APPLICANT: &str = "demandeur@exemple.fr";

/// What happens, in the order of a request's life.
const EVENTS: &[(EventName, &str)] = &[
    (EventName::Create, "Brouillon commencé"),
    (EventName::Reminder, "Rappel d’un brouillon"),
    (EventName::Submit, "Demande soumise"),
    (EventName::Withdraw, "Demande reprise par son demandeur"),
    (EventName::RequestChanges, "Modifications demandées"),
    (EventName::ReminderBeforeArchive, "Rappel avant archivage"),
    (EventName::OfferPartialGrant, "Accord partiel proposé"),
    (EventName::DeclineOffer, "Accord partiel décliné"),
    (EventName::Refuse, "Demande refusée"),
    (EventName::Validate, "Demande validée"),
    (EventName::Correct, "Demande corrigée par l’instruction"),
    (EventName::CorrectContacts, "Coordonnées corrigées par l’administration"),
    (EventName::Revoke, "Habilitation révoquée"),
];

impl<'a> Sample<'a> {
    /// One that names everybody whom the policy asks for.
    pub fn of(policy: &'a Policy, place: Place<'a>) -> Self {
        let mut content = Draft {
            intitule: "Tarification de la cantine".to_owned(),
            siret: "21920023500014".parse().ok(),
            scopes: policy.scopes.iter().take(3).map(|scope| scope.id.clone()).collect(),
            technical_team_type: Some(TechnicalTeamType::SoftwareCompany),
            technical_team_value: "Logiciels Exemple".to_owned(),
            previous_enrollment_id: policy.previous.is_some().then_some(41),
            ..Draft::default()
        };
        for contact in &policy.contacts {
            content.team_member_mut(contact.kind).email = format!("{}@exemple.fr", contact.kind);
        }
        let subscriber = |name: &str, may_open, has_account| Subscriber {
            email: format!("{name}@exemple.fr"),
            may_open,
            has_account,
            takes_part: false,
            scopes: content.scopes.clone(),
        };
        let subscribers = vec![
            subscriber("abonne", true, true),
            subscriber("abonne-sans-compte", true, false),
            subscriber("abonne-sans-autre-role", false, true),
        ];
        Self { policy, place, content, before: Draft::default(), subscribers }
    }

    /// What is said of an event.
    pub fn notice(&self, event: EventName) -> Notice<'_> {
        let is_granted =
            matches!(event, EventName::Validate | EventName::Correct | EventName::CorrectContacts | EventName::Revoke);
        Notice {
            event,
            resubmitted: false,
            update: false,
            authorisation: if is_granted { "H7" } else { "" },
            id: EnrollmentId(42),
            policy: self.policy,
            in_force: self.policy,
            content: &self.content,
            before: &self.before,
            nom_raison_sociale: "Commune de Clamart",
            demandeur_email: APPLICANT,
            comment: "Ici, le texte de qui décide, ou écrit.",
            answer_days: Some(12),
            manager_writes: false,
            access_is_opening: event == EventName::Validate && !self.policy.deliveries.is_empty(),
            unread: 1,
            demarche: self.policy.demarches.first().map_or("", |demarche| demarche.label.as_str()),
            subscribers: &self.subscribers,
            public_url: self.place.public_url,
            mail_from: self.place.mail_from,
            team_email: self.place.team_email,
        }
    }
}

/// Every mail about the requests of that policy, then those about no request: accesses, webhooks, roles, accounts.
///
/// # Errors
/// A text that cannot be rendered.
pub fn of(policy: &Policy, place: Place<'_>) -> Result<Vec<MailSample>> {
    let sample = Sample::of(policy, place);
    let mut shown = Vec::new();
    let mut show = |when: &str, letters: Vec<Letter>| {
        shown.extend(letters.into_iter().map(|letter| MailSample {
            when: when.to_owned(),
            from: letter.from,
            reply_to: letter.reply_to,
            kind: letter.kind,
            mail: letter.mail,
        }));
    };
    let is_partial = |event| matches!(event, EventName::OfferPartialGrant | EventName::DeclineOffer);
    // Where there are no data, no part of them is offered.
    let has_parts = !policy.scopes.is_empty();
    for &(event, when) in EVENTS.iter().filter(|(event, _)| has_parts || !is_partial(*event)) {
        let notice = sample.notice(event);
        show(when, plan(&notice)?);
        if event == EventName::Submit {
            show("Demande soumise à nouveau, après modifications", plan(&Notice { resubmitted: true, ..notice })?);
        }
        if policy.reopenable && knows_updates(event) {
            show(&format!("{when} (mise à jour d’une habilitation)"), plan(&updating(notice))?);
        }
        if policy.reopenable && event == EventName::Reminder {
            let sent_back = Notice { resubmitted: true, ..updating(notice) };
            show("Rappel de modifications demandées (mise à jour d’une habilitation)", plan(&sent_back)?);
        }
    }
    let notice = sample.notice(EventName::Update);
    if policy.messaging {
        let several = Notice { unread: 3, ..notice };
        show("Message au demandeur", message_to_applicant(&notice)?);
        show("Messages rapprochés au demandeur", message_to_applicant(&several)?);
        show("Message du demandeur", message_to_subscribers(&notice)?);
        show("Messages rapprochés du demandeur", message_to_subscribers(&several)?);
    }
    for (event, when) in [
        (OpinionEvent::Asked, "Avis demandé"),
        (OpinionEvent::Reminder, "Rappel d’un avis attendu"),
        (OpinionEvent::Answered(Verdict::Favourable), "Avis rendu"),
    ] {
        show(when, opinion_letters(&notice, event)?);
    }
    for (event, when) in [
        (TransferEvent::Offered, "Transfert proposé"),
        (TransferEvent::Asked, "Transfert demandé"),
        (TransferEvent::Done, "Transfert fait"),
        (TransferEvent::Refused, "Transfert refusé"),
        (TransferEvent::Withdrawn, "Transfert abandonné"),
    ] {
        show(when, transfer_letters(&notice, event)?);
    }
    shown.extend(others::all(policy, place)?);
    Ok(shown)
}

/// Whether its mails say another thing where it is about the update of an authorisation in force.
const fn knows_updates(event: EventName) -> bool {
    !matches!(
        event,
        EventName::Create | EventName::ReminderBeforeArchive | EventName::CorrectContacts | EventName::Revoke
    )
}

const fn updating(notice: Notice<'_>) -> Notice<'_> {
    Notice { update: true, authorisation: "H7", ..notice }
}

fn a_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2030, 1, 15).unwrap_or_default()
}

fn opinion_letters(notice: &Notice<'_>, event: OpinionEvent) -> Result<Vec<Letter>> {
    let words =
        opinion::Words {
            author: "Dominique Exemple", question: "Ces données suffisent-elles\u{a0}?", due_on: a_day()
        };
    let to =
        if matches!(event, OpinionEvent::Answered(_)) { "instruction@exemple.fr" } else { "rapporteur@exemple.fr" };
    opinion::mails(notice, event, words, &[to.to_owned()])
}

fn transfer_letters(notice: &Notice<'_>, event: TransferEvent) -> Result<Vec<Letter>> {
    let words = transfer::Words {
        from: "Camille Exemple",
        to: "Andrea Exemple",
        author: "Camille Exemple",
        reason: "Changement de poste.",
        due_on: (event == TransferEvent::Asked).then_some(a_day()),
    };
    let addressees = [
        Addressee { email: "collegue@exemple.fr", is_colleague: true, knows_content: event != TransferEvent::Asked },
        Addressee { email: APPLICANT, is_colleague: false, knows_content: true },
    ];
    transfer::mails(notice, event, words, &addressees)
}
