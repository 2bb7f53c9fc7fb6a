//! The home page of visitors.

use actix_web::HttpResponse;
use minijinja::context;

use super::{About, Visit};
use crate::error::Result;

/// What DataPass is for, how it goes, what to prepare.
///
/// # Errors
/// The template cannot be filled in.
pub fn page(visit: &Visit) -> Result<HttpResponse> {
    let summary = "Demandez l’habilitation à utiliser, par API, des données à accès restreint de l’administration\u{a0}: démarche, \
                   pièces à préparer, API proposées.";
    let could_not_sign_in = visit.request.query_string().split('&').any(|pair| pair == "erreur=connexion");
    let about = About::page("Demandez l’accès aux données de l’administration", summary, "/");
    // Where another provider signs people in, accounts are made there.
    let has_sign_up = visit.state.config.oidc.is_none();
    visit.page(about, "public/home.html", context! { could_not_sign_in, start => visit.sign_in_url("/"), has_sign_up })
}
