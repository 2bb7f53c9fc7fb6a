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

/// The address to search at, for the parameter `q`: head offices that are open, ten at most.
pub fn search_url(base: &str) -> String {
    format!("{base}/search?etat_administratif=A&minimal=true&include=siege&page=1&per_page=10")
}

/// What it says of that establishment.
pub fn read(body: &[u8], siret: &Siret) -> Result<Found, Failure> {
    let answer: Answer = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
    for Company { nom_complet, nom_raison_sociale, nature_juridique, siege, matching_etablissements } in answer.results
    {
        let places = matching_etablissements.into_iter().chain(siege);
        if let Some(place) = places.into_iter().find(|place| place.siret == siret.as_str()) {
            let name = nom_raison_sociale.or(nom_complet);
            return Ok(found(name.as_deref(), nature_juridique.as_deref(), place));
        }
    }
    Err(Failure::Unknown)
}

/// What it says of the head offices that it found, the best match first.
pub fn read_all(body: &[u8]) -> Result<Vec<(Siret, Found)>, Failure> {
    let answer: Answer = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
    let offices = answer.results.into_iter().filter_map(|company| {
        let Company { nom_complet, nom_raison_sociale, nature_juridique, siege, .. } = company;
        let (place, name) = (siege?, nom_raison_sociale.or(nom_complet));
        Some((place.siret.parse().ok()?, found(name.as_deref(), nature_juridique.as_deref(), place)))
    });
    Ok(offices.collect())
}

fn found(name: Option<&str>, legal_category: Option<&str>, place: Place) -> Found {
    Found {
        name: line([name]),
        address: line([place.adresse.as_deref()]),
        commune_code: line([place.commune.as_deref()]),
        activity: line([place.activite_principale.as_deref()]),
        legal_category: line([legal_category]),
        is_open: place.etat_administratif.as_deref() == Some("A"),
        closed_on: place.date_fermeture.and_then(|day| day.parse().ok()),
        is_public: place.statut_diffusion_etablissement.as_deref() != Some("P"),
    }
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
    fn the_head_offices_that_were_found_are_read_in_their_order() {
        let company = |siret: &str, name: &str| {
            json!({
                "siren": siret[..9], "nom_complet": name, "nom_raison_sociale": null, "nature_juridique": "7210",
                "siege": {"siret": siret, "adresse": "1 PLACE DE L’EXEMPLE 92140 CLAMART", "etat_administratif": "A"},
            })
        };
        let results = [company("21920023500014", "COMMUNE DE CLAMART"), company("13002526500013", "DINUM")];
        let body = json!({"results": results, "total_results": 2}).to_string();
        let found = read_all(body.as_bytes()).unwrap();
        let said: Vec<_> = found.iter().map(|(siret, found)| (siret.as_str(), found.name.as_str())).collect();
        assert_eq!(said, [("21920023500014", "COMMUNE DE CLAMART"), ("13002526500013", "DINUM")]);
        assert!(found.iter().all(|(_, found)| found.is_open && found.is_public));
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
