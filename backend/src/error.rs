//! The one error of the server, and what the caller is told of it.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use shared::access::ApiScope;
use shared::api::{ErrorBody, ErrorCode};
use shared::rights::Denial;
use shared::validation::FieldError;
use thiserror::Error;

/// What a request handler or a query returns.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a request fails. Messages are French: the caller reads them.
#[derive(Debug, Error)]
pub enum Error {
    /// 400: it cannot be read; the message names the member.
    #[error("{0}")]
    BadRequest(String),
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
    /// 404.
    #[error("Cette ressource n’existe pas, ou vous n’y avez pas accès.")]
    NotFound,
    /// 405.
    #[error("Cette adresse n’accepte pas cette méthode.")]
    MethodNotAllowed,
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
    #[error("Corrigez les champs signalés.")]
    Invalid(Vec<FieldError>),
    /// 502: another service; the detail is for the log.
    #[error("Un service dont DataPass dépend ne répond pas correctement. Réessayez dans quelques minutes.")]
    BadGateway(String),
    /// 500: a database error.
    #[error("Une erreur est survenue de notre côté. Réessayez\u{a0}; si elle persiste, signalez-la.")]
    Database(diesel::result::Error),
    /// 500: the connection pool.
    #[error("Une erreur est survenue de notre côté. Réessayez\u{a0}; si elle persiste, signalez-la.")]
    Pool(#[from] r2d2::PoolError),
    /// 500: anything else; the detail is for the log.
    #[error("Une erreur est survenue de notre côté. Réessayez\u{a0}; si elle persiste, signalez-la.")]
    Internal(String),
}

use diesel::r2d2;

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
            other => Self::Database(other),
        }
    }
}

impl Error {
    const fn code(&self) -> ErrorCode {
        match self {
            Self::BadRequest(_) => ErrorCode::BadRequest,
            Self::Unauthorized | Self::InvalidToken => ErrorCode::Unauthorized,
            Self::Denied(_) | Self::Forbidden(_) | Self::MissingScope(_) => ErrorCode::Forbidden,
            Self::NotFound => ErrorCode::NotFound,
            Self::MethodNotAllowed => ErrorCode::MethodNotAllowed,
            Self::StaleVersion => ErrorCode::StaleVersion,
            Self::WrongStatus(_) => ErrorCode::WrongStatus,
            Self::PayloadTooLarge(_) => ErrorCode::PayloadTooLarge,
            Self::UnsupportedMediaType(_) => ErrorCode::UnsupportedMediaType,
            Self::Invalid(_) => ErrorCode::Invalid,
            Self::BadGateway(_) => ErrorCode::BadGateway,
            Self::Database(_) | Self::Pool(_) | Self::Internal(_) => ErrorCode::Internal,
        }
    }
}

impl Error {
    /// What a tool is told of its token (RFC 6750 § 3).
    fn challenge(&self) -> Option<String> {
        match self {
            Self::InvalidToken => Some("Bearer error=\"invalid_token\"".to_owned()),
            Self::MissingScope(scope) => Some(format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"")),
            _ => None,
        }
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        match self.code() {
            ErrorCode::BadRequest => StatusCode::BAD_REQUEST,
            ErrorCode::Unauthorized => StatusCode::UNAUTHORIZED,
            ErrorCode::Forbidden => StatusCode::FORBIDDEN,
            ErrorCode::NotFound => StatusCode::NOT_FOUND,
            ErrorCode::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            ErrorCode::StaleVersion | ErrorCode::WrongStatus => StatusCode::CONFLICT,
            ErrorCode::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ErrorCode::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ErrorCode::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            ErrorCode::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            ErrorCode::BadGateway => StatusCode::BAD_GATEWAY,
            ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Logs what is our fault, here and only here.
    fn error_response(&self) -> HttpResponse {
        match self {
            Self::Database(error) => tracing::error!(%error, "database error"),
            Self::Pool(error) => tracing::error!(%error, "no database connection"),
            Self::Internal(detail) => tracing::error!(detail, "internal error"),
            Self::BadGateway(detail) => tracing::warn!(detail, "another service failed"),
            _ => {}
        }
        let fields = match self {
            Self::Invalid(fields) => fields.clone(),
            _ => Vec::new(),
        };
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")));
        if let Some(challenge) = self.challenge() {
            response.insert_header((header::WWW_AUTHENTICATE, challenge));
        }
        response.json(ErrorBody { code: self.code(), message: self.to_string(), fields })
    }
}
