//! The OpenAPI document, collected from the route registration itself.

use actix_web::App;
use shared::api::ErrorBody;
use utoipa::OpenApi;
use utoipa::openapi::{Content, PathItem, Ref, ResponseBuilder};
use utoipa_actix_web::AppExt as _;

use crate::routes;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "DataPass",
        description = "Demander, instruire et consulter les habilitations à utiliser des données à accès restreint."
    ),
    components(schemas(ErrorBody))
)]
struct Header;

/// The whole document.
pub fn document() -> utoipa::openapi::OpenApi {
    let app = App::new().into_utoipa_app().openapi(Header::openapi()).service(routes::api());
    let (_, mut document) = app.split_for_parts();
    for (path, item) in &mut document.paths.paths {
        complete(path, item);
    }
    document
}

/// What every operation has in common: any error has the same body, and the name is the method and the path, as the
/// handlers' own names repeat from one resource to the next.
fn complete(path: &str, item: &mut PathItem) {
    let words: Vec<&str> = path.split(['/', '{', '}', '.']).filter(|word| !word.is_empty() && *word != "api").collect();
    let error = ResponseBuilder::new()
        .description("Toute erreur\u{a0}: `code` dit pourquoi, `message` que faire.")
        .content("application/json", Content::new(Some(Ref::from_schema_name("ErrorBody"))))
        .build();
    let operations = [
        ("get", &mut item.get),
        ("post", &mut item.post),
        ("put", &mut item.put),
        ("patch", &mut item.patch),
        ("delete", &mut item.delete),
    ];
    for (method, operation) in operations {
        if let Some(operation) = operation {
            operation.operation_id = Some(format!("{method}_{}", words.join("_")));
            operation.responses.responses.insert("default".to_owned(), error.clone().into());
        }
    }
}

/// The whole document as text, as it is committed under `openapi/`.
///
/// # Errors
/// It cannot be written as JSON.
pub fn text() -> anyhow::Result<String> {
    Ok(document().to_pretty_json()? + "\n")
}
