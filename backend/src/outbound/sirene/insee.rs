//! INSEE's Sirene API 3.11: what is asked, and how its answer is read.

use serde::Deserialize;
use shared::organization::Siret;

use super::{Failure, Found, line, unreadable};

#[derive(Deserialize)]
struct Answer {
    etablissement: Etablissement,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Etablissement {
    statut_diffusion_etablissement: Option<String>,
    unite_legale: UniteLegale,
    #[serde(default)]
    adresse_etablissement: Adresse,
    periodes_etablissement: Vec<Periode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UniteLegale {
    denomination_unite_legale: Option<String>,
    nom_unite_legale: Option<String>,
    prenom1_unite_legale: Option<String>,
    categorie_juridique_unite_legale: Option<String>,
    activite_principale_unite_legale: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Adresse {
    numero_voie_etablissement: Option<String>,
    indice_repetition_etablissement: Option<String>,
    type_voie_etablissement: Option<String>,
    libelle_voie_etablissement: Option<String>,
    code_postal_etablissement: Option<String>,
    libelle_commune_etablissement: Option<String>,
    code_commune_etablissement: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Periode {
    date_debut: Option<String>,
    date_fin: Option<String>,
    etat_administratif_etablissement: Option<String>,
    activite_principale_etablissement: Option<String>,
    denomination_usuelle_etablissement: Option<String>,
}

/// The address to ask at.
pub fn url(base: &str, siret: &Siret) -> String {
    format!("{base}/siret/{siret}")
}

/// What it says.
pub fn read(body: &[u8]) -> Result<Found, Failure> {
    let Answer { etablissement: place } = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
    let company = place.unite_legale;
    // The present one has no end; they are not always in order.
    let Some(present) = place.periodes_etablissement.into_iter().find(|period| period.date_fin.is_none()) else {
        return Err(Failure::Unavailable("no period of the establishment is the present one".to_owned()));
    };
    let is_open = present.etat_administratif_etablissement.as_deref() == Some("A");
    let person = line([company.prenom1_unite_legale.as_deref(), company.nom_unite_legale.as_deref()]);
    let names = [company.denomination_unite_legale, present.denomination_usuelle_etablissement, Some(person)];
    let mut names = names.into_iter().flatten().map(|name| line([Some(name.as_str())]));
    let address = place.adresse_etablissement;
    Ok(Found {
        name: names.find(|name| !name.is_empty()).unwrap_or_default(),
        address: line([
            address.numero_voie_etablissement.as_deref(),
            address.indice_repetition_etablissement.as_deref(),
            address.type_voie_etablissement.as_deref(),
            address.libelle_voie_etablissement.as_deref(),
            address.code_postal_etablissement.as_deref(),
            address.libelle_commune_etablissement.as_deref(),
        ]),
        commune_code: line([address.code_commune_etablissement.as_deref()]),
        activity: line([present
            .activite_principale_etablissement
            .or(company.activite_principale_unite_legale)
            .as_deref()]),
        legal_category: line([company.categorie_juridique_unite_legale.as_deref()]),
        closed_on: present.date_debut.filter(|_| !is_open).and_then(|day| day.parse().ok()),
        is_open,
        is_public: place.statut_diffusion_etablissement.as_deref() != Some("P"),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn answer(unite_legale: &Value, present: &Value) -> Vec<u8> {
        let old = json!({"dateDebut": "2001-01-01", "dateFin": "2014-12-31", "etatAdministratifEtablissement": "A",
            "activitePrincipaleEtablissement": "75.1A"});
        json!({"header": {"statut": 200}, "etablissement": {
            "siret": "13002526500013", "statutDiffusionEtablissement": "O", "uniteLegale": unite_legale,
            "adresseEtablissement": {"numeroVoieEtablissement": "20", "typeVoieEtablissement": "AVENUE",
                "libelleVoieEtablissement": "DE SEGUR", "codePostalEtablissement": "75007",
                "libelleCommuneEtablissement": "PARIS 7", "complementAdresseEtablissement": null},
            "periodesEtablissement": [old, present],
        }})
        .to_string()
        .into_bytes()
    }

    #[test]
    fn the_present_period_is_the_one_without_an_end() {
        let company = json!({"denominationUniteLegale": "DIRECTION INTERMINISTERIELLE DU NUMERIQUE",
            "categorieJuridiqueUniteLegale": "7120", "activitePrincipaleUniteLegale": "84.11Z"});
        let present = json!({"dateDebut": "2015-01-01", "dateFin": null, "etatAdministratifEtablissement": "A",
            "activitePrincipaleEtablissement": "84.11Z"});
        let found = read(&answer(&company, &present)).unwrap();
        assert_eq!(found.name, "DIRECTION INTERMINISTERIELLE DU NUMERIQUE");
        assert_eq!(found.address, "20 AVENUE DE SEGUR 75007 PARIS 7");
        assert_eq!((found.activity.as_str(), found.legal_category.as_str()), ("84.11Z", "7120"));
        assert!(found.is_open && found.closed_on.is_none() && found.is_public);
    }

    #[test]
    fn a_closed_one_says_since_when_and_a_person_has_a_name() {
        let company =
            json!({"denominationUniteLegale": null, "nomUniteLegale": "EXEMPLE", "prenom1UniteLegale": "CAMILLE"});
        let present = json!({"dateDebut": "2019-05-02", "dateFin": null, "etatAdministratifEtablissement": "F"});
        let found = read(&answer(&company, &present)).unwrap();
        assert_eq!(found.name, "CAMILLE EXEMPLE");
        assert_eq!(found.closed_on, Some("2019-05-02".parse().unwrap()));
        assert!(matches!(read(b"{}"), Err(Failure::Unavailable(_))));
    }
}
