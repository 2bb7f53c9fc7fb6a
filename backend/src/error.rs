//! The one error of the server, and where in a request it lies. How it is told over HTTP is in the room `problem`.

use std::time::Duration;

use diesel::r2d2;
use shared::access::ApiScope;
use shared::draft::Draft;
use shared::problem::{ErrorCode, ErrorItem, ItemCode, Place};
use shared::rights::Denial;
use shared::validation::FieldError;
use thiserror::Error;

/// When to call again after a statement that took too long.
const AFTER_TIMEOUT: Duration = Duration::from_secs(10);

/// What a request handler or a query returns.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a request fails. Messages are French: the caller reads them.
#[derive(Debug, Error)]
pub enum Error {
    /// 400: it cannot be read; where and why.
    #[error("{}", summary(.0))]
    BadRequest(Vec<ErrorItem>),
    /// 401: nobody is signed in.
    #[error("Connectez-vous pour continuer.")]
    Unauthorized,
    /// 401: a tool shows a token that is worth nothing, or no longer.
    #[error("Ce jeton n’est pas valable, ou ne l’est plus\u{a0}: demandez-en un autre à /api/oauth/token.")]
    InvalidToken,
    /// 403: a tool was not given what it needs.
    #[error(
        "Le jeton ne donne pas le droit «\u{a0}{0}\u{a0}», nécessaire ici\u{a0}: demandez-le avec le jeton, ou ajoutez l’outil avec ce droit."
    )]
    MissingScope(ApiScope),
    /// 403: these rights do not suffice.
    #[error("{0}")]
    Denied(Denial),
    /// 403: for another reason.
    #[error("{0}")]
    Forbidden(String),
    /// 403: who calls must show once more who they are; how many seconds ago they may have.
    #[error(
        "Confirmez d’abord que c’est bien vous\u{a0}: connectez-vous de nouveau, votre dernière authentification est trop ancienne."
    )]
    InsufficientAuthentication { max_age: u32 },
    /// 404.
    #[error("Cette ressource n’existe pas, ou vous n’y avez pas accès.")]
    NotFound,
    /// 405; the methods that are accepted there, as the header `Allow` lists them.
    #[error("Cette adresse n’accepte pas cette méthode, seulement {0}.")]
    MethodNotAllowed(String),
    /// 409: it changed in the meantime.
    #[error("Cette demande a été modifiée entre-temps\u{a0}: rechargez-la pour voir ce qui a changé.")]
    StaleVersion,
    /// 409: the workflow has no such step.
    #[error("{0}")]
    WrongStatus(String),
    /// 413.
    #[error("{0}")]
    PayloadTooLarge(String),
    /// 415.
    #[error("{0}")]
    UnsupportedMediaType(String),
    /// 422: where and why.
    #[error("{}", summary(.0))]
    Invalid(Vec<ErrorItem>),
    /// 429: too many attempts failed; how long to wait.
    #[error("Trop d’essais ont échoué\u{a0}: réessayez dans {} secondes.", .0.as_secs() + 1)]
    TooManyRequests(Duration),
    /// 429: more than one may ask for in that time; what to do, and when to ask again.
    #[error("{0}")]
    TooManyCalls(String, Duration),
    /// 502: another service; the detail is for the log.
    #[error("Un service dont DataPass dépend ne répond pas correctement. Réessayez dans quelques minutes.")]
    BadGateway(String),
    /// 503: it would have to wait too long for its turn; in how long to call again.
    #[error("DataPass est très sollicité en ce moment\u{a0}: réessayez dans quelques secondes.")]
    Overloaded(Duration),
    /// 500: a database error.
    #[error("Une erreur est survenue de notre côté. Réessayez\u{a0}; si elle persiste, signalez-la.")]
    Database(diesel::result::Error),
    /// 503: no connection to the database could be had.
    #[error("La base de données de DataPass ne répond pas. Réessayez dans quelques minutes.")]
    Pool(#[from] r2d2::PoolError),
    /// 500: anything else; the detail is for the log.
    #[error("Une erreur est survenue de notre côté. Réessayez\u{a0}; si elle persiste, signalez-la.")]
    Internal(String),
}

/// What to do where one thing is wrong; else the list says it.
fn summary(items: &[ErrorItem]) -> &str {
    match items {
        [only] => &only.detail,
        _ => "Corrigez les champs signalés.",
    }
}

impl From<Denial> for Error {
    /// Whoever has nothing to do with a thing does not learn that it exists.
    fn from(denial: Denial) -> Self {
        match denial {
            Denial::NotInvolved => Self::NotFound,
            denial => Self::Denied(denial),
        }
    }
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        match error {
            diesel::result::Error::NotFound => Self::NotFound,
            // PostgreSQL, 57014; diesel does not tell the code.
            diesel::result::Error::DatabaseError(_, what) if what.message().contains("statement timeout") => {
                Self::Overloaded(AFTER_TIMEOUT)
            }
            other => Self::Database(other),
        }
    }
}

impl Error {
    /// 400: a member of the body, named by a JSON pointer: `/name`.
    pub fn pointer(pointer: impl Into<String>, code: ItemCode, detail: impl Into<String>) -> Self {
        Self::BadRequest(vec![ErrorItem::new(Place::Pointer(pointer.into()), code, detail)])
    }

    /// 400: a parameter of the address.
    pub fn parameter(name: impl Into<String>, code: ItemCode, detail: impl Into<String>) -> Self {
        Self::BadRequest(vec![ErrorItem::new(Place::Parameter(name.into()), code, detail)])
    }

    /// 422: a member of the body that is well written and not acceptable, named by a JSON pointer: `/url`.
    pub fn invalid_pointer(pointer: impl Into<String>, code: ItemCode, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![ErrorItem::new(Place::Pointer(pointer.into()), code, detail)])
    }

    /// 422: a parameter of the address that is well written and means nothing here.
    pub fn invalid_parameter(name: impl Into<String>, code: ItemCode, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![ErrorItem::new(Place::Parameter(name.into()), code, detail)])
    }

    /// 400: a header.
    pub fn header(name: impl Into<String>, code: ItemCode, detail: impl Into<String>) -> Self {
        Self::BadRequest(vec![ErrorItem::new(Place::Header(name.into()), code, detail)])
    }

    /// 422: fields of a request with that content.
    pub fn fields(errors: &[FieldError], draft: &Draft) -> Self {
        Self::Invalid(errors.iter().map(|error| error.to_item(draft)).collect())
    }

    /// Why, for programs.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::BadRequest(_) => ErrorCode::BadRequest,
            Self::Unauthorized | Self::InvalidToken => ErrorCode::Unauthorized,
            Self::Denied(_) | Self::Forbidden(_) | Self::MissingScope(_) => ErrorCode::Forbidden,
            Self::InsufficientAuthentication { .. } => ErrorCode::InsufficientUserAuthentication,
            Self::NotFound => ErrorCode::NotFound,
            Self::MethodNotAllowed(_) => ErrorCode::MethodNotAllowed,
            Self::StaleVersion => ErrorCode::StaleVersion,
            Self::WrongStatus(_) => ErrorCode::WrongStatus,
            Self::PayloadTooLarge(_) => ErrorCode::PayloadTooLarge,
            Self::UnsupportedMediaType(_) => ErrorCode::UnsupportedMediaType,
            Self::Invalid(_) => ErrorCode::Invalid,
            Self::TooManyRequests(_) | Self::TooManyCalls(..) => ErrorCode::TooManyRequests,
            Self::BadGateway(_) => ErrorCode::BadGateway,
            Self::Overloaded(_) | Self::Pool(_) => ErrorCode::Overloaded,
            Self::Database(_) | Self::Internal(_) => ErrorCode::Internal,
        }
    }

    /// How long to wait before the same call, where that is known (`Retry-After`, RFC 9110, 10.2.3).
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooManyRequests(wait) | Self::TooManyCalls(_, wait) | Self::Overloaded(wait) => Some(*wait),
            Self::Pool(_) => Some(AFTER_TIMEOUT),
            _ => None,
        }
    }

    /// How many seconds ago one may have signed in for the same call, where that was too long ago (RFC 9470).
    pub const fn max_age(&self) -> Option<u32> {
        match self {
            Self::InsufficientAuthentication { max_age } => Some(*max_age),
            _ => None,
        }
    }

    /// Everything that is wrong with what was sent, with its place.
    pub fn items(&self) -> &[ErrorItem] {
        match self {
            Self::BadRequest(items) | Self::Invalid(items) => items,
            _ => &[],
        }
    }
}
