//! The calls of the instructors' queue: assignment, absence, counts, saved filters.

use gloo_net::http::Method;
use shared::change_state::ChangeState;
use shared::enrollment::Enrollment;
use shared::queue::{
    Absence, Assignment, AssignmentOutcome, Assignments, Colleague, NewSavedFilter, QueueCounts, SavedFilter,
};

use super::decode::{decode, read_enrollment};
use super::{ApiError, Call, get, segment, send};

/// How many requests each view holds.
pub async fn counts() -> Result<QueueCounts, ApiError> {
    get("/api/enrollments/counts".to_owned()).await
}

/// Those to whom a request of that API may be handed over.
pub async fn colleagues(target_api: String) -> Result<Vec<Colleague>, ApiError> {
    get(format!("/api/policies/{}/instructors", segment(&target_api))).await
}

/// Says who takes care of a request.
pub async fn assign(id: i64, assignment: Assignment) -> Result<Enrollment, ApiError> {
    let call = Call::new(Method::PUT, format!("/api/enrollments/{id}/assignment")).json(&assignment);
    read_enrollment(send(call).await?)
}

/// Says who takes care of several requests; what became of each.
pub async fn assign_all(assignments: Assignments) -> Result<Vec<AssignmentOutcome>, ApiError> {
    decode(send(Call::new(Method::POST, "/api/enrollments/assignments".to_owned()).json(&assignments)).await?)
}

/// Puts a request away, whatever its version.
pub async fn archive(id: i64, comment: String) -> Result<(), ApiError> {
    let change = ChangeState::Archive { comment };
    send(Call::new(Method::PATCH, format!("/api/enrollments/{id}/change_state")).json(&change)).await?;
    Ok(())
}

/// Until when the caller is absent.
pub async fn absence() -> Result<Absence, ApiError> {
    get("/api/me/absence".to_owned()).await
}

/// Begins or ends the caller's absence.
pub async fn set_absence(absence: Absence) -> Result<Absence, ApiError> {
    decode(send(Call::new(Method::PUT, "/api/me/absence".to_owned()).json(&absence)).await?)
}

/// The views of the list that the caller keeps.
pub async fn filters() -> Result<Vec<SavedFilter>, ApiError> {
    get(FILTERS.to_owned()).await
}

/// Keeps a view, or writes the one of that number anew. All come back.
pub async fn save_filter(id: Option<i64>, filter: NewSavedFilter) -> Result<Vec<SavedFilter>, ApiError> {
    let call = match id {
        Some(id) => Call::new(Method::PUT, format!("{FILTERS}/{id}")),
        None => Call::new(Method::POST, FILTERS.to_owned()),
    };
    decode(send(call.json(&filter)).await?)
}

/// Forgets a view. The others come back.
pub async fn forget_filter(id: i64) -> Result<Vec<SavedFilter>, ApiError> {
    decode(send(Call::new(Method::DELETE, format!("{FILTERS}/{id}"))).await?)
}

const FILTERS: &str = "/api/me/filters";
