//! A policy and an enrollment for the tests of this page.

use serde_json::json;
use shared::enrollment::Enrollment;
use shared::policy::Policy;

/// A policy that uses most of the vocabulary.
pub fn policy() -> Policy {
    serde_json::from_value(json!({
        "target_api": "essai",
        "revision": "r1",
        "label": "API Essai",
        "provider": {"id": "dinum", "label": "DINUM"},
        "description": "Pour les tests.",
        "sections": ["organisation", "technical_team", "demarche", "description", "donnees", "niveau_garantie",
            "cadre_juridique", "equipe", "cgu"],
        "scopes": [
            {"id": "name", "label": "Nom", "group": "identity"},
            {"id": "birth", "label": "Date de naissance", "group": "identity"},
            {"id": "income", "label": "Revenu"},
        ],
        "scope_groups": [{"id": "identity", "label": "Identité"}],
        "demarches": [{"id": "default", "label": "Cas général"}],
        "editors": [{"name": "Éditeur public", "siret": "13002526500013"}],
        "contacts": [
            {"type": "demandeur", "label": "Demandeur", "required": false},
            {"type": "responsable_technique", "label": "Responsable technique"},
        ],
        "documents": [{"type": "LegalBasis", "section": "cadre_juridique", "formats": ["pdf"]}],
        "extra_fields": [
            {"id": "eidas_level", "section": "niveau_garantie", "type": "choice", "label": "Niveau eIDAS",
                "options": [{"id": "eidas_1", "label": "Faible"}, {"id": "eidas_2", "label": "Substantiel"}]},
            {"id": "date_homologation", "section": "cadre_juridique", "type": "date", "label": "Date d’homologation"},
            {"id": "tested", "section": "cadre_juridique", "type": "boolean", "label": "Essais terminés"},
        ],
        "rules": ["project"],
        "support_email": "support@example.gouv.fr",
    }))
    .unwrap()
}

/// A request of that policy, submitted twice.
pub fn enrollment() -> Enrollment {
    serde_json::from_value(json!({
        "id": 7,
        "target_api": "essai",
        "policy_revision": "r1",
        "status": "submitted",
        "reopening": false,
        "copied_from": null,
        "copies": [],
        "next_enrollments": [],
        "unread": 0,
        "authorisations": [],
        "version": 4,
        "nom_raison_sociale": "Commune d’Essai",
        "demandeur_id": 3,
        "siret": "21920023500014",
        "technical_team_type": "internal_team",
        "demarche": "default",
        "intitule": "Cantine",
        "description": "Première ligne\nSeconde ligne",
        "scopes": ["birth", "income", "gone"],
        "data_retention_period": 12,
        "fondement_juridique_url": "https://www.legifrance.gouv.fr/",
        "cgu_approved": true,
        "team_members": [
            {"type": "demandeur", "given_name": "Jeanne", "family_name": "Exemple", "email": "jeanne@exemple.fr"},
        ],
        "additional_content": {"tested": true},
        "documents": [{
            "id": 1, "type": "LegalBasis", "filename": "texte.pdf", "size": 20480, "sha256": "a",
            "created_at": "2026-01-02T03:04:05Z",
        }],
        "created_at": "2026-01-02T03:04:05Z",
        "updated_at": "2026-01-04T03:04:05Z",
        "submitted_at": "2026-01-04T03:04:05Z",
        "validated_at": null,
        "changes": [
            {"field": "intitule", "before": "Crèche", "after": "Cantine"},
            {"field": "team_members.demandeur.given_name", "before": null, "after": "Jeanne"},
            {"field": "additional_content.removed_question", "before": "a", "after": "b"},
        ],
        "actions": ["request_changes", "validate", "refuse"],
    }))
    .unwrap()
}
