//! What is odd about a policy and need not be wrong: what was left of the first file, terms of use that nobody can read, a
//! provider that goes by two names.

use std::collections::BTreeSet;

use shared::policy::{Policy, Section};

use super::super::skeleton;
use super::super::source::{Diagnostic, Node};
use super::Catalogue;

/// Everything odd about that policy, beside the others.
pub fn of(policy: &Policy, node: &Node, catalogue: &Catalogue) -> BTreeSet<Diagnostic> {
    let mut odd = BTreeSet::new();
    node.each_text(&mut |place, text| {
        if let Some(left) = skeleton::PLACEHOLDERS.iter().find(|left| text.contains(**left)) {
            odd.insert(
                place
                    .problem(format!("ce texte est encore celui du modèle («\u{a0}{left}\u{a0}»)\u{a0}: remplacez-le")),
            );
        }
    });
    if policy.cgu_url.is_none()
        && let Some(index) = policy.sections.iter().position(|section| *section == Section::Cgu)
    {
        let message = "le formulaire fait accepter des conditions générales d’utilisation dont l’adresse manque\u{a0}: ajoutez cgu_url";
        odd.insert(node.locate(&format!("sections/{index}")).problem(message));
    }
    let is_namesake = |other: &&Policy| {
        other.target_api != policy.target_api
            && other.provider.id == policy.provider.id
            && other.provider.label != policy.provider.label
    };
    if let Some(other) = catalogue.values().map(AsRef::as_ref).find(is_namesake) {
        let message = format!(
            "le fournisseur «\u{a0}{}\u{a0}» s’appelle «\u{a0}{}\u{a0}» dans {}\u{a0}: reprenez ce nom, ou donnez un autre identifiant",
            policy.provider.id, other.provider.label, other.target_api
        );
        odd.insert(node.locate("provider/label").problem(message));
    }
    odd
}
