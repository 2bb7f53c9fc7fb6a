//! The OpenAPI document, collected from the route registration itself.

use actix_web::App;
use utoipa::OpenApi;
use utoipa::openapi::PathItem;
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
    let app = App::new().into_utoipa_app().openapi(Header::openapi()).service(routes::api());
    let (_, mut document) = app.split_for_parts();
    for (path, item) in &mut document.paths.paths {
        name_operations(path, item);
    }
    document
}

/// The name of an operation is its method and its path: the handlers' own names repeat from one resource to the next.
fn name_operations(path: &str, item: &mut PathItem) {
    let words: Vec<&str> = path.split(['/', '{', '}', '.']).filter(|word| !word.is_empty() && *word != "api").collect();
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
