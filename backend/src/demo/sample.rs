//! The sample requests: every status, and the chain of two.

use serde_json::{Map, Value, json};
use shared::change_point::NewPoint;
use shared::field::Field;
use shared::workflow::Action::{self, Archive, Refuse, RequestChanges, Revoke, Submit, Validate};

/// A sample request.
pub struct Sample {
    pub target_api: &'static str,
    pub siret: &'static str,
    /// Its title.
    pub intitule: &'static str,
    /// When it was started.
    pub days_ago: i64,
    /// Ready to be submitted, or just started.
    pub complete: bool,
    /// It follows the sandbox before it.
    pub follows_sandbox: bool,
    /// Who did what afterwards, with which comment.
    pub steps: &'static [(&'static str, Action, &'static str)],
}

const USER: &str = "user@yopmail.com";
/// Who instructs most of them.
pub const PARTICULIER: &str = "api-particulier@yopmail.com";
const ADMINISTRATOR: &str = "datapass@yopmail.com";
/// The request on which an opinion is asked.
pub const ASKED_ABOUT: &str = "Carte de transport scolaire";
/// What is asked.
pub const QUESTION: &str = "Le nombre d’enfants suffirait-il au calcul de ce tarif, sans le quotient familial\u{a0}?";
/// Of those who report on this group of data.
pub const GROUP: &str = "cnaf";
const CLAMART: &str = "21920023500014";
const DINUM: &str = "13002526500013";

const fn particulier(
    intitule: &'static str,
    days_ago: i64,
    steps: &'static [(&'static str, Action, &'static str)],
) -> Sample {
    Sample {
        target_api: "api_particulier",
        siret: CLAMART,
        intitule,
        days_ago,
        complete: true,
        follows_sandbox: false,
        steps,
    }
}

/// Every sample, oldest first.
pub const REQUESTS: &[Sample] = &[
    particulier(
        "Tarifs de la piscine",
        60,
        &[
            (USER, Submit, ""),
            (PARTICULIER, Validate, "Le cadre juridique et les données demandées conviennent."),
            (PARTICULIER, Revoke, "Le service a fermé\u{a0}: l’habilitation n’a plus d’objet."),
        ],
    ),
    particulier(
        "Fichier des anciens élèves",
        50,
        &[(USER, Submit, ""), (PARTICULIER, Refuse, "Aucun texte n’autorise cet usage des données scolaires.")],
    ),
    particulier("Essai abandonné", 45, &[(USER, Archive, "")]),
    particulier(
        "Tarification de la cantine",
        40,
        &[(USER, Submit, ""), (PARTICULIER, Validate, "Votre demande est conforme\u{a0}: bonne mise en service.")],
    ),
    Sample {
        target_api: "api_impot_particulier_sandbox",
        siret: CLAMART,
        intitule: "Stationnement résidentiel",
        days_ago: 35,
        complete: true,
        follows_sandbox: false,
        steps: &[(USER, Submit, ""), (ADMINISTRATOR, Validate, "Vous pouvez commencer les essais.")],
    },
    Sample {
        target_api: "api_impot_particulier_production",
        siret: CLAMART,
        intitule: "",
        days_ago: 10,
        complete: false,
        follows_sandbox: true,
        steps: &[],
    },
    Sample {
        target_api: "franceconnect",
        siret: DINUM,
        intitule: "Espace personnel des usagers",
        days_ago: 9,
        complete: true,
        follows_sandbox: false,
        steps: &[(USER, Submit, "")],
    },
    particulier(
        "Inscription en crèche",
        8,
        &[
            (USER, Submit, ""),
            (PARTICULIER, RequestChanges, "Précisez qui consultera les données, service par service."),
        ],
    ),
    particulier("Accueil de loisirs", 5, &[(USER, Submit, "")]),
    particulier("Carte de transport scolaire", 2, &[(USER, Submit, "")]),
    Sample {
        target_api: "api_particulier",
        siret: CLAMART,
        intitule: "Aides du centre communal d’action sociale",
        days_ago: 1,
        complete: false,
        follows_sandbox: false,
        steps: &[],
    },
];

/// What is to be changed, point by point, where changes are asked for.
pub fn points() -> Vec<NewPoint> {
    let point = |field, scope: Option<&str>, comment: &str| NewPoint {
        field,
        scope: scope.map(str::to_owned),
        comment: comment.to_owned(),
    };
    vec![
        point(Field::DataRecipients, None, "Citez chaque service, et dites pourquoi il en a besoin."),
        point(Field::Scopes, Some("cnaf_enfants"), "À quoi sert la liste des enfants\u{a0}?"),
    ]
}

/// What the applicant wrote. The people are made up.
pub fn members(sample: &Sample) -> Map<String, Value> {
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| {
        members.insert(name.to_owned(), value);
    };
    put("siret", json!(sample.siret));
    if !sample.intitule.is_empty() {
        put("intitule", json!(sample.intitule));
    }
    if !sample.complete {
        return members;
    }
    put(
        "description",
        json!(
            "Les familles font leur démarche en ligne, sans joindre de justificatif\u{a0}: le service lit les seules données utiles au calcul de leurs droits, au moment de la demande."
        ),
    );
    put("data_recipients", json!("Les agents habilités du service qui instruit les demandes."));
    put("data_retention_period", json!(12));
    put("fondement_juridique_title", json!("Article L114-8 du code des relations entre le public et l’administration"));
    put("fondement_juridique_url", json!("https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045213415"));
    put("cgu_approved", json!(true));
    put("dpo_is_informed", json!(true));
    put(
        "team_members",
        json!([
            person("responsable_traitement", "Claude", "Modèle", "direction"),
            person("delegue_protection_donnees", "Maxime", "Modèle", "dpo"),
            person("responsable_technique", "Charlie", "Modèle", "technique"),
        ]),
    );
    match sample.target_api {
        "api_particulier" => {
            put("technical_team_type", json!("internal_team"));
            put("scopes", json!(["cnaf_quotient_familial", "cnaf_enfants"]));
        }
        "franceconnect" => {
            put("scopes", json!(["openid", "family_name", "given_name"]));
            put("additional_content", json!({"has_alternative_authentication_methods": true}));
        }
        _ => {
            put("scopes", json!(["dgfip_annee_n_moins_1", "dgfip_aft"]));
            put("additional_content", json!({"acces_spi": true, "rgpd_general_agreement": true}));
        }
    }
    members
}

fn person(kind: &str, given_name: &str, family_name: &str, mailbox: &str) -> Value {
    json!({
        "type": kind,
        "given_name": given_name,
        "family_name": family_name,
        "email": format!("{mailbox}@commune-exemple.fr"),
        "phone_number": "06 12 34 56 78",
        "job": "Service de la protection des données et du numérique",
    })
}
