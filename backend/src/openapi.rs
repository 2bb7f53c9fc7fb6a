//! The OpenAPI document, collected from the route registration itself.

use actix_web::App;
use shared::access::ApiScope;
use shared::problem::ProblemDetails;
use utoipa::OpenApi;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, ClientCredentials, Flow, OAuth2, Scopes, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Content, PathItem, Ref, ResponseBuilder};
use utoipa_actix_web::AppExt as _;

use crate::auth::access::{self, Access};
use crate::export::FileType;
use crate::{problem, routes};

/// What the document calls the two ways to show who one is.
const SESSION: &str = "session";
const TOOL: &str = "clientCredentials";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "DataPass",
        description = "Demander, instruire et consulter les habilitations à utiliser des données à accès restreint. Pour \
                       commencer, de zéro à un premier appel\u{a0}: [les tutoriels](/tutoriels).\n\n\
                       Les erreurs (RFC 9457) sont expliquées, avec un exemple de chacune, à la page \
                       [/api/docs/problems](/api/docs/problems).\n\n\
                       Une personne fait tant d’appels par minute, et tant de recherches, avec toutes ses sessions et tous ses \
                       outils\u{a0}; un visiteur aussi, depuis son adresse. `RateLimit-Policy` dit combien, `RateLimit` combien il \
                       en reste et dans combien de secondes le compte repart\u{a0}; au-delà, la réponse est 429 avec \
                       `Retry-After`."
    ),
    components(schemas(FileType, ProblemDetails))
)]
struct Header;

/// The whole document.
pub fn document() -> utoipa::openapi::OpenApi {
    let app = App::new().into_utoipa_app().openapi(Header::openapi()).service(routes::api());
    let (_, mut document) = app.split_for_parts();
    for (path, item) in &mut document.paths.paths {
        complete(path, item);
    }
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(SESSION, session_scheme());
    components.add_security_scheme(TOOL, tool_scheme());
    document
}

fn session_scheme() -> SecurityScheme {
    let description = "La session d’un navigateur. En HTTPS, le cookie s’appelle `__Host-datapass_session`.";
    SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description("datapass_session", description)))
}

fn tool_scheme() -> SecurityScheme {
    let scopes = ApiScope::ALL.iter().map(|scope| (scope.as_str(), scope.meaning()));
    let flow = Flow::ClientCredentials(ClientCredentials::new("/api/oauth/token", Scopes::from_iter(scopes)));
    let description = "Un outil que l’on connecte à la page /mon-compte\u{a0}: il agit au nom de cette personne, dans la \
                       limite de ces droits. Si le cookie est là aussi, c’est le jeton qui compte.";
    SecurityScheme::OAuth2(OAuth2::with_description([flow], description))
}

/// Who may call an operation: nobody need show anything, or a session, or also a tool with its scope.
fn security(method: &str, path: &str) -> Vec<SecurityRequirement> {
    let session = || SecurityRequirement::new::<_, [&str; 0], &str>(SESSION, []);
    match access::to(method, path) {
        Access::Anybody => vec![],
        Access::Session => vec![session()],
        Access::Tool(scope) => vec![session(), SecurityRequirement::new(TOOL, [scope.as_str()])],
    }
}

/// The description of an operation, which ends with whether a tool may call it.
fn described(own: Option<String>, access: Access) -> Option<String> {
    let who = match access {
        Access::Anybody => return own,
        Access::Session => "Réservée aux sessions de navigateur\u{a0}: un outil reçoit 403.".to_owned(),
        Access::Tool(scope) => format!("Ouverte aux outils, avec le droit `{}`.", scope.as_str()),
    };
    Some(own.map_or_else(|| who.clone(), |own| format!("{own}\n\n{who}")))
}

/// What every operation has in common: any error has the same body, who may call it, and the name is the method and the
/// path, as the handlers' own names repeat from one resource to the next.
fn complete(path: &str, item: &mut PathItem) {
    let words: Vec<&str> = path.split(['/', '{', '}', '.']).filter(|word| !word.is_empty() && *word != "api").collect();
    let error = ResponseBuilder::new()
        .description("Toute erreur\u{a0}: `code` dit pourquoi, `detail` que faire, `errors` où.")
        .content(problem::MEDIA_TYPE, Content::new(Some(Ref::from_schema_name("ProblemDetails"))))
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
            operation.security = Some(security(&method.to_uppercase(), path));
            operation.description = described(operation.description.take(), access::to(&method.to_uppercase(), path));
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
