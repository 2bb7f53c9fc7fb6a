//! Which two versions are compared, as the address says it, and their labels. No view here.

use shared::version::{VersionId, VersionSummary};

use crate::components::date::date_time;
use crate::query::Query;

/// The two versions to compare, older first as a rule: those that are asked for where they exist, else what comes
/// before the one that is, else the two newest. There are two versions at least.
pub fn chosen(versions: &[VersionSummary], from: Option<VersionId>, to: Option<VersionId>) -> (VersionId, VersionId) {
    let place = |id: Option<VersionId>| versions.iter().position(|version| Some(version.id) == id);
    let at = |place: usize| versions.get(place).map_or(VersionId::Current, |version| version.id);
    let before = |place: usize| if place + 1 < versions.len() { place + 1 } else { 0 };
    let (from, to) = match (place(from), place(to)) {
        (Some(from), Some(to)) => (from, to),
        (Some(0), None) => (before(0), 0),
        (Some(from), None) => (from, 0),
        (None, Some(to)) => (before(to), to),
        (None, None) => (1, 0),
    };
    (at(from), at(to))
}

/// The address that compares these two versions of a request.
pub fn href(id: i64, (from, to): (VersionId, VersionId)) -> String {
    let mut query = Query::default();
    query.push("de", from.to_string());
    query.push("a", to.to_string());
    format!("/demandes/{id}/comparer{query}")
}

/// The address that compares that version of a request with the present one.
pub fn href_from(id: i64, from: VersionId) -> String {
    format!("/demandes/{id}/comparer?de={from}")
}

/// « Soumission du 14 mars 2026 à 9 h 05 »; of the request that is renewed, with its number in front.
pub fn name(version: &VersionSummary, id: i64) -> String {
    let own = format!("{} du {}", version.label(), date_time(version.created_at));
    if version.enrollment_id == id || version.id == VersionId::Original {
        own
    } else {
        format!("Demande n°\u{a0}{} – {own}", version.enrollment_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(names: &[&str]) -> Vec<VersionSummary> {
        let version = |name: &&str| VersionSummary {
            id: name.parse().unwrap(),
            enrollment_id: 7,
            policy_revision: "r".to_owned(),
            created_at: "2026-01-02T03:04:05Z".parse().unwrap(),
            status: None,
        };
        names.iter().map(version).collect()
    }

    #[test]
    fn what_is_asked_for_is_shown_and_what_is_not_is_guessed() {
        let versions = versions(&["current", "submission-9", "authorisation-5", "submission-3"]);
        let pair = |from: &str, to: &str| {
            let (from, to) = chosen(&versions, from.parse().ok(), to.parse().ok());
            format!("{from} {to}")
        };
        assert_eq!(pair("", ""), "submission-9 current");
        assert_eq!(pair("authorisation-5", ""), "authorisation-5 current");
        assert_eq!(pair("current", ""), "submission-9 current");
        assert_eq!(pair("", "submission-9"), "authorisation-5 submission-9");
        assert_eq!(pair("", "submission-3"), "current submission-3");
        assert_eq!(pair("current", "submission-3"), "current submission-3", "either way round");
        assert_eq!(pair("submission-4", "x"), "submission-9 current", "no such version");
    }

    #[test]
    fn both_versions_stand_in_the_address() {
        let pair = (VersionId::Submission(9), VersionId::Current);
        assert_eq!(href(7, pair), "/demandes/7/comparer?de=submission-9&a=current");
    }
}
