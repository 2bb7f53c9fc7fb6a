//! The body of every error of the API: RFC 9457, with a code for programs and the places of what is wrong.
//!
//! Which error occurs when is decided elsewhere; what is wrong with a field of a request is
//! [`validation`](crate::validation)'s.

use serde::{Deserialize, Serialize};
use utoipa::openapi::{ObjectBuilder, OneOfBuilder, Ref, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::wire_enum;

wire_enum! {
    /// Why a call failed, for programs. The status code says the same, more coarsely.
    pub enum ErrorCode {
        /// 400: the request cannot be read; `errors` says where.
        BadRequest = "bad_request",
        /// 401: nobody is signed in.
        Unauthorized = "unauthorized",
        /// 403: the caller may not do that.
        Forbidden = "forbidden",
        /// 403: who calls must sign in again first; `max_age` says how long ago they may have (RFC 9470).
        InsufficientUserAuthentication = "insufficient_user_authentication",
        /// 404: there is no such thing, or the caller may not know of it.
        NotFound = "not_found",
        /// 405: that address does not take that method.
        MethodNotAllowed = "method_not_allowed",
        /// 409: somebody else changed it first.
        StaleVersion = "stale_version",
        /// 409: the workflow has no such step from the present status.
        WrongStatus = "wrong_status",
        /// 413: the body is too large.
        PayloadTooLarge = "payload_too_large",
        /// 415: the body is of a type that is not read here.
        UnsupportedMediaType = "unsupported_media_type",
        /// 422: the content is not acceptable; `errors` says where.
        Invalid = "invalid",
        /// 429: too many calls.
        TooManyRequests = "too_many_requests",
        /// 502: another service did not answer as it should.
        BadGateway = "bad_gateway",
        /// 503: the server has as much to do as it can; later, the same call will be answered.
        Overloaded = "overloaded",
        /// 500: our fault.
        Internal = "internal",
    }
}

impl ErrorCode {
    /// The HTTP status that goes with it.
    pub const fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Unauthorized => 401,
            Self::Forbidden | Self::InsufficientUserAuthentication => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::StaleVersion | Self::WrongStatus => 409,
            Self::PayloadTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::Invalid => 422,
            Self::TooManyRequests => 429,
            Self::Internal => 500,
            Self::BadGateway => 502,
            Self::Overloaded => 503,
        }
    }

    /// The same for people, in a few words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::BadRequest => "Requête illisible",
            Self::Unauthorized => "Connexion nécessaire",
            Self::Forbidden => "Action non autorisée",
            Self::InsufficientUserAuthentication => "Identité à confirmer",
            Self::NotFound => "Ressource introuvable",
            Self::MethodNotAllowed => "Méthode non acceptée",
            Self::StaleVersion => "Modifiée entre-temps",
            Self::WrongStatus => "Impossible dans l’état présent",
            Self::PayloadTooLarge => "Contenu trop volumineux",
            Self::UnsupportedMediaType => "Type de contenu non accepté",
            Self::Invalid => "Contenu à corriger",
            Self::TooManyRequests => "Trop d’appels",
            Self::BadGateway => "Service tiers indisponible",
            Self::Overloaded => "Service très sollicité",
            Self::Internal => "Erreur de DataPass",
        }
    }
}

/// The body of every error (`application/problem+json`, RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProblemDetails {
    /// Address of what explains this code, relative to the server's.
    #[serde(rename = "type")]
    #[schema(example = "/api/docs/problems#invalid")]
    pub kind: String,
    /// The code in a few words, in French.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened and what to do next, in French.
    pub detail: String,
    /// Why, for programs.
    pub code: ErrorCode,
    /// What the server's log calls the request, as `x-request-id` does.
    pub request_id: String,
    /// For `bad_request` and `invalid`: everything that is wrong, with its place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ErrorItem>,
    /// For `insufficient_user_authentication`: how many seconds ago one may have signed in. `GET /api/sign_in` takes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u32>,
}

impl ProblemDetails {
    /// An error of that code.
    pub fn new(code: ErrorCode, detail: String, errors: Vec<ErrorItem>, request_id: String) -> Self {
        let (kind, title) = (format!("/api/docs/problems#{code}"), code.title().to_owned());
        Self { kind, title, status: code.status(), detail, code, request_id, errors, max_age: None }
    }
}

wire_enum! {
    /// What is wrong with one value.
    pub enum ItemCode {
        /// There is none.
        Required = "required",
        /// It is longer than the limit, or has more elements.
        TooLong = "too_long",
        /// It does not look like what was asked, or is of another type.
        Format = "format",
        /// It does not exist, or names what does not exist.
        Unknown = "unknown",
        /// It does not go with another value.
        Incompatible = "incompatible",
        /// What it names may not be used here.
        NotEligible = "not_eligible",
        /// It is less or more than what is accepted.
        OutOfRange = "out_of_range",
        /// It is what stands there already.
        Unchanged = "unchanged",
    }
}

/// Where something is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A member of the content, as a JSON pointer (RFC 6901): `/team_members/0/email`. The content is the body that was
    /// sent; for a step of the workflow that finds the request itself incomplete, that request.
    Pointer(String),
    /// A parameter of the address.
    Parameter(String),
    /// A header.
    Header(String),
}

/// One thing that is wrong, with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "FlatItem", into = "FlatItem")]
pub struct ErrorItem {
    /// Why, for programs.
    pub code: ItemCode,
    /// What to do, in French.
    pub detail: String,
    /// Where.
    pub place: Place,
}

impl ErrorItem {
    /// One thing that is wrong.
    pub fn new(place: Place, code: ItemCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), place }
    }

    /// The member of the content that is wrong, if it is one.
    pub fn pointer(&self) -> Option<&str> {
        match &self.place {
            Place::Pointer(pointer) => Some(pointer),
            Place::Parameter(_) | Place::Header(_) => None,
        }
    }
}

/// An item as it travels: the place is one of three members.
#[derive(Serialize, Deserialize)]
struct FlatItem {
    code: ItemCode,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    header: Option<String>,
}

impl From<ErrorItem> for FlatItem {
    fn from(ErrorItem { code, detail, place }: ErrorItem) -> Self {
        let flat = Self { code, detail, pointer: None, parameter: None, header: None };
        match place {
            Place::Pointer(pointer) => Self { pointer: Some(pointer), ..flat },
            Place::Parameter(parameter) => Self { parameter: Some(parameter), ..flat },
            Place::Header(header) => Self { header: Some(header), ..flat },
        }
    }
}

impl TryFrom<FlatItem> for ErrorItem {
    type Error = &'static str;

    fn try_from(FlatItem { code, detail, pointer, parameter, header }: FlatItem) -> Result<Self, Self::Error> {
        let place = match (pointer, parameter, header) {
            (Some(pointer), None, None) => Place::Pointer(pointer),
            (None, Some(parameter), None) => Place::Parameter(parameter),
            (None, None, Some(header)) => Place::Header(header),
            _ => return Err("exactly one of pointer, parameter and header"),
        };
        Ok(Self { code, detail, place })
    }
}

impl PartialSchema for ErrorItem {
    fn schema() -> RefOr<Schema> {
        let text = |description: &str| ObjectBuilder::new().schema_type(Type::String).description(Some(description));
        let with = |place: &str, description: &str| {
            ObjectBuilder::new()
                .property("code", Ref::from_schema_name("ItemCode"))
                .required("code")
                .property("detail", text("What to do, in French."))
                .required("detail")
                .property(place, text(description))
                .required(place)
        };
        OneOfBuilder::new()
            .description(Some("One thing that is wrong, with its place."))
            .item(with(
                "pointer",
                "A member of the body, as a JSON pointer (RFC 6901); for a step of the workflow that finds the request \
                 incomplete, a member of that request.",
            ))
            .item(with("parameter", "A parameter of the address."))
            .item(with("header", "A header."))
            .into()
    }
}

impl ToSchema for ErrorItem {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((ItemCode::name().into_owned(), ItemCode::schema()));
    }
}

/// A JSON pointer of these tokens (RFC 6901 § 3).
pub fn pointer<T: AsRef<str>>(tokens: impl IntoIterator<Item = T>) -> String {
    tokens.into_iter().map(|token| format!("/{}", token.as_ref().replace('~', "~0").replace('/', "~1"))).collect()
}

/// The tokens of a JSON pointer (RFC 6901 § 4).
pub fn tokens(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_item_has_exactly_one_place() {
        for (place, member) in [
            (Place::Pointer(String::new()), json!({"pointer": ""})),
            (Place::Parameter("cursor".to_owned()), json!({"parameter": "cursor"})),
            (Place::Header("If-Match".to_owned()), json!({"header": "If-Match"})),
        ] {
            let item = ErrorItem::new(place, ItemCode::Format, "Corrigez.");
            let mut expected = member;
            expected["code"] = json!("format");
            expected["detail"] = json!("Corrigez.");
            assert_eq!(serde_json::to_value(&item).unwrap(), expected);
            assert_eq!(serde_json::from_value::<ErrorItem>(expected).unwrap(), item);
        }
        for wrong in [json!({}), json!({"pointer": "/a", "parameter": "a"})] {
            let mut item = wrong;
            item["code"] = json!("format");
            item["detail"] = json!("Corrigez.");
            assert!(serde_json::from_value::<ErrorItem>(item).is_err());
        }
    }

    #[test]
    fn a_pointer_survives_its_travel() {
        assert_eq!(pointer(["a/b", "m~n", "~1", "0"]), "/a~1b/m~0n/~01/0");
        assert_eq!(tokens("/a~1b/m~0n/~01/0"), ["a/b", "m~n", "~1", "0"]);
        assert_eq!(pointer([""; 0]), "");
        assert_eq!(tokens(""), [""; 0]);
    }
}
