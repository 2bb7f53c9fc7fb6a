//! What a policy or a use case fills in can be filled in, and is accepted by the form.

use serde_json::{Map, Value};
use shared::draft::{Draft, MergeError};
use shared::field::Field;
use shared::policy::ExtraFieldType;
use shared::validation::formats::is_web_address;
use shared::validation::{Input, Stage, validate};

use super::{Check, did_you_mean};

impl Check<'_> {
    pub(super) fn prefills(&mut self) {
        let policy = self.policy;
        self.prefill("prefill", &policy.prefill, None);
        let start = policy.new_draft();
        for (index, demarche) in policy.demarches.iter().enumerate() {
            self.prefill(&format!("demarches/{index}/prefill"), &demarche.prefill, Some(&start));
        }
    }

    fn prefill(&mut self, path: &str, prefill: &Map<String, Value>, start: Option<&Draft>) {
        self.members(path, prefill, start.is_none());
        let draft = match Draft::default().merged(prefill) {
            Ok(draft) => draft,
            Err(MergeError::UnknownMember(_)) => return,
            Err(MergeError::WrongType { member, reason }) => {
                self.report(
                    format!("{path}/{member}"),
                    format!("«\u{a0}{member}\u{a0}» a une valeur impossible ({reason})"),
                );
                return;
            }
        };
        self.values(path, &draft);
        if draft.data_retention_period == Some(0) {
            self.report(format!("{path}/data_retention_period"), "une durée de 0 est refusée à la soumission");
        }
        self.choices(path, &draft);
        if let Some(start) = start.filter(|_| prefill.contains_key("scopes")) {
            for scope in self.policy.scopes.iter().filter(|scope| scope.locked && start.scopes.contains(&scope.id)) {
                if !draft.scopes.contains(&scope.id) {
                    let message =
                        format!("la donnée «\u{a0}{}\u{a0}», toujours demandée, manque à cette liste", scope.id);
                    self.report(format!("{path}/scopes"), message);
                }
            }
        }
    }

    /// Each member is one that the form shows.
    fn members(&mut self, path: &str, prefill: &Map<String, Value>, is_own: bool) {
        let policy = self.policy;
        if prefill.contains_key("team_members") {
            self.report(format!("{path}/team_members"), "on ne préremplit pas des personnes");
        }
        for member in prefill.keys().filter(|member| *member != "additional_content" && *member != "team_members") {
            // A title may be given once and for all, and never asked.
            let is_hidden_title = member == "intitule" && is_own;
            match member.parse::<Field>() {
                Ok(field) if policy.section_of(&field).is_some() || is_hidden_title => {}
                Ok(_) => self.report(
                    format!("{path}/{member}"),
                    format!("aucune partie du formulaire ne montre «\u{a0}{member}\u{a0}»"),
                ),
                Err(_) => {
                    let hint = did_you_mean(member, Field::OWN.iter().map(|(_, name)| *name));
                    self.report(
                        format!("{path}/{member}"),
                        format!("une demande n’a pas de champ «\u{a0}{member}\u{a0}»{hint}"),
                    );
                }
            }
        }
    }

    /// Each value is one that the form would take.
    fn values(&mut self, path: &str, draft: &Draft) {
        let policy = self.policy;
        for error in validate(policy, Input::new(draft, &[], ""), Stage::Save) {
            self.report(format!("{path}/{}", error.field.to_string().replace('.', "/")), error.detail);
        }
        let url = &draft.fondement_juridique_url;
        if !url.is_empty() && !is_web_address(url) {
            self.report(format!("{path}/fondement_juridique_url"), "ce n’est pas une adresse complète (https://…)");
        }
        let team = &draft.technical_team_value;
        if !team.is_empty() && !policy.editors.iter().any(|editor| editor.siret == *team) {
            self.report(
                format!("{path}/technical_team_value"),
                format!("aucun éditeur n’a le SIRET «\u{a0}{team}\u{a0}»"),
            );
        }
    }

    /// Each answer to a choice is one of its options.
    fn choices(&mut self, path: &str, draft: &Draft) {
        for question in self.policy.extra_fields.iter().filter(|question| question.kind == ExtraFieldType::Choice) {
            let answer = draft.text(&Field::Additional(question.id.clone())).unwrap_or_default();
            if !answer.is_empty() && !question.options.iter().any(|option| option.id == answer) {
                let message =
                    format!("«\u{a0}{answer}\u{a0}» n’est pas une réponse possible à «\u{a0}{}\u{a0}»", question.id);
                self.report(format!("{path}/additional_content/{}", question.id), message);
            }
        }
    }
}
