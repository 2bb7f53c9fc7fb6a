//! What both sides of DataPass agree on.
//!
//! This crate decides: which action leads to which status ([`workflow`]), who may do it ([`rights`]), what one API asks
//! for ([`policy`]), and whether a request is complete ([`validation`]). It is pure: no I/O, no clock, no randomness, so
//! that the server and the browser run the very same code. `now`, when a rule needs it, is an argument.
//!
//! Floor by floor: a module imports only modules of lower floors.

#![warn(missing_docs)]

// Floor 7
pub mod register; // what anybody may know of an authorisation
pub mod version; // what of a request can be compared

// Floor 6
pub mod enrollment; // the request as read, and what it has given right to
pub mod navigation; // header, menu, footer and the addresses of pages
pub mod policy_file; // a policy that administrators try, publish, withdraw

// Floor 5
pub mod api; // what travels over the REST API and belongs to no other room
pub mod change_state; // a step of the workflow that somebody takes
pub mod event; // the history of a request
pub mod offer; // a partial grant

// Floor 4
pub mod change_point; // one thing that an instructor wants to be changed
pub mod provisioning; // what API managers open
pub mod rights; // who may do what
pub mod validation; // whether a request is complete

// Floor 3
pub mod diff; // what differs between two versions
pub mod policy; // what one API asks for

// Floor 2
pub mod decision_message; // the words that go with a decision
pub mod draft; // the request as written
pub mod mail; // the mails that people can do without
pub mod opinion; // what those who report on a request are asked
pub mod role_request; // somebody asks for a role, and is answered
pub mod stats; // the public figures

// Floor 1
pub mod audit; // the words of the audit log
pub mod field; // the key of one thing that is asked
pub mod queue; // how long a request has waited, and who takes care of it
pub mod text; // what people write to one another, as it is kept
pub mod transfer; // a request passes to a colleague
pub mod user; // users and their roles
pub mod webhook; // signed calls to the service of an API

// Floor 0
pub mod access; // the scopes of third-party tools
pub mod administration; // what waits for administrators
pub mod calendar; // working days
pub mod client; // OpenID clients
pub mod document; // files joined to a request
pub mod french; // what French does to a name in a sentence
pub mod message; // what applicants and instructors write to each other
pub mod organization; // organisations and what the register says of them
pub mod outbox; // what could not be delivered
pub mod problem; // the body of every error of the API
pub mod team_member; // the people that a request names
pub mod workflow; // (state, action) → state

/// Implements `Display`, `FromStr`, `ALL` and serde for a field-less enum from one table of its names on the wire.
///
/// One table instead of `serde(rename_all)` plus a hand-written `match`: the database, the URL, the JSON and the policy
/// files then spell a value the same way.
macro_rules! wire_enum {
    ($(#[doc = $doc:literal])+ $(#[derive($derive:ident)])? $vis:vis enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $wire:literal,)+ }) => {
        $(#[doc = $doc])+
        $(#[derive($derive)])?
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        $vis enum $name { $($(#[$variant_meta])* #[serde(rename = $wire)] $variant,)+ }

        impl $name {
            /// Every value, in the order of its declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name on the wire, in the database and in policy files.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $wire),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::Type::String)
                    .description(Some([$($doc.trim()),+].join(" ")))
                    .enum_values(Some(Self::ALL.iter().map(|value| value.as_str())))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}

        impl std::str::FromStr for $name {
            type Err = crate::UnknownName;

            fn from_str(name: &str) -> Result<Self, Self::Err> {
                match name { $($wire => Ok(Self::$variant),)+ _ => Err(crate::UnknownName(name.to_owned())) }
            }
        }
    };
}
pub(crate) use wire_enum;

/// Documents a type that is written as a string in JSON.
macro_rules! string_schema {
    ($name:ident, $description:literal, $example:literal) => {
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::Type::String)
                    .description(Some($description))
                    .examples([$example])
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}
pub(crate) use string_schema;

/// A name that no variant of the enum carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName(pub String);

impl std::fmt::Display for UnknownName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "nom inconnu\u{a0}: «\u{a0}{}\u{a0}»", self.0)
    }
}

impl std::error::Error for UnknownName {}
