//! The legal pages: accessibility statement, legal notice.

use actix_web::{HttpResponse, get};
use minijinja::{Value, context};

use super::{About, Visit};
use crate::error::Result;

/// « Accessibilité ». What it says to be checked is what `e2e/tests/accessibility.mjs` and `e2e/tests/keyboard.mjs` check.
#[get("/accessibilite")]
pub async fn accessibility(visit: Visit) -> Result<HttpResponse> {
    let summary = "L’état de conformité de DataPass au référentiel d’accessibilité, ce qui est vérifié, et à qui signaler un obstacle.";
    let values = context! { contact => &visit.state.config.legal.contact };
    visit.page(About::page("Accessibilité", summary, "/accessibilite"), "public/accessibility.html", values)
}

/// A cookie: its name, what it is for, how long it stays, and whether it is of the embedded identity provider.
type Cookie = (&'static str, &'static str, &'static str, bool);

/// Every cookie that the server sets.
const COOKIES: [Cookie; 8] = [
    ("datapass_session", "Garder votre session ouverte", "12 heures", false),
    (
        "datapass_sign_in_",
        "Reconnaître votre navigateur au retour de la connexion\u{a0}: un par connexion commencée, dont le nom se termine autrement",
        "jusqu’au retour, 1 heure au plus",
        false,
    ),
    ("datapass_sign_out", "Reconnaître votre navigateur au retour de la déconnexion", "1 heure", false),
    ("datapass_provider", "Garder ouverte votre session dans les pages du compte", "12 heures", true),
    (
        "datapass_form",
        "Protéger les formulaires du compte contre les envois faits par un autre site",
        "jusqu’à la fermeture du navigateur",
        true,
    ),
    ("datapass_challenge", "Relier un code reçu par courriel au navigateur qui l’a demandé", "1 heure", true),
    ("datapass_owed_code", "Attendre le code du second facteur", "10 minutes", true),
    (
        "datapass_browser",
        "Ne pas vous faire attendre quand d’autres essaient de deviner votre mot de passe",
        "1 an",
        true,
    ),
];

/// « Mentions légales ».
#[get("/mentions-legales")]
pub async fn notice(visit: Visit) -> Result<HttpResponse> {
    let summary =
        "Qui édite et héberge DataPass, ce qui est fait des données personnelles, et ce que garde votre navigateur.";
    let legal = &visit.state.config.legal;
    let is_provider = visit.state.config.oidc.is_none();
    let own = COOKIES.iter().filter(|(.., of_provider)| is_provider || !of_provider);
    let cookies: Value = own.map(|&(name, purpose, lifetime, _)| context! { name, purpose, lifetime }).collect();
    let values = context! {
        publisher => &legal.publisher,
        host => &legal.host,
        contact => &legal.contact,
        cookies,
    };
    visit.page(About::page("Mentions légales", summary, "/mentions-legales"), "public/legal.html", values)
}
