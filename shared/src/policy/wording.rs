//! What the form says around its questions, beside their labels: said once for the form and for the page that lists the
//! questions beforehand.

use super::{DocumentRequest, Policy, Scope, Section};
use crate::document::DocumentType;
use crate::field::Field;

impl Section {
    /// What is said at the top of that part of the form; empty for nothing.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Demarche => {
                "Si l’un de ces cas d’usage ressemble au vôtre, choisissez-le\u{a0}: il remplit une partie de la demande, que vous pourrez modifier."
            }
            Self::CadreJuridique => {
                "Les données à accès restreint ne peuvent être utilisées que si un texte le permet. Citez celui qui autorise votre organisation à les traiter pour ce projet."
            }
            _ => "",
        }
    }
}

impl Policy {
    /// A field as the form asks for it: its label, where no whole sentence does.
    pub fn question_of(&self, field: &Field) -> String {
        let question = match field {
            Field::Siret => "Organisation pour laquelle vous faites la demande",
            Field::TechnicalTeamType => "Qui réalisera la connexion à l’API\u{a0}?",
            Field::Scopes if self.subscribes() => "Démarches demandées",
            Field::CguApproved => "J’ai pris connaissance des conditions générales d’utilisation et je les accepte",
            Field::DpoIsInformed => {
                "Je confirme que le délégué à la protection des données de mon organisation est informé de ma demande"
            }
            Field::Additional(id) if self.scope_of_purpose(id).is_some() => {
                return format!("{}\u{a0}?", self.label_of(field));
            }
            other => return self.label_of(other),
        };
        question.to_owned()
    }

    /// How to answer that question; empty where nothing need be said.
    pub fn hint_of(&self, field: &Field) -> String {
        let of_structure = self.section_of(field) == Some(Section::Structure);
        let hint = match field {
            Field::Intitule => {
                "Un nom court auquel on reconnaît le projet, par exemple\u{a0}: tarification sociale de la cantine."
            }
            Field::Description if of_structure => "Ce que fait votre structure, et auprès de quel public.",
            Field::Description => {
                "À qui s’adresse le service, à quoi servent les données et à quel moment elles sont utilisées."
            }
            Field::DateMiseEnProduction => "Même approximative, par exemple\u{a0}: septembre 2027.",
            Field::VolumetrieApproximative if of_structure => "Par exemple le nombre de personnes accompagnées par an.",
            Field::VolumetrieApproximative => "Par exemple le nombre d’usagers par an, ou d’appels par mois.",
            Field::Scopes if self.subscribes() => "Cochez les démarches auxquelles votre organisation veut s’abonner.",
            Field::Scopes if self.asks_purposes => {
                "Cochez seulement les données dont votre projet a besoin, et dites pour chacune à quoi elle sert."
            }
            Field::Scopes => {
                "Cochez seulement les données dont votre projet a besoin\u{a0}: chacune doit pouvoir être justifiée."
            }
            Field::DataRecipients => "Les services et les personnes qui verront ces données, sous-traitants compris.",
            Field::DataRetentionPeriod => {
                let longest = self.longest_retention;
                return format!(
                    "Le temps strictement nécessaire. Au-delà de {longest}\u{a0}mois, une justification est demandée."
                );
            }
            Field::DataRetentionComment => "Ce qui rend cette durée nécessaire, par exemple un texte qui l’impose.",
            Field::FondementJuridiqueTitle => {
                "Loi, décret, arrêté, délibération… avec son numéro, sa date et l’article utile."
            }
            Field::FondementJuridiqueUrl
                if self.document(DocumentType::LegalBasis).is_some_and(|own| !own.read_only) =>
            {
                "L’adresse du texte, par exemple sur Légifrance, ou le texte joint au format PDF\u{a0}: l’un des deux suffit."
            }
            Field::FondementJuridiqueUrl => "Par exemple sur Légifrance.",
            Field::Document(kind) => return self.document(*kind).map(DocumentRequest::help).unwrap_or_default(),
            Field::Additional(id) => return self.extra_field(id).map(|field| field.hint.clone()).unwrap_or_default(),
            _ => "",
        };
        hint.to_owned()
    }

    /// Whether one ticks procedures to subscribe to, rather than data.
    pub fn subscribes(&self) -> bool {
        self.has_section(Section::DemarchesEnLigne)
    }

    /// The scopes that the form shows, by group in the order of the policy, with the title of each group; those of no group
    /// come first.
    pub fn shown_groups(&self) -> Vec<(Option<&str>, Vec<&Scope>)> {
        let mut groups: Vec<(Option<&str>, Vec<&Scope>)> = Vec::new();
        for scope in self.scopes.iter().filter(|scope| !scope.hidden) {
            let key = scope.group.as_deref();
            match groups.iter_mut().find(|(group, _)| *group == key) {
                Some((_, own)) => own.push(scope),
                None => groups.push((key, vec![scope])),
            }
        }
        let (grouped, alone): (Vec<_>, Vec<_>) = groups.into_iter().partition(|(group, _)| group.is_some());
        alone.into_iter().chain(grouped).map(|(group, scopes)| (self.title_of(group), scopes)).collect()
    }

    fn title_of<'a>(&'a self, group: Option<&'a str>) -> Option<&'a str> {
        let known = self.scope_groups.iter().find(|known| Some(known.id.as_str()) == group);
        let procedures = self.subscribes().then_some("Démarches");
        known.map(|known| known.label.as_str()).or(group).or(procedures)
    }
}

impl DocumentRequest {
    /// What the file should contain, its formats, the limits.
    pub fn help(&self) -> String {
        let formats = self.formats.join(", ").to_ascii_uppercase();
        let limit = match self.max_files {
            1 => "Taille maximale\u{a0}: 10\u{a0}Mo.".to_owned(),
            most => format!("Jusqu’à {most} fichiers, de 10\u{a0}Mo au plus chacun."),
        };
        format!("{} Formats acceptés\u{a0}: {formats}. {limit}", self.hint).trim().to_owned()
    }
}

impl Scope {
    /// What is said of data that cannot be left out; empty for other data.
    pub const fn note(&self) -> &'static str {
        if self.locked { "Toujours transmise\u{a0}: cette donnée ne peut pas être retirée." } else { "" }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy(members: &serde_json::Value) -> Policy {
        let mut policy = json!({
            "label": "API Essai", "provider": {"id": "p", "label": "P"}, "description": "d",
            "sections": ["description", "donnees"], "rules": [], "support_email": "a@b.fr",
        });
        policy.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        serde_json::from_value(policy).unwrap()
    }

    #[test]
    fn groups_keep_the_order_of_the_policy_and_have_its_titles() {
        let policy = policy(&json!({
            "scopes": [
                {"id": "a", "label": "A", "group": "cnaf"}, {"id": "b", "label": "B"},
                {"id": "c", "label": "C", "group": "dgfip"}, {"id": "d", "label": "D", "group": "cnaf"},
                {"id": "e", "label": "E", "hidden": true},
            ],
            "scope_groups": [{"id": "cnaf", "label": "CNAF"}, {"id": "dgfip", "label": "DGFiP"}],
        }));
        let seen: Vec<(Option<&str>, String)> = policy
            .shown_groups()
            .into_iter()
            .map(|(title, scopes)| (title, scopes.into_iter().map(|scope| scope.id.as_str()).collect()))
            .collect();
        assert_eq!(seen, [(None, "b".to_owned()), (Some("CNAF"), "ad".to_owned()), (Some("DGFiP"), "c".to_owned())]);
    }

    #[test]
    fn what_one_subscribes_to_and_what_a_structure_does_are_asked_in_other_words() {
        let usual = policy(&json!({}));
        let other = policy(&json!({"sections": ["structure", "demarches_en_ligne"]}));
        for field in [Field::Description, Field::VolumetrieApproximative, Field::Scopes] {
            assert_ne!(usual.hint_of(&field), other.hint_of(&field), "{field}");
        }
        assert_eq!(other.question_of(&Field::Scopes), "Démarches demandées");
        assert_eq!(usual.question_of(&Field::Scopes), Field::Scopes.label());
        assert!(policy(&json!({"longest_retention": 6})).hint_of(&Field::DataRetentionPeriod).contains("6\u{a0}mois"));
    }

    #[test]
    fn an_address_or_a_file_will_do_where_a_file_can_be_joined() {
        let file = json!({"type": "LegalBasis", "section": "description", "formats": ["pdf"]});
        let says = |policy: Policy| policy.hint_of(&Field::FondementJuridiqueUrl).contains("l’un des deux suffit");
        assert!(says(policy(&json!({"documents": [file]}))));
        assert!(!says(policy(&json!({}))));
    }
}
