//! What is wrong with a draft, as the server would find it.

use std::collections::BTreeSet;

use chrono::DateTime;
use shared::document::{Document, DocumentType};
use shared::draft::Draft;
use shared::enrollment::Enrollment;
use shared::field::Field;
use shared::organization::Establishment;
use shared::policy::Policy;
use shared::problem::ItemCode;
use shared::user::User;
use shared::validation::{FieldError, GrantedScope, Input, PreviousEnrollment, Stage, validate};

/// What the server has said that a draft does not.
pub(super) struct Known {
    pub establishment: Option<Establishment>,
    pub granted_scopes: Vec<GrantedScope>,
    pub previous: Option<PreviousEnrollment>,
}

/// Every error of a draft, as the server would find them.
pub(super) fn errors_of(
    policy: &Policy,
    draft: &Draft,
    base: &Enrollment,
    user: &User,
    known: &Known,
) -> Vec<FieldError> {
    let of_others = |granted: &&GrantedScope| granted.enrollment_id != base.id;
    let granted_scopes: Vec<GrantedScope> = known.granted_scopes.iter().filter(of_others).cloned().collect();
    let input = Input {
        establishment: known.establishment.as_ref().filter(|known| Some(&known.siret) == draft.siret.as_ref()),
        granted_scopes: &granted_scopes,
        previous: known.previous.as_ref().filter(|previous| Some(previous.id) == draft.previous_enrollment_id),
        ..Input::new(draft, &base.documents, organization_name(draft, base, user))
    };
    validate(policy, input, Stage::Submit)
}

/// The name of the draft's organisation. Only the server can say that there is none.
fn organization_name<'a>(draft: &Draft, base: &'a Enrollment, user: &'a User) -> &'a str {
    if draft.siret == base.content.siret && draft.siret.is_some() {
        return &base.nom_raison_sociale;
    }
    user.organizations
        .iter()
        .find(|organization| Some(&organization.siret) == draft.siret.as_ref())
        .map(|organization| organization.label.as_str())
        .filter(|label| !label.is_empty())
        .unwrap_or("?")
}

/// The fields that an empty request lacks. What a file may stand in for is not among them.
pub(super) fn required_fields(policy: &Policy) -> BTreeSet<Field> {
    let lacking = |documents: &[Document]| {
        let draft = Draft::default();
        validate(policy, Input::new(&draft, documents, ""), Stage::Submit)
            .into_iter()
            .filter(|error| error.code == ItemCode::Required)
    };
    let every_file: Vec<Document> = policy.documents.iter().map(|request| some_file(request.kind)).collect();
    let mut required = BTreeSet::new();
    required.extend(lacking(&every_file).map(|error| error.field));
    required.extend(lacking(&[]).map(|error| error.field).filter(|field| matches!(field, Field::Document(_))));
    required
}

fn some_file(kind: DocumentType) -> Document {
    let (filename, sha256) = (String::new(), String::new());
    Document { id: 0, kind, filename, size: 0, sha256, created_at: DateTime::UNIX_EPOCH }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_address_that_a_file_may_replace_is_not_marked_as_required() {
        let policy: Policy = serde_json::from_value(json!({
            "label": "API Essai", "provider": {"id": "p", "label": "P"}, "description": "d",
            "sections": ["organisation", "description", "cadre_juridique"], "rules": ["project", "legal_basis"],
            "support_email": "a@b.fr",
            "documents": [
                {"type": "LegalBasis", "section": "cadre_juridique", "formats": ["pdf"]},
                {"type": "MaquetteProjet", "section": "description", "formats": ["pdf"], "required": true},
            ],
        }))
        .unwrap();
        let required: Vec<String> = required_fields(&policy).iter().map(ToString::to_string).collect();
        assert_eq!(
            required,
            ["siret", "intitule", "description", "fondement_juridique_title", "documents.MaquetteProjet"]
        );
    }
}
