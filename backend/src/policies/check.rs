//! Whether a policy file says something that holds together, and where it does not.
//!
//! First its shape, against the schema of [`Policy`]; then what the schema cannot say: names that are used but not
//! declared, questions without a place in the form, chains, links, texts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::LazyLock;

use jsonschema::error::ValidationErrorKind;
use minijinja::Environment;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use shared::document::FileFormat;
use shared::enrollment::{Draft, MergeError};
use shared::field::Field;
use shared::organization::Siret;
use shared::policy::{ExtraFieldType, Policy, Section};
use shared::team_member::{Attribute, TeamMemberType};
use shared::validation::formats::{is_email, is_web_address};
use shared::validation::{Candidate, Stage, validate};
use utoipa::ToSchema as _;
use utoipa::openapi::{ComponentsBuilder, RefOr, Schema};

use super::source::{Node, Problem, Problems, Sources, did_you_mean};
use crate::notification;

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
    problems.extend(SCHEMA.iter_errors(&value).flat_map(|error| shape(node, &error)));
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

/// The schema of a policy, where no key may be unknown. (A stored revision may have keys that are no longer known.)
static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let mut schemas: Vec<(String, RefOr<Schema>)> = Vec::new();
    Policy::schemas(&mut schemas);
    let components = ComponentsBuilder::new().schema("Policy", <Policy as utoipa::PartialSchema>::schema());
    let components = components.schemas_from_iter(schemas).build();
    let mut schema = json!({"$ref": "#/components/schemas/Policy", "components": components});
    close(&mut schema);
    #[expect(clippy::expect_used, reason = "a constant of the program; a test reads every policy with it")]
    jsonschema::draft202012::new(&schema).expect("the schema of a policy is one")
});

/// Lets no unknown key in, and no `null`: TOML has none, and « one of nothing or … » would hide what is wrong.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.contains_key("properties") {
                members.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            if let Some(Value::Array(choices)) = members.get_mut("oneOf") {
                choices.retain(|choice| *choice != json!({"type": "null"}));
                if let [only] = choices.as_mut_slice() {
                    let only = only.take();
                    members.remove("oneOf");
                    members.extend(only.as_object().cloned().unwrap_or_default());
                }
            }
            members.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What is wrong with the shape, in French.
fn shape(node: &Node, error: &jsonschema::ValidationError<'_>) -> Vec<Problem> {
    let path = error.instance_path().to_string();
    let place = node.locate(&path);
    let one = |message: String| vec![place.problem(message)];
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => unexpected
            .iter()
            .map(|key| {
                let known = known_keys(error.schema_path().as_str());
                let hint = did_you_mean(key, known.iter().map(String::as_str));
                node.locate(&format!("{path}/{key}")).problem(format!("clé inconnue «\u{a0}{key}\u{a0}»{hint}"))
            })
            .collect(),
        ValidationErrorKind::Required { property } => {
            one(format!("il manque «\u{a0}{}\u{a0}»", property.as_str().unwrap_or_default()))
        }
        ValidationErrorKind::Type { kind } => {
            one(format!("une valeur d’un autre type est attendue ({})", type_name(kind)))
        }
        ValidationErrorKind::Enum { options } => {
            let options: Vec<&str> = options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let text = error.instance().as_str().unwrap_or_default();
            let hint = did_you_mean(text, options.iter().copied());
            one(format!("«\u{a0}{text}\u{a0}» est inconnu{hint} (possibles\u{a0}: {})", options.join(", ")))
        }
        _ => one(error.to_string()),
    }
}

fn type_name(kind: &jsonschema::error::TypeKind) -> String {
    let text = match kind {
        jsonschema::error::TypeKind::Single(one) => one.to_string(),
        jsonschema::error::TypeKind::Multiple(several) => {
            several.iter().map(|one| one.to_string()).filter(|one| one != "null").collect::<Vec<_>>().join(" ou ")
        }
    };
    match text.as_str() {
        "string" => "un texte entre guillemets".to_owned(),
        "boolean" => "true ou false".to_owned(),
        "integer" => "un nombre entier".to_owned(),
        "array" => "une liste".to_owned(),
        "object" => "une table".to_owned(),
        _ => text,
    }
}

/// The keys of the table that a path of the schema is about: `/components/schemas/Scope/additionalProperties`.
fn known_keys(schema_path: &str) -> Vec<String> {
    let parts: Vec<&str> = schema_path.split('/').collect();
    let name = parts.iter().rposition(|part| *part == "schemas").and_then(|index| parts.get(index + 1));
    let mut schemas: Vec<(String, RefOr<Schema>)> = Vec::new();
    Policy::schemas(&mut schemas);
    schemas.push(("Policy".to_owned(), <Policy as utoipa::PartialSchema>::schema()));
    let schema = schemas.iter().find(|(other, _)| Some(&other.as_str()) == name).map(|(_, schema)| schema);
    match schema {
        Some(RefOr::T(Schema::Object(object))) => object.properties.keys().cloned().collect(),
        Some(_) | None => Vec::new(),
    }
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

    fn texts(&mut self) {
        let policy = self.policy;
        let mut empty = |path: String, text: &str| {
            if text.trim().is_empty() {
                self.report(path, "ce texte est vide");
            }
        };
        empty("label".to_owned(), &policy.label);
        empty("description".to_owned(), &policy.description);
        empty("provider/id".to_owned(), &policy.provider.id);
        empty("provider/label".to_owned(), &policy.provider.label);
        for (index, scope) in policy.scopes.iter().enumerate() {
            empty(format!("scopes/{index}/id"), &scope.id);
            empty(format!("scopes/{index}/label"), &scope.label);
        }
        for (index, group) in policy.scope_groups.iter().enumerate() {
            empty(format!("scope_groups/{index}/label"), &group.label);
        }
        for (index, demarche) in policy.demarches.iter().enumerate() {
            empty(format!("demarches/{index}/id"), &demarche.id);
            empty(format!("demarches/{index}/label"), &demarche.label);
        }
        for (index, contact) in policy.contacts.iter().enumerate() {
            empty(format!("contacts/{index}/label"), &contact.label);
        }
        for (index, question) in policy.extra_fields.iter().enumerate() {
            empty(format!("extra_fields/{index}/id"), &question.id);
            empty(format!("extra_fields/{index}/label"), &question.label);
            for (place, option) in question.options.iter().enumerate() {
                empty(format!("extra_fields/{index}/options/{place}/label"), &option.label);
            }
        }
        for (index, constraint) in policy.constraints.iter().enumerate() {
            empty(format!("constraints/{index}/message"), &constraint.message);
        }
        for (name, text) in &policy.warnings {
            empty(format!("warnings/{name}"), text);
        }
        if let Some(naf) = &policy.naf {
            empty("naf/message".to_owned(), &naf.message);
        }
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
            activity: "",
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

    fn links(&mut self) {
        let policy = self.policy;
        let mut links: Vec<(String, &str)> = Vec::new();
        for (path, url) in [
            ("cgu_url", &policy.cgu_url),
            ("documentation_url", &policy.documentation_url),
            ("next_step_url", &policy.next_step_url),
            ("start_url", &policy.start_url),
        ] {
            links.extend(url.iter().map(|url| (path.to_owned(), url.as_str())));
        }
        for (index, scope) in policy.scopes.iter().enumerate() {
            links.extend(scope.link.iter().map(|url| (format!("scopes/{index}/link"), url.as_str())));
        }
        for (index, demarche) in policy.demarches.iter().enumerate() {
            links.extend(demarche.about_url.iter().map(|url| (format!("demarches/{index}/about_url"), url.as_str())));
        }
        for (path, url) in links {
            if !is_web_address(url) {
                self.report(path, format!("«\u{a0}{url}\u{a0}» n’est pas une adresse complète (https://…)"));
            }
        }
    }

    fn mailboxes(&mut self) {
        let policy = self.policy;
        let mut addresses = vec![("support_email".to_owned(), policy.support_email.as_str())];
        addresses.extend(policy.reply_to.iter().map(|address| ("reply_to".to_owned(), address.as_str())));
        let notices = policy.notices.iter().enumerate();
        addresses.extend(notices.map(|(index, notice)| (format!("notices/{index}/to"), notice.to.as_str())));
        for (path, address) in addresses {
            if !is_email(address) {
                self.report(path, format!("«\u{a0}{address}\u{a0}» n’est pas une adresse électronique"));
            }
        }
    }

    fn mails(&mut self) {
        let policy = self.policy;
        let mut texts: Vec<(String, &str)> = Vec::new();
        for (event, mail) in &policy.mails {
            if !notification::has_mail(*event) {
                self.report(format!("mails/{event}"), format!("aucun mail ne part pour «\u{a0}{event}\u{a0}»"));
            }
            texts.extend(mail.subject.iter().map(|text| (format!("mails/{event}/subject"), text.as_str())));
            texts.extend(mail.body.iter().map(|text| (format!("mails/{event}/body"), text.as_str())));
        }
        for (index, notice) in policy.notices.iter().enumerate() {
            texts.push((format!("notices/{index}/subject"), &notice.subject));
            texts.push((format!("notices/{index}/body"), &notice.body));
        }
        let environment = Environment::new();
        for (path, text) in texts {
            if text.trim().is_empty() {
                self.report(&path, "ce texte est vide");
            }
            match environment.template_from_str(text) {
                Err(error) => self.report(&path, format!("ce texte ne peut pas être rempli\u{a0}: {error}")),
                Ok(template) => {
                    for name in template.undeclared_variables(false) {
                        if !notification::VALUES.contains(&name.as_str()) {
                            let hint = did_you_mean(&name, notification::VALUES.iter().copied());
                            self.report(&path, format!("la valeur «\u{a0}{name}\u{a0}» n’existe pas{hint}"));
                        } else if name == "next_step_url" && policy.next_step_url.is_none() {
                            self.report(&path, "ce texte cite next_step_url, que la politique ne donne pas");
                        }
                    }
                }
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
