//! The OpenAPI document, collected from the route registration itself.

use actix_web::App;
use utoipa::OpenApi;
use utoipa_actix_web::AppExt as _;

use crate::routes;

#[derive(OpenApi)]
#[openapi(info(
    title = "DataPass",
    description = "Demander, instruire et consulter les habilitations à utiliser des données à accès restreint."
))]
struct Header;

/// The whole document.
pub fn document() -> utoipa::openapi::OpenApi {
    let (_, document) = App::new().into_utoipa_app().openapi(Header::openapi()).service(routes::api()).split_for_parts();
    document
}

/// The whole document as text, as it is committed under `openapi/`.
///
/// # Errors
/// It cannot be written as JSON.
pub fn text() -> anyhow::Result<String> {
    Ok(document().to_pretty_json()? + "\n")
}
