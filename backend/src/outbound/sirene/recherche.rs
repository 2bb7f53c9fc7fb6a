//! « Recherche d’entreprises » (recherche-entreprises.api.gouv.fr): what is asked, and how its answer is read.

use serde::Deserialize;
use shared::organization::Siret;

use super::{Failure, Found, line, unreadable};

#[derive(Deserialize)]
struct Answer {
    results: Vec<Company>,
}

#[derive(Deserialize)]
struct Company {
    nom_complet: Option<String>,
    nom_raison_sociale: Option<String>,
    nature_juridique: Option<String>,
    siege: Option<Place>,
    #[serde(default)]
    matching_etablissements: Vec<Place>,
}

#[derive(Deserialize)]
struct Place {
    siret: String,
    adresse: Option<String>,
    commune: Option<String>,
    activite_principale: Option<String>,
    etat_administratif: Option<String>,
    date_fermeture: Option<String>,
    statut_diffusion_etablissement: Option<String>,
}

/// The address to ask at: a search for 14 digits is a look-up.
pub fn url(base: &str, siret: &Siret) -> String {
    format!("{base}/search?q={siret}&minimal=true&include=siege,matching_etablissements&page=1&per_page=1")
}

/// What it says of that establishment.
pub fn read(body: &[u8], siret: &Siret) -> Result<Found, Failure> {
    let answer: Answer = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
    for company in answer.results {
        let places = company.matching_etablissements.into_iter().chain(company.siege);
        if let Some(place) = places.into_iter().find(|place| place.siret == siret.as_str()) {
            return Ok(Found {
                name: line([company.nom_raison_sociale.or(company.nom_complet).as_deref()]),
                address: line([place.adresse.as_deref()]),
                commune_code: line([place.commune.as_deref()]),
                activity: line([place.activite_principale.as_deref()]),
                legal_category: line([company.nature_juridique.as_deref()]),
                is_open: place.etat_administratif.as_deref() == Some("A"),
                closed_on: place.date_fermeture.and_then(|day| day.parse().ok()),
                is_public: place.statut_diffusion_etablissement.as_deref() != Some("P"),
            });
        }
    }
    Err(Failure::Unknown)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(place: &serde_json::Value) -> Vec<u8> {
        let company = json!({
            "siren": "219200235", "nom_complet": "COMMUNE DE CLAMART", "nom_raison_sociale": "COMMUNE DE CLAMART",
            "nature_juridique": "7210", "siege": {"siret": "21920023500014", "etat_administratif": "A"},
            "matching_etablissements": [place],
        });
        json!({"results": [company], "total_results": 1}).to_string().into_bytes()
    }

    #[test]
    fn the_establishment_that_was_asked_for_is_read_not_its_head_office() {
        let siret: Siret = "21920023500030".parse().unwrap();
        let place = json!({
            "siret": siret.as_str(), "adresse": "1 PLACE DE L’EXEMPLE 92140 CLAMART", "commune": "92023", "activite_principale": "85.20Z",
            "etat_administratif": "F", "date_fermeture": "2020-01-31", "statut_diffusion_etablissement": "O",
        });
        let found = read(&answer(&place), &siret).unwrap();
        assert_eq!((found.name.as_str(), found.activity.as_str()), ("COMMUNE DE CLAMART", "85.20Z"));
        assert_eq!(found.commune_code, "92023");
        assert!(!found.is_open);
        assert_eq!(found.closed_on, Some("2020-01-31".parse().unwrap()));
        assert_eq!(found.legal_category, "7210");
    }

    #[test]
    fn an_unknown_number_and_an_answer_of_another_shape_differ() {
        let siret: Siret = "13002526500013".parse().unwrap();
        assert_eq!(read(br#"{"results": []}"#, &siret).unwrap_err(), Failure::Unknown);
        assert!(matches!(read(b"{}", &siret).unwrap_err(), Failure::Unavailable(_)));
        assert!(matches!(read(b"<html>", &siret).unwrap_err(), Failure::Unavailable(_)));
    }
}
