//! The calls of the instructors' queue: assignment, absence, counts, saved filters.

use gloo_net::http::Method;
use shared::change_state::ChangeState;
use shared::enrollment::Enrollment;
use shared::queue::{
    Absence, Assignment, AssignmentOutcome, Assignments, Colleague, NewSavedFilter, QueueCounts, SavedFilter,
};

use super::decode::{decode, read_enrollment};
use super::{Answer, Call, get, segment};

/// How many requests each view holds.
pub fn counts() -> Answer<QueueCounts> {
    get("/api/enrollments/counts".to_owned())
}

/// Those to whom a request of that API may be handed over.
pub fn colleagues(target_api: String) -> Answer<Vec<Colleague>> {
    get(format!("/api/policies/{}/instructors", segment(&target_api)))
}

/// Says who takes care of a request.
pub fn assign(id: i64, assignment: Assignment) -> Answer<Enrollment> {
    let call = Call::new(Method::PUT, format!("/api/enrollments/{id}/assignment")).json(&assignment);
    call.read(read_enrollment)
}

/// Says who takes care of several requests; what became of each.
pub fn assign_all(assignments: Assignments) -> Answer<Vec<AssignmentOutcome>> {
    Call::new(Method::POST, "/api/enrollments/assignments".to_owned()).json(&assignments).read(decode)
}

/// Puts a request away, whatever its version.
pub fn archive(id: i64, comment: String) -> Answer<()> {
    let change = ChangeState::Archive { comment };
    Call::new(Method::PATCH, format!("/api/enrollments/{id}/change_state")).json(&change).read(|_| Ok(()))
}

/// Until when the caller is absent.
pub fn absence() -> Answer<Absence> {
    get("/api/me/absence".to_owned())
}

/// Begins or ends the caller's absence.
pub fn set_absence(absence: Absence) -> Answer<Absence> {
    Call::new(Method::PUT, "/api/me/absence".to_owned()).json(&absence).read(decode)
}

/// The views of the list that the caller keeps.
pub fn filters() -> Answer<Vec<SavedFilter>> {
    get(FILTERS.to_owned())
}

/// Keeps a view, or writes the one of that number anew. All come back.
pub fn save_filter(id: Option<i64>, filter: NewSavedFilter) -> Answer<Vec<SavedFilter>> {
    let call = match id {
        Some(id) => Call::new(Method::PUT, format!("{FILTERS}/{id}")),
        None => Call::new(Method::POST, FILTERS.to_owned()),
    };
    call.json(&filter).read(decode)
}

/// Forgets a view. The others come back.
pub fn forget_filter(id: i64) -> Answer<Vec<SavedFilter>> {
    Call::new(Method::DELETE, format!("{FILTERS}/{id}")).read(decode)
}

const FILTERS: &str = "/api/me/filters";
