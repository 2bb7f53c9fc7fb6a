//! Each rule is about answers that the form asks for.

use shared::field::Field;
use shared::policy::Rule;

use super::Check;

impl Check<'_> {
    /// Whatever a rule wants is asked for, or filled in: else no request could ever be submitted.
    pub(super) fn rules(&mut self) {
        let policy = self.policy;
        if policy.frozen {
            return;
        }
        for (index, rule) in policy.rules.iter().enumerate() {
            let is_given = |field: &Field| match field {
                Field::Scopes => policy.scopes.iter().any(|scope| scope.locked || scope.checked),
                other => policy.prefill.contains_key(&other.to_string()),
            };
            let is_unasked = |field: &&Field| policy.section_of(field).is_none() && !is_given(field);
            if let Some(field) = wanted(*rule).iter().find(is_unasked) {
                let message = format!(
                    "la règle «\u{a0}{rule}\u{a0}» veut une réponse à «\u{a0}{}\u{a0}», qu’aucune partie de sections ne demande\u{a0}: personne ne \
                     pourrait soumettre de demande",
                    field.label()
                );
                self.report(format!("rules/{index}"), message);
            }
        }
    }
}

/// The fields that a rule wants to be answered.
const fn wanted(rule: Rule) -> &'static [Field] {
    match rule {
        Rule::Project => &[Field::Intitule, Field::Description],
        Rule::Description => &[Field::Description],
        Rule::TechnicalTeam => &[Field::TechnicalTeamType],
        Rule::AtLeastOneScope => &[Field::Scopes],
        Rule::DataUse => &[Field::DataRecipients, Field::DataRetentionPeriod],
        Rule::LegalBasis => &[Field::FondementJuridiqueTitle],
        Rule::CguApproved => &[Field::CguApproved],
        Rule::DpoIsInformed => &[Field::DpoIsInformed],
        Rule::MobilePhone => &[],
    }
}
