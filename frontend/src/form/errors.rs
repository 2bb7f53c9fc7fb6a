//! What is wrong with a draft, as the server would find it.

use shared::draft::Draft;
use shared::enrollment::Enrollment;
use shared::organization::Establishment;
use shared::policy::Policy;
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
