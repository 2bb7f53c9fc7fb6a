//! The page that explains each error of the API: where the `type` of an error leads.

use std::time::Duration;

use actix_web::{HttpResponse, get, web};
use minijinja::{Value, context};
use shared::access::ApiScope;
use shared::draft::Draft;
use shared::field::Field;
use shared::problem::{ErrorCode, ItemCode, ProblemDetails};
use shared::rights::Denial;
use shared::team_member::{Attribute, TeamMember, TeamMemberType};
use shared::validation::FieldError;

use crate::error::{Error, Result};
use crate::state::AppState;
use crate::{page, problem};

/// The page.
#[get("/problems")]
pub async fn show(state: web::Data<AppState>) -> Result<HttpResponse> {
    let mut problems = Vec::new();
    for code in ErrorCode::ALL {
        let example = serde_json::to_string_pretty(&example(*code));
        let example = example.map_err(|error| Error::Internal(format!("example of {code}: {error}")))?;
        problems.push(context! {
            code => code.as_str(), status => code.status(), title => code.title(), explanation => explanation(*code), example
        });
    }
    let items: Value =
        ItemCode::ALL.iter().map(|code| context! { code => code.as_str(), meaning => meaning(*code) }).collect();
    page::html(&state, HttpResponse::Ok(), "problems.html", context! { problems, items })
}

/// An answer as the server gives it.
fn example(code: ErrorCode) -> ProblemDetails {
    let request_id = "0b6f2f7e-6c0a-4d7c-9a53-3f0f6a0a2c1e".to_owned();
    let error = match code {
        ErrorCode::BadRequest => Error::parameter("limit", ItemCode::OutOfRange, "Indiquez un nombre positif."),
        ErrorCode::Unauthorized => Error::Unauthorized,
        ErrorCode::Forbidden => Error::Denied(Denial::NotAdministrator),
        ErrorCode::InsufficientUserAuthentication => Error::InsufficientAuthentication { max_age: 600 },
        ErrorCode::NotFound => Error::NotFound,
        ErrorCode::MethodNotAllowed => Error::MethodNotAllowed("GET, HEAD".to_owned()),
        ErrorCode::StaleVersion => Error::StaleVersion,
        ErrorCode::WrongStatus => {
            Error::WrongStatus("Il doit rester un administrateur\u{a0}: nommez-en d’abord un autre.".to_owned())
        }
        ErrorCode::PayloadTooLarge => {
            Error::PayloadTooLarge("Le contenu envoyé dépasse la limite de 10\u{a0}Mo.".to_owned())
        }
        ErrorCode::UnsupportedMediaType => Error::UnsupportedMediaType(
            "Envoyez du JSON, avec l’en-tête «\u{a0}Content-Type: application/json\u{a0}».".to_owned(),
        ),
        ErrorCode::Invalid => invalid(),
        ErrorCode::TooManyRequests => Error::TooManyRequests(Duration::from_secs(29)),
        ErrorCode::BadGateway => Error::BadGateway(String::new()),
        ErrorCode::Overloaded => Error::Overloaded(Duration::from_secs(4)),
        ErrorCode::Internal => Error::Internal(String::new()),
    };
    problem::details(&error, request_id)
}

/// A request without a title, of whose data controller the address is wrong, and which names no data protection officer.
fn invalid() -> Error {
    let draft =
        Draft { team_members: vec![TeamMember::new(TeamMemberType::ResponsableTraitement)], ..Draft::default() };
    let email = |kind| Field::TeamMember(kind, 0, Attribute::Email);
    let wrong = "Indiquez une adresse électronique complète, par exemple nom@exemple.fr.";
    let errors = [
        FieldError::new(Field::Intitule, ItemCode::Required, "Donnez un nom à votre projet."),
        FieldError::new(email(TeamMemberType::ResponsableTraitement), ItemCode::Format, wrong),
        FieldError::new(
            email(TeamMemberType::DelegueProtectionDonnees),
            ItemCode::Required,
            "Indiquez l’adresse électronique.",
        ),
    ];
    Error::fields(&errors, &draft)
}

/// What happened, and what whoever calls does about it.
fn explanation(code: ErrorCode) -> String {
    let text = match code {
        ErrorCode::BadRequest => {
            "La requête ne peut pas être lue, ou une valeur n’a pas de sens. «\u{a0}errors\u{a0}» dit où\u{a0}: corrigez, puis renvoyez."
        }
        ErrorCode::Unauthorized => {
            "Personne n’est connecté, ou le jeton n’est plus valable. Connectez-vous, ou demandez un autre jeton à \
             /api/oauth/token."
        }
        ErrorCode::Forbidden => {
            let scopes: Vec<&str> = ApiScope::ALL.iter().map(|scope| scope.as_str()).collect();
            return format!(
                "Votre compte ou votre jeton ne donne pas ce droit\u{a0}: renvoyer la même requête n’y change rien. Un outil \
                 demande ses droits avec le jeton, parmi {}.",
                scopes.join(", ")
            );
        }
        ErrorCode::InsufficientUserAuthentication => {
            "L’authentification est trop ancienne\u{a0}: ouvrez /api/sign_in avec le «\u{a0}max_age\u{a0}» de la réponse, puis renvoyez."
        }
        ErrorCode::NotFound => {
            "L’adresse ne mène à rien, ou à ce que vous ne pouvez pas lire\u{a0}: la réponse ne dit pas lequel des deux."
        }
        ErrorCode::MethodNotAllowed => {
            "Cette adresse existe, mais pas avec cette méthode\u{a0}: l’en-tête «\u{a0}Allow\u{a0}» dit celles qu’elle accepte."
        }
        ErrorCode::StaleVersion => {
            "Quelqu’un a modifié la demande depuis la version que nomme «\u{a0}If-Match\u{a0}». Relisez-la, reprenez vos \
             changements, puis renvoyez avec le nouvel ETag."
        }
        ErrorCode::WrongStatus => {
            "L’action n’est pas possible dans l’état présent. Relisez la ressource\u{a0}: le membre «\u{a0}actions\u{a0}» d’une \
             demande dit ce qui l’est."
        }
        ErrorCode::PayloadTooLarge => "Le contenu envoyé est trop volumineux\u{a0}: envoyez-en moins.",
        ErrorCode::UnsupportedMediaType => {
            "Le contenu n’est pas du type attendu. Pour un document, le fichier n’est pas d’un format accepté, il est abîmé, ou \
             il contient ce qui n’est pas accepté\u{a0}: des macros, des scripts, des commandes ou d’autres fichiers. Le membre \
             «\u{a0}detail\u{a0}» dit quoi faire."
        }
        ErrorCode::Invalid => {
            "Le contenu se lit, mais il ne peut pas être accepté. «\u{a0}errors\u{a0}» a un élément par champ à corriger."
        }
        ErrorCode::TooManyRequests => {
            "Trop d’appels en peu de temps. DataPass ne répond ainsi qu’à qui a montré de mauvais secrets, à \
             /api/oauth/token et /api/mailjet/events\u{a0}; un serveur placé devant lui peut le faire ailleurs. Attendez, le temps que dit «\u{a0}Retry-After\u{a0}» s’il est là."
        }
        ErrorCode::BadGateway => {
            "Un service dont DataPass dépend, comme le répertoire Sirene, ne répond pas. Réessayez dans quelques minutes."
        }
        ErrorCode::Overloaded => {
            "DataPass a autant à faire qu’il peut, et n’a rien commencé de ce qui était demandé. Renvoyez la même requête, \
             après le temps que dit «\u{a0}Retry-After\u{a0}»."
        }
        ErrorCode::Internal => {
            "L’erreur est de notre côté. Réessayez\u{a0}; si elle persiste, signalez-la avec son «\u{a0}request_id\u{a0}»."
        }
    };
    text.to_owned()
}

const fn meaning(code: ItemCode) -> &'static str {
    match code {
        ItemCode::Required => "Il manque.",
        ItemCode::TooLong => "Il dépasse la longueur ou le nombre permis.",
        ItemCode::Format => "Il n’a pas la forme attendue, ou il est d’un autre type.",
        ItemCode::Unknown => "Il n’existe pas, ou nomme ce qui n’existe pas.",
        ItemCode::Incompatible => "Il ne va pas avec une autre valeur.",
        ItemCode::NotEligible => "Ce qu’il nomme ne peut pas servir ici.",
        ItemCode::OutOfRange => "Il est trop petit ou trop grand.",
        ItemCode::Unchanged => "Il est déjà celui qui est enregistré.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_an_example_that_is_an_error_of_that_code() {
        for code in ErrorCode::ALL {
            let text = serde_json::to_string(&example(*code)).unwrap();
            let read: ProblemDetails = serde_json::from_str(&text).unwrap();
            assert_eq!((read.code, read.status), (*code, code.status()), "{text}");
            assert_eq!(read.errors.is_empty(), !matches!(code.status(), 400 | 422), "{text}");
            assert!(!explanation(*code).is_empty());
        }
    }
}
