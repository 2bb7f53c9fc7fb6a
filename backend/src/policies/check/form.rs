//! Everything that a policy asks has its place in the form, and every part of the form asks something.

use shared::document::{FileFormat, MAX_FILES};
use shared::field::Field;
use shared::policy::{ExtraFieldType, Rule, Section};
use shared::team_member::{Attribute, TeamMemberType};

use super::Check;

impl Check<'_> {
    /// Everything that can be said of the form.
    pub(super) fn form(&mut self) {
        self.places();
        self.lists();
        self.sections();
        self.contacts();
        self.questions();
        self.documents();
    }

    /// What is asked of one part is in a part that the form has.
    fn places(&mut self) {
        let policy = self.policy;
        let mut place = |path: String, section: Section| {
            if !policy.has_section(section) {
                self.report(path, format!("la partie «\u{a0}{section}\u{a0}» n’est pas dans sections"));
            }
        };
        for (index, contact) in policy.contacts.iter().enumerate() {
            place(format!("contacts/{index}/section"), contact.section);
        }
        for (index, document) in policy.documents.iter().enumerate() {
            place(format!("documents/{index}/section"), document.section);
        }
        for (index, question) in policy.extra_fields.iter().enumerate() {
            place(format!("extra_fields/{index}/section"), question.section);
        }
    }

    /// What some lists hold is shown by a part that the form has.
    fn lists(&mut self) {
        let policy = self.policy;
        let shows_scopes = policy.section_of(&Field::Scopes).is_some();
        for (list, is_needed, section, is_shown) in [
            ("demarches", !policy.demarches.is_empty(), Section::Demarche, policy.has_section(Section::Demarche)),
            ("editors", !policy.editors.is_empty(), Section::TechnicalTeam, policy.has_section(Section::TechnicalTeam)),
            (
                "previous",
                policy.previous.is_some(),
                Section::PreviousEnrollment,
                policy.has_section(Section::PreviousEnrollment),
            ),
            ("scopes", !policy.scopes.is_empty(), Section::Donnees, shows_scopes),
        ] {
            if is_needed && !is_shown {
                self.report(list, format!("sections ne contient pas «\u{a0}{section}\u{a0}», qui montre {list}"));
            }
        }
    }

    fn sections(&mut self) {
        let policy = self.policy;
        for (index, section) in policy.sections.iter().enumerate() {
            let questions = policy.extra_fields.iter().any(|question| question.section == *section);
            let files = policy.documents.iter().any(|document| document.section == *section);
            let people = policy.contacts.iter().any(|contact| contact.section == *section);
            let own = match section {
                Section::Demarche => !policy.demarches.is_empty(),
                Section::PreviousEnrollment => policy.previous.is_some(),
                Section::DemarchesEnLigne => !policy.scopes.is_empty(),
                other => !other.fields().is_empty(),
            };
            if !(questions || files || people || own) {
                self.report(format!("sections/{index}"), format!("la partie «\u{a0}{section}\u{a0}» ne demande rien"));
            }
        }
        if policy.section_of(&Field::FondementJuridiqueTitle).is_none() {
            for (index, demarche) in policy.demarches.iter().enumerate() {
                if !demarche.legal_basis_hint.is_empty() {
                    let message = "aucune partie du formulaire ne demande de texte juridique";
                    self.report(format!("demarches/{index}/legal_basis_hint"), message);
                }
            }
        }
        let has_title = policy.previous.is_some() || policy.prefill.contains_key("intitule");
        if !policy.frozen && !has_title && policy.section_of(&Field::Intitule).is_none() {
            let message = "une demande n’aurait pas de nom\u{a0}: ajoutez la partie «\u{a0}description\u{a0}», ou prefill.intitule";
            self.report("sections", message);
        }
    }

    fn contacts(&mut self) {
        let has_rule = self.policy.rules.contains(&Rule::MobilePhone);
        if has_rule && !self.policy.contacts.iter().any(|contact| contact.mobile_phone) {
            self.report(
                "rules",
                "la règle «\u{a0}mobile_phone\u{a0}» ne vaut que si un contact porte mobile_phone = true",
            );
        }
        for (index, contact) in self.policy.contacts.iter().enumerate() {
            if contact.kind == TeamMemberType::Demandeur && contact.required {
                let message = "le demandeur est connu par son compte\u{a0}: écrivez required = false";
                self.report(format!("contacts/{index}/required"), message);
            }
            if contact.mobile_phone && !contact.attributes.contains(&Attribute::PhoneNumber) {
                self.report(format!("contacts/{index}/mobile_phone"), "aucun téléphone n’est demandé à ce contact");
            }
        }
    }

    fn questions(&mut self) {
        for (index, question) in self.policy.extra_fields.iter().enumerate() {
            match (question.kind == ExtraFieldType::Choice, question.options.is_empty()) {
                (true, true) => self.report(format!("extra_fields/{index}"), "un choix a besoin d’options"),
                (false, false) => {
                    self.report(
                        format!("extra_fields/{index}/options"),
                        "seul un choix (type = \"choice\") a des options",
                    );
                }
                (true, false) | (false, true) => {}
            }
        }
    }

    fn documents(&mut self) {
        for (index, document) in self.policy.documents.iter().enumerate() {
            if !(1..=MAX_FILES).contains(&document.max_files) {
                let message = format!("indiquez de 1 à {MAX_FILES} fichiers");
                self.report(format!("documents/{index}/max_files"), message);
            }
            if document.formats.is_empty() {
                self.report(format!("documents/{index}"), "indiquez au moins un format");
            }
            for (place, format) in document.formats.iter().enumerate() {
                if FileFormat::named(format).is_none() {
                    let known = FileFormat::ALL.iter().map(|known| known.as_str()).collect::<Vec<_>>().join(", ");
                    let message =
                        format!("le format «\u{a0}{format}\u{a0}» ne sait pas être vérifié (possibles\u{a0}: {known})");
                    self.report(format!("documents/{index}/formats/{place}"), message);
                }
            }
        }
    }
}
