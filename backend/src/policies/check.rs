//! Whether a policy file says something that holds together, and where it does not.
//!
//! First its shape ([`super::schema`]); then what a schema cannot say: names that are used but not
//! declared, questions without a place in the form, chains, links, texts.

mod form;
mod prefill;
mod rules;
mod warnings;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};
use shared::navigation;
use shared::organization::Siret;
use shared::policy::{ExtraFieldType, Policy};
use shared::text::is_control;

use super::schema;
use super::source::{Diagnostic, Diagnostics, Node, Sources, did_you_mean};

/// Every policy, by slug.
pub type Catalogue = BTreeMap<String, std::sync::Arc<Policy>>;

/// What files say, and what is wrong with them.
#[derive(Debug, Default)]
pub struct Reading {
    pub catalogue: Catalogue,
    /// By slug.
    pub problems: BTreeMap<String, BTreeSet<Diagnostic>>,
    /// What is odd and no problem, by slug.
    pub warnings: BTreeMap<String, BTreeSet<Diagnostic>>,
}

/// Reads every policy.
pub fn read_all(sources: &Sources) -> Reading {
    let mut reading = Reading::default();
    let mut nodes = BTreeMap::new();
    for slug in sources.slugs() {
        match sources.resolve(slug).and_then(|node| Ok((policy(slug, &node)?, node))) {
            Err(found) => reading.problems.entry(slug.to_owned()).or_default().extend(found),
            Ok((policy, node)) => {
                reading.catalogue.insert(slug.to_owned(), std::sync::Arc::new(policy));
                nodes.insert(slug, node);
            }
        }
    }
    let Reading { catalogue, problems, warnings } = &mut reading;
    for (slug, node) in &nodes {
        if let Some(policy) = catalogue.get(*slug) {
            let (wrong, odd) = judged(policy, node, catalogue, sources);
            if !wrong.is_empty() {
                problems.entry((*slug).to_owned()).or_default().extend(wrong);
            }
            warnings.insert((*slug).to_owned(), odd);
        }
    }
    reading
}

/// Reads every policy.
///
/// # Errors
/// Everything that is wrong with any of them.
pub fn read(sources: &Sources) -> Result<Catalogue, Diagnostics> {
    let Reading { catalogue, problems, .. } = read_all(sources);
    let problems: BTreeSet<Diagnostic> = problems.into_values().flatten().collect();
    if problems.is_empty() { Ok(catalogue) } else { Err(Diagnostics(problems.into_iter().collect())) }
}

/// One policy, read beside others.
#[derive(Debug, Default)]
pub struct Tried {
    /// What it says, unless there are problems.
    pub policy: Option<Policy>,
    pub problems: Vec<Diagnostic>,
    pub warnings: Vec<Diagnostic>,
}

/// Reads the policy of that slug alone, beside others that were read already.
pub fn read_one(slug: &str, sources: &Sources, others: &Catalogue) -> Tried {
    match sources.resolve(slug).and_then(|node| Ok((policy(slug, &node)?, node))) {
        Err(problems) => Tried { problems, ..Tried::default() },
        Ok((policy, node)) => {
            let mut catalogue = others.clone();
            catalogue.insert(slug.to_owned(), std::sync::Arc::new(policy.clone()));
            let (problems, warnings) = judged(&policy, &node, &catalogue, sources);
            Tried {
                policy: problems.is_empty().then_some(policy),
                problems: problems.into_iter().collect(),
                warnings: warnings.into_iter().collect(),
            }
        }
    }
}

/// What is wrong with what a policy says, and what is odd.
fn judged(
    policy: &Policy,
    node: &Node,
    catalogue: &Catalogue,
    sources: &Sources,
) -> (BTreeSet<Diagnostic>, BTreeSet<Diagnostic>) {
    let mut problems = BTreeSet::new();
    node.each_text(&mut |place, text| {
        if text.contains(|c| is_control(c, true)) {
            problems.insert(place.problem("ce texte contient un caractère invisible\u{a0}: retirez-le"));
        }
    });
    let mut check = Check { policy, node, problems: &mut problems };
    check.meaning();
    check.chain(catalogue, sources);
    (problems, warnings::of(policy, node, catalogue))
}

/// Checks the files of `paths`, laid over those that the binary carries; says what is odd, and how many files and policies
/// there are.
///
/// # Errors
/// There is no file; what cannot be read, and everything that is wrong with what can, one problem a line.
pub fn run(paths: &[PathBuf]) -> anyhow::Result<String> {
    let mut sources = Sources::embedded()?;
    let count = sources.add(paths)?;
    anyhow::ensure!(
        count > 0,
        "aucun fichier .toml n’est à vérifier\u{a0}: donnez un fichier, ou le répertoire où ils sont"
    );
    let Reading { catalogue, problems, warnings } = read_all(&sources);
    let mut wrong: Vec<Diagnostic> = problems.into_values().flatten().collect();
    if !wrong.is_empty() {
        wrong.sort();
        wrong.dedup();
        return Err(Diagnostics(wrong).into());
    }
    let given = warnings.into_iter().filter(|(slug, _)| sources.is_added(slug));
    let odd: BTreeSet<Diagnostic> = given.flat_map(|(_, odd)| odd).collect();
    let mut told: String = odd.iter().map(|one| format!("{}\n", one.as_warning())).collect();
    write!(
        told,
        "{}, aucun problème, {}. {} politiques avec celles du programme.",
        counted(count, "fichier vérifié", "fichiers vérifiés"),
        counted(odd.len(), "avertissement", "avertissements"),
        catalogue.len()
    )?;
    Ok(told)
}

fn counted(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count < 2 { one } else { several })
}

/// The policy that a file says, when its shape is right.
fn policy(slug: &str, node: &Node) -> Result<Policy, Vec<Diagnostic>> {
    let mut value = node.to_json();
    let mut problems = Vec::new();
    if !is_slug(slug) {
        let message = "le nom du fichier sert d’identifiant\u{a0}: lettres minuscules sans accent, chiffres et «\u{a0}_\u{a0}» seulement";
        problems.push(node.place.problem(message));
    }
    if navigation::is_page_address(slug) {
        let message = format!(
            "l’API aurait l’adresse «\u{a0}/{slug}\u{a0}», qui est celle d’une page de DataPass\u{a0}: donnez un autre nom au fichier"
        );
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

/// The most characters of a slug.
const MAX_SLUG: usize = 64;

/// Whether a text can be the slug of a policy.
pub fn is_slug(text: &str) -> bool {
    (1..=MAX_SLUG).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// The first 64 bits of the hash of the content: enough to tell a few thousand apart.
fn revision(policy: &Policy) -> String {
    let content = serde_json::to_string(policy).unwrap_or_default();
    let hash = Sha256::digest(content.as_bytes());
    base16ct::lower::encode_string(hash.get(..8).unwrap_or(&hash))
}

/// The checks of one policy.
struct Check<'a> {
    policy: &'a Policy,
    node: &'a Node,
    problems: &'a mut BTreeSet<Diagnostic>,
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
        self.rules();
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
            if scope.hidden && !scope.help.is_empty() {
                self.report(
                    format!("scopes/{index}/help"),
                    "cette donnée n’est pas montrée\u{a0}: son aide ne serait pas lue",
                );
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
