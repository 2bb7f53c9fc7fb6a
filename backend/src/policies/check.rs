//! Whether a policy file says something that holds together, and where it does not.
//!
//! First its shape ([`super::schema`]); then what a schema cannot say: names that are used but not
//! declared, questions without a place in the form, chains, links, texts.

mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use shared::document::FileFormat;
use shared::enrollment::{Draft, MergeError};
use shared::field::Field;
use shared::organization::Siret;
use shared::policy::{ExtraFieldType, Policy, Section};
use shared::team_member::{Attribute, TeamMemberType};
use shared::validation::formats::is_web_address;
use shared::validation::{Candidate, Stage, validate};

use super::schema;
use super::source::{Node, Problem, Problems, Sources, did_you_mean};

/// Every policy, by slug.
pub type Catalogue = BTreeMap<String, std::sync::Arc<Policy>>;

/// Reads every policy.
///
/// # Errors
/// Everything that is wrong with any of them.
pub fn read(sources: &Sources) -> Result<Catalogue, Problems> {
    let mut problems = BTreeSet::new();
    let mut catalogue = Catalogue::new();
    let mut nodes = BTreeMap::new();
    for slug in sources.slugs() {
        match sources.resolve(slug) {
            Err(found) => problems.extend(found),
            Ok(node) => match policy(slug, &node) {
                Err(found) => problems.extend(found),
                Ok(policy) => {
                    catalogue.insert(slug.to_owned(), std::sync::Arc::new(policy));
                    nodes.insert(slug, node);
                }
            },
        }
    }
    for (slug, node) in &nodes {
        if let Some(policy) = catalogue.get(*slug) {
            let mut check = Check { policy, node, problems: &mut problems };
            check.meaning();
            check.chain(&catalogue, sources);
        }
    }
    if problems.is_empty() { Ok(catalogue) } else { Err(Problems(problems.into_iter().collect())) }
}

/// Checks the files of `paths`, laid over those that the binary carries, and says how many policies they make.
///
/// # Errors
/// What cannot be read, and everything that is wrong with what can, one problem a line.
pub fn run(paths: &[PathBuf]) -> anyhow::Result<String> {
    let mut sources = Sources::embedded()?;
    sources.add(paths)?;
    let count = read(&sources)?.len();
    Ok(format!("{count} politiques, aucun problème."))
}

/// The policy that a file says, when its shape is right.
fn policy(slug: &str, node: &Node) -> Result<Policy, Vec<Problem>> {
    let mut value = node.to_json();
    let mut problems = Vec::new();
    if !is_slug(slug) {
        let message = "le nom du fichier sert d’identifiant\u{a0}: lettres minuscules sans accent, chiffres et «\u{a0}_\u{a0}» seulement";
        problems.push(node.place.problem(message));
    }
    problems.extend(schema::problems(node, &value));
    if let Some(members) = value.as_object_mut() {
        for own in ["target_api", "revision"] {
            if members.remove(own).is_some() {
                problems.push(
                    node.locate(own).problem(format!("«\u{a0}{own}\u{a0}» est donné par DataPass\u{a0}: retirez-le")),
                );
            }
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut policy: Policy = serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string().replace(['.', '['], "/").replace(']', "");
        vec![node.locate(&path).problem(error.inner().to_string())]
    })?;
    slug.clone_into(&mut policy.target_api);
    policy.revision = revision(&policy);
    Ok(policy)
}

/// Whether a text can be the slug of a policy.
pub fn is_slug(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// The first 64 bits of the hash of the content: enough to tell a few thousand apart.
fn revision(policy: &Policy) -> String {
    let content = serde_json::to_string(policy).unwrap_or_default();
    Sha256::digest(content.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The checks of one policy.
struct Check<'a> {
    policy: &'a Policy,
    node: &'a Node,
    problems: &'a mut BTreeSet<Problem>,
}

impl Check<'_> {
    fn report(&mut self, path: impl AsRef<str>, message: impl Into<String>) {
        self.problems.insert(self.node.locate(path.as_ref()).problem(message));
    }

    /// Everything that can be said of the policy alone.
    fn meaning(&mut self) {
        self.texts();
        self.duplicates();
        self.scopes();
        self.form();
        self.constraints();
        self.prefills();
        self.editors();
        self.links();
        self.mailboxes();
        self.mails();
    }

    fn duplicates(&mut self) {
        let policy = self.policy;
        self.unique("sections", policy.sections.iter().map(|section| section.as_str()));
        self.unique("rules", policy.rules.iter().map(|rule| rule.as_str()));
        self.unique("scopes", policy.scopes.iter().map(|scope| scope.id.as_str()));
        self.unique("scope_groups", policy.scope_groups.iter().map(|group| group.id.as_str()));
        self.unique("demarches", policy.demarches.iter().map(|demarche| demarche.id.as_str()));
        self.unique("editors", policy.editors.iter().map(|editor| editor.siret.as_str()));
        self.unique("contacts", policy.contacts.iter().map(|contact| contact.kind.as_str()));
        self.unique("documents", policy.documents.iter().map(|document| document.kind.as_str()));
        self.unique("extra_fields", policy.extra_fields.iter().map(|question| question.id.as_str()));
        for (index, question) in policy.extra_fields.iter().enumerate() {
            let options = question.options.iter().map(|option| option.id.as_str());
            self.unique(&format!("extra_fields/{index}/options"), options);
            if policy.scope(&question.id).is_some() {
                let message = format!("«\u{a0}{}\u{a0}» est déjà l’identifiant d’une donnée de scopes", question.id);
                self.report(format!("extra_fields/{index}/id"), message);
            }
        }
    }

    fn unique<'b>(&mut self, list: &str, names: impl Iterator<Item = &'b str>) {
        let mut seen = BTreeSet::new();
        for (index, name) in names.enumerate() {
            if !seen.insert(name) {
                self.report(format!("{list}/{index}"), format!("«\u{a0}{name}\u{a0}» est déjà dans {list}"));
            }
        }
    }

    fn scopes(&mut self) {
        let policy = self.policy;
        let groups: BTreeSet<&str> = policy.scope_groups.iter().map(|group| group.id.as_str()).collect();
        let has_role_groups = policy.scope_groups.iter().any(|group| group.role_group);
        for (index, scope) in policy.scopes.iter().enumerate() {
            let group = scope.group.as_deref();
            if let Some(name) = group.filter(|name| !groups.contains(name)) {
                let hint = did_you_mean(name, groups.iter().copied());
                let message = format!("le groupe «\u{a0}{name}\u{a0}» n’est pas déclaré dans scope_groups{hint}");
                self.report(format!("scopes/{index}/group"), message);
            }
            if let Some(name) = scope.warning.as_ref().filter(|name| !policy.warnings.contains_key(*name)) {
                let hint = did_you_mean(name, policy.warnings.keys().map(String::as_str));
                let message = format!("l’avertissement «\u{a0}{name}\u{a0}» n’est pas déclaré dans warnings{hint}");
                self.report(format!("scopes/{index}/warning"), message);
            }
            let is_covered =
                policy.scope_groups.iter().any(|other| other.role_group && Some(other.id.as_str()) == group);
            if has_role_groups && !is_covered {
                let message = "aucun groupe réservé (role_group) ne contient cette donnée\u{a0}: personne qui y soit limité ne la verrait";
                self.report(format!("scopes/{index}"), message);
            }
            if scope.locked && scope.deprecated {
                self.report(format!("scopes/{index}"), "une donnée abandonnée ne peut pas être toujours demandée");
            }
        }
        for (index, group) in policy.scope_groups.iter().enumerate() {
            if !policy.scopes.iter().any(|scope| scope.group.as_ref() == Some(&group.id)) {
                self.report(
                    format!("scope_groups/{index}"),
                    format!("aucune donnée n’est du groupe «\u{a0}{}\u{a0}»", group.id),
                );
            }
        }
        for name in policy.warnings.keys() {
            if !policy.scopes.iter().any(|scope| scope.warning.as_ref() == Some(name)) {
                self.report(
                    format!("warnings/{name}"),
                    format!("aucune donnée n’a l’avertissement «\u{a0}{name}\u{a0}»"),
                );
            }
        }
    }

    /// Everything that is asked has its place in the form, and every part of the form asks something.
    fn form(&mut self) {
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
        let has_title = policy.previous.is_some() || policy.prefill.contains_key("intitule");
        if !policy.frozen && !has_title && policy.section_of(&Field::Intitule).is_none() {
            let message = "une demande n’aurait pas de nom\u{a0}: ajoutez la partie «\u{a0}description\u{a0}», ou prefill.intitule";
            self.report("sections", message);
        }
        for (index, contact) in policy.contacts.iter().enumerate() {
            if contact.kind == TeamMemberType::Demandeur && contact.required {
                let message = "le demandeur est connu par son compte\u{a0}: écrivez required = false";
                self.report(format!("contacts/{index}/required"), message);
            }
            if contact.mobile_phone && !contact.attributes.contains(&Attribute::PhoneNumber) {
                self.report(format!("contacts/{index}/mobile_phone"), "aucun téléphone n’est demandé à ce contact");
            }
        }
        for (index, question) in policy.extra_fields.iter().enumerate() {
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
        for (index, document) in policy.documents.iter().enumerate() {
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

    fn constraints(&mut self) {
        let policy = self.policy;
        let mut boxes: BTreeSet<&str> = policy.scopes.iter().map(|scope| scope.id.as_str()).collect();
        boxes.extend(
            policy
                .extra_fields
                .iter()
                .filter(|q| q.kind == ExtraFieldType::Boolean)
                .map(|question| question.id.as_str()),
        );
        for (index, constraint) in policy.constraints.iter().enumerate() {
            if policy.section_of(&constraint.field).is_none() {
                let message = format!("aucune partie du formulaire ne montre «\u{a0}{}\u{a0}»", constraint.field);
                self.report(format!("constraints/{index}/field"), message);
            }
            if constraint.any_of.is_empty() && constraint.none_of.is_empty() {
                self.report(format!("constraints/{index}"), "cette contrainte ne demande rien (any_of ou none_of)");
            }
            let lists =
                [("when_any", &constraint.when_any), ("any_of", &constraint.any_of), ("none_of", &constraint.none_of)];
            for (list, names) in lists {
                for (place, name) in names.iter().enumerate() {
                    if !boxes.contains(name.as_str()) {
                        let hint = did_you_mean(name, boxes.iter().copied());
                        let message = format!("«\u{a0}{name}\u{a0}» n’est ni une donnée ni une case à cocher{hint}");
                        self.report(format!("constraints/{index}/{list}/{place}"), message);
                    }
                }
            }
            if let Some(kind) = constraint.unless_document
                && policy.document(kind).is_none()
            {
                let message = format!("le document «\u{a0}{kind}\u{a0}» n’est pas demandé");
                self.report(format!("constraints/{index}/unless_document"), message);
            }
        }
    }

    fn prefills(&mut self) {
        let policy = self.policy;
        self.prefill("prefill", &policy.prefill, None);
        let start = policy.new_draft();
        for (index, demarche) in policy.demarches.iter().enumerate() {
            self.prefill(&format!("demarches/{index}/prefill"), &demarche.prefill, Some(&start));
        }
    }

    fn prefill(&mut self, path: &str, prefill: &Map<String, Value>, start: Option<&Draft>) {
        let policy = self.policy;
        if prefill.contains_key("team_members") {
            self.report(format!("{path}/team_members"), "on ne préremplit pas des personnes");
        }
        for member in prefill.keys().filter(|member| *member != "additional_content" && *member != "team_members") {
            // A title may be given once and for all, and never asked.
            let is_hidden_title = member == "intitule" && start.is_none();
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
        let candidate = Candidate {
            draft: &draft,
            documents: &[],
            nom_raison_sociale: "",
            establishment: None,
            granted: None,
            previous: None,
        };
        for error in validate(policy, candidate, Stage::Save) {
            self.report(format!("{path}/{}", error.field.to_string().replace('.', "/")), error.message);
        }
        for question in policy.extra_fields.iter().filter(|question| question.kind == ExtraFieldType::Choice) {
            let answer = draft.text(&Field::Additional(question.id.clone())).unwrap_or_default();
            if !answer.is_empty() && !question.options.iter().any(|option| option.id == answer) {
                let message =
                    format!("«\u{a0}{answer}\u{a0}» n’est pas une réponse possible à «\u{a0}{}\u{a0}»", question.id);
                self.report(format!("{path}/additional_content/{}", question.id), message);
            }
        }
        if let Some(start) = start.filter(|_| prefill.contains_key("scopes")) {
            for scope in policy.scopes.iter().filter(|scope| scope.locked && start.scopes.contains(&scope.id)) {
                if !draft.scopes.contains(&scope.id) {
                    let message =
                        format!("la donnée «\u{a0}{}\u{a0}», toujours demandée, manque à cette liste", scope.id);
                    self.report(format!("{path}/scopes"), message);
                }
            }
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

    fn editors(&mut self) {
        for (index, editor) in self.policy.editors.iter().enumerate() {
            if let Err(error) = editor.siret.parse::<Siret>() {
                self.report(format!("editors/{index}/siret"), error.to_string());
            }
        }
    }

    /// What is said of other policies.
    fn chain(&mut self, catalogue: &Catalogue, sources: &Sources) {
        let policy = self.policy;
        let mut names: Vec<(String, &str)> = Vec::new();
        names.extend(policy.previous.iter().map(|previous| ("previous".to_owned(), previous.as_str())));
        let replaced_by = policy.replaced_by.iter().enumerate();
        names.extend(replaced_by.map(|(index, other)| (format!("replaced_by/{index}"), other.as_str())));
        for (path, name) in names {
            if !sources.slugs().any(|slug| slug == name) {
                let hint = did_you_mean(name, sources.slugs());
                self.report(path, format!("aucune politique ne s’appelle «\u{a0}{name}\u{a0}»{hint}"));
            }
        }
        let mut seen = BTreeSet::from([policy.target_api.as_str()]);
        let mut next = policy.previous.as_deref();
        while let Some(name) = next {
            if !seen.insert(name) {
                self.report("previous", "la chaîne des habilitations préalables tourne en rond");
                break;
            }
            next = catalogue.get(name).and_then(|previous| previous.previous.as_deref());
        }
    }
}
