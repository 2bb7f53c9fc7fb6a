//! Decodes what the server answers. The largest types by hand: what serde makes of a flattened member is as large as a
//! page of the application.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use shared::draft::Draft;
use shared::enrollment::Enrollment;

use super::{ApiError, without_body};

pub(super) fn read_enrollment(value: Value) -> Result<Enrollment, ApiError> {
    let Value::Object(members) = value else { return Err(without_body(500)) };
    let Ok(Value::Object(names)) = serde_json::to_value(Draft::default()) else { return Err(without_body(500)) };
    let (content, mut own): (Map<_, _>, Map<_, _>) =
        members.into_iter().partition(|(name, _)| names.contains_key(name));
    Ok(Enrollment {
        id: take(&mut own, "id")?,
        target_api: take(&mut own, "target_api")?,
        policy_revision: take(&mut own, "policy_revision")?,
        status: take(&mut own, "status")?,
        reopening: take(&mut own, "reopening")?,
        copied_from: take(&mut own, "copied_from")?,
        copies: take(&mut own, "copies")?,
        next_enrollments: take(&mut own, "next_enrollments")?,
        unread: take(&mut own, "unread")?,
        authorisations: take(&mut own, "authorisations")?,
        version: take(&mut own, "version")?,
        nom_raison_sociale: take(&mut own, "nom_raison_sociale")?,
        demandeur_id: take(&mut own, "demandeur_id")?,
        membership: take(&mut own, "membership")?,
        counts_as: take(&mut own, "counts_as")?,
        content: decode(Value::Object(content))?,
        documents: take(&mut own, "documents")?,
        created_at: take(&mut own, "created_at")?,
        updated_at: take(&mut own, "updated_at")?,
        submitted_at: take(&mut own, "submitted_at")?,
        validated_at: take(&mut own, "validated_at")?,
        waiting_from: take(&mut own, "waiting_from")?,
        assigned_to: take(&mut own, "assigned_to")?,
        changes: take(&mut own, "changes")?,
        points: take(&mut own, "points")?,
        offer: take(&mut own, "offer")?,
        unreachable: take(&mut own, "unreachable")?,
        actions: take(&mut own, "actions")?,
    })
}

fn take<T: DeserializeOwned>(members: &mut Map<String, Value>, name: &str) -> Result<T, ApiError> {
    decode(members.remove(name).unwrap_or_default())
}

pub(super) fn decode<T: DeserializeOwned>(value: Value) -> Result<T, ApiError> {
    serde_json::from_value(value).map_err(|_| without_body(500))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_enrollment_is_read_as_serde_would_read_it() {
        let value = json!({
            "id": 1, "target_api": "franceconnect", "policy_revision": "r", "status": "draft", "version": 1,
            "reopening": true, "copied_from": null, "copies": [4], "next_enrollments": [], "unread": 0, "authorisations": [],
            "nom_raison_sociale": "Commune", "demandeur_id": 3, "counts_as": "cantine", "documents": [],
            "unreachable": [{"email": "dpo@exemple.fr", "rejection": "bounce", "permanent": true}],
            "created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:05Z",
            "submitted_at": "2026-01-02T03:04:05Z", "validated_at": null, "actions": ["update"],
            "changes": [{"field": "intitule", "before": null, "after": "Cantine"}],
            "points": [{"id": 1, "field": "scopes", "scope": "a", "comment": "c", "answer": "", "answered_at": null, "change": null}],
            "offer": {"struck": ["a"], "reason": "r", "author": "A", "created_at": "2026-01-02T03:04:05Z"},
            "siret": "21920023500014", "data_retention_period": 12, "additional_content": {"a": true, "b": "c"},
        });
        let expected: Enrollment = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(read_enrollment(value).unwrap(), expected);
        assert!(read_enrollment(json!({"id": 1})).is_err());
    }
}
