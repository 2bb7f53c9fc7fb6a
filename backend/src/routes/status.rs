//! Whether the server lives, and what it can do.

use actix_web::{HttpResponse, get, web};

/// Answers « pong ».
#[utoipa::path(
    summary = "Vérifier que le service répond",
    tag = "Service", responses((status = 200, body = String, content_type = "text/plain"))
)]
#[get("/ping")]
pub async fn ping() -> &'static str {
    "pong"
}

/// The OpenAPI document of this API.
#[utoipa::path(summary = "Document OpenAPI de cette API", tag = "Service", responses((status = 200, body = Object)))]
#[get("/openapi.json")]
pub async fn openapi(document: web::Data<utoipa::openapi::OpenApi>) -> HttpResponse {
    HttpResponse::Ok().json(document.get_ref())
}
