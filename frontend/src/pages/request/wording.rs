//! Formats values of a request: labels instead of ids, numbers in groups, dates in full. No view here.

use std::fmt;

use shared::document::Document;
use shared::draft::TechnicalTeamType;
use shared::field::Field;
use shared::outbox::MailRejection;
use shared::policy::{ExtraFieldType, Policy};

use crate::components::{date, siret};

/// A text as a person reads it: the label of a choice, a number in groups, a day in full, or the text itself.
pub fn text(policy: &Policy, field: &Field, text: &str) -> String {
    match field {
        Field::Siret => siret::grouped(text),
        Field::TechnicalTeamType => {
            text.parse().map_or_else(|_| text.to_owned(), |kind: TechnicalTeamType| kind.label().to_owned())
        }
        Field::TechnicalTeamValue => editor(policy, text),
        Field::Demarche => policy.demarche(text).map_or_else(|| text.to_owned(), |demarche| demarche.label.clone()),
        Field::Additional(id) => extra(policy, id, text),
        Field::PreviousEnrollmentId
        | Field::Intitule
        | Field::Description
        | Field::DateMiseEnProduction
        | Field::VolumetrieApproximative
        | Field::Scopes
        | Field::DataRecipients
        | Field::DataRetentionPeriod
        | Field::DataRetentionComment
        | Field::FondementJuridiqueTitle
        | Field::FondementJuridiqueUrl
        | Field::CguApproved
        | Field::DpoIsInformed
        | Field::TeamMember(..)
        | Field::Document(_) => text.to_owned(),
    }
}

/// What to do about an address that mails do not reach.
pub const fn rejection(rejection: MailRejection) -> &'static str {
    match rejection {
        MailRejection::Bounce | MailRejection::Blocked => {
            "Cette adresse ne répond pas\u{a0}: les messages reviennent. Vérifiez-la."
        }
        MailRejection::Spam => {
            "Un message de DataPass a été signalé comme indésirable à cette adresse\u{a0}: elle n’en reçoit plus."
        }
    }
}

/// The answer to a question that only some policies ask.
fn extra(policy: &Policy, id: &str, text: &str) -> String {
    let Some(question) = policy.extra_field(id) else { return text.to_owned() };
    let label = match question.kind {
        ExtraFieldType::Choice => {
            question.options.iter().find(|option| option.id == text).map(|option| option.label.clone())
        }
        ExtraFieldType::Date => text.parse().ok().map(date::day),
        ExtraFieldType::Text
        | ExtraFieldType::LongText
        | ExtraFieldType::Boolean
        | ExtraFieldType::Number
        | ExtraFieldType::Url
        | ExtraFieldType::PostalCode => None,
    };
    label.unwrap_or_else(|| text.to_owned())
}

/// An editor is kept as its SIRET where the policy knows it, else as the applicant wrote it.
fn editor(policy: &Policy, text: &str) -> String {
    policy
        .editors
        .iter()
        .find(|editor| editor.siret == text)
        .map_or_else(|| text.to_owned(), |editor| format!("{} (SIRET {})", editor.name, siret::grouped(&editor.siret)))
}

/// The label of a piece of data; its id, where the policy no longer has it.
pub fn scope(policy: &Policy, id: &str) -> String {
    policy.scope(id).map_or_else(|| id.to_owned(), |scope| scope.label.clone())
}

/// A number of months.
pub fn months(count: impl fmt::Display) -> String {
    format!("{count}\u{a0}mois")
}

/// « PDF, 1,2 Mo ».
pub fn file(document: &Document) -> String {
    let ending = document.filename.rsplit_once('.').map(|(_, ending)| format!("{}, ", ending.to_ascii_uppercase()));
    format!("{}{}", ending.unwrap_or_default(), date::size(document.size))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::request::samples;

    #[test]
    fn ids_become_labels() {
        let policy = samples::policy();
        let read = |field: &str, value: &str| text(&policy, &field.parse().unwrap(), value);
        assert_eq!(read("technical_team_type", "software_company"), "Un éditeur de logiciels");
        assert_eq!(
            read("technical_team_value", "13002526500013"),
            "Éditeur public (SIRET 130\u{a0}025\u{a0}265\u{a0}00013)"
        );
        assert_eq!(read("technical_team_value", "Un prestataire"), "Un prestataire");
        assert_eq!(read("demarche", "default"), "Cas général");
        assert_eq!(read("additional_content.eidas_level", "eidas_2"), "Substantiel");
        assert_eq!(read("additional_content.date_homologation", "2026-03-01"), "1er mars 2026");
        assert_eq!(read("additional_content.unknown", "x"), "x");
        assert_eq!(read("intitule", "default"), "default");
    }
}
